package io.bloodnet.hl7.orderin;

import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.hl7.er7.Condition;
import io.bloodnet.hl7.er7.Er7Message;
import io.bloodnet.hl7.er7.Er7Segment;
import io.bloodnet.hl7.er7.MessageRefusedException;
import io.bloodnet.imaging.order.HemorrhageCodes;
import io.bloodnet.imaging.order.OrderEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** From ORU^R01 of other systems to "a human has reported". */
final class ReportEvents {

    private final Hl7Config.Site site;

    ReportEvents(Hl7Config.Site site) {
        this.site = site;
    }

    /** What the message reports. */
    List<Understood> of(Header header, Er7Message message, Instant receivedAt) {
        if (header.msh().text(3).equalsIgnoreCase(site.application())) {
            return List.of(Understood.of(new OrderEvent.NotForUs("our own result")));
        }
        List<Understood> reports = new ArrayList<>();
        for (OrderGroup group : OrderGroup.of(message)) {
            if (group.obr() != null) {
                reports.add(Understood.of(report(group, group.obr(), message, receivedAt)));
            }
        }
        if (reports.isEmpty()) {
            throw MessageRefusedException.of(Condition.REQUIRED_FIELD_MISSING, "OBR", "a report without OBR");
        }
        return reports;
    }

    private OrderEvent report(OrderGroup group, Er7Segment obr, Er7Message message, Instant receivedAt) {
        String status = obr.text(25);
        if (status.length() != 1) {
            throw MessageRefusedException.of(
                    Condition.REQUIRED_FIELD_MISSING, "OBR-25", "the report's status must be one letter of table 0123");
        }
        Instant at = Times.instant(obr.text(22), site.zone()).orElse(receivedAt);
        return new OrderEvent.HumanReport(
                OrderIdentity.of(group, site.accessionFields()).key(), status, at, hemorrhage(message));
    }

    /** What is coded: SNOMED CT or ICD-10 as a value is a yes; SNOMED CT as a question has an answer. */
    private static @Nullable Boolean hemorrhage(Er7Message message) {
        for (Er7Segment obx : message.all("OBX")) {
            boolean asked = obx.text(3).equals(HemorrhageCodes.HEMORRHAGE)
                    || obx.text(3, 4).equals(HemorrhageCodes.HEMORRHAGE);
            Boolean answer = asked ? HemorrhageCodes.answer(obx.text(5)) : null;
            if (answer != null) {
                return answer;
            }
            boolean coded = obx.text(2).equals("CE") || obx.text(2).equals("CWE");
            if (coded && HemorrhageCodes.names(obx.text(5))) {
                return true;
            }
        }
        return null;
    }
}
