package io.bloodnet.hl7.orderin;

import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.hl7.er7.Condition;
import io.bloodnet.hl7.er7.Er7Message;
import io.bloodnet.hl7.er7.Er7Segment;
import io.bloodnet.hl7.er7.MessageRefusedException;
import io.bloodnet.hl7.message.Header;
import io.bloodnet.hl7.message.OrderGroup;
import io.bloodnet.hl7.message.OrderGroups;
import io.bloodnet.hl7.message.Times;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * From ORU^R01 of other systems to "a human has reported". Each OBR says of its own study, its own patient and its own observations only
 * (HL7 v2.5.1 7.3.1); several OBR on one study of one patient are one report.
 */
final class ReportEvents {

    /** OBR-25 of a report that counts: final, corrected (table 0123). */
    private static final Set<String> FINAL = Set.of("F", "C");

    /** OBR-25 and OBX-11 of what is taken back: deleted, wrong, not to be had (tables 0085 and 0123). */
    private static final Set<String> TAKEN_BACK = Set.of("D", "W", "X");

    private static final String WRONG = "W";

    private final Hl7Config.Site site;
    private final OrderReader orders;

    ReportEvents(Hl7Config.Site site, OrderReader orders) {
        this.site = site;
        this.orders = orders;
    }

    /** What the message reports. @throws MessageRefusedException when it holds no report, or one without a status or a name */
    List<Understood> of(Header header, Er7Message message, Instant receivedAt) {
        if (header.msh().text(3).equalsIgnoreCase(site.application())) {
            return List.of(Understood.of(new OrderEvent.NotForUs("our own result")));
        }
        List<Study> studies = new ArrayList<>();
        List<Understood> others = new ArrayList<>();
        for (OrderGroup group : OrderGroups.ofReports(message)) {
            if (group.obr() == null) {
                continue;
            }
            if (orders.isOnOtherProcedure(group.obr())) {
                others.add(Understood.of(new OrderEvent.NotForUs("a report on a procedure that is not a head CT")));
            } else {
                add(studies, report(header, group, group.obr(), receivedAt));
            }
        }
        List<Understood> reports = new ArrayList<>();
        studies.forEach(study -> reports.add(Understood.of(study.event())));
        reports.addAll(others);
        if (reports.isEmpty()) {
            throw MessageRefusedException.of(Condition.REQUIRED_FIELD_MISSING, "OBR", "a report without OBR");
        }
        return reports;
    }

    /** What one OBR says. */
    private record Report(OrderKey key, @Nullable Er7Segment pid, String status, Instant at, List<Er7Segment> obx) {

        boolean isFinal() {
            return FINAL.contains(status) && !isTakenBack();
        }

        /** As a whole, or by what it observed: something of that is taken back and nothing is given. */
        boolean isTakenBack() {
            return TAKEN_BACK.contains(status)
                    || FINAL.contains(status)
                            && obx.stream().anyMatch(each -> TAKEN_BACK.contains(each.text(11)))
                            && obx.stream().noneMatch(HemorrhageAnswer::isGiven);
        }
    }

    /** All that a message says of one study. */
    private static final class Study {
        private final List<Report> reports = new ArrayList<>();

        Study(Report first) {
            reports.add(first);
        }

        boolean isOf(Report report) {
            Report first = reports.getFirst();
            return first.pid() == report.pid() && OrderIdentity.same(first.key(), report.key());
        }

        /** Final parts speak, and where there are none, those that are taken back; those that are not yet final do only when no other does. */
        OrderEvent event() {
            List<Report> said = reports.stream().filter(Report::isFinal).toList();
            List<Report> back = reports.stream().filter(Report::isTakenBack).toList();
            if (said.isEmpty() && !back.isEmpty()) {
                Report last = back.getLast();
                return new OrderEvent.HumanReport(last.key(), WRONG, last.at(), null);
            }
            said = said.isEmpty() ? reports : said;
            Report last = said.getLast();
            List<Er7Segment> obx = said.stream().flatMap(r -> r.obx().stream()).toList();
            return new OrderEvent.HumanReport(last.key(), last.status(), last.at(), HemorrhageAnswer.of(obx));
        }
    }

    private static void add(List<Study> studies, Report report) {
        for (Study study : studies) {
            if (study.isOf(report)) {
                study.reports.add(report);
                return;
            }
        }
        studies.add(new Study(report));
    }

    private Report report(Header header, OrderGroup group, Er7Segment obr, Instant receivedAt) {
        String status = obr.text(25);
        if (status.length() != 1) {
            throw MessageRefusedException.of(
                    Condition.REQUIRED_FIELD_MISSING, "OBR-25", "the report's status must be one letter of table 0123");
        }
        Instant at = Times.instant(obr.text(22), header.zone(site.zone()))
                .filter(said -> said.isBefore(receivedAt)) // a clock that is ahead would outlast every correction
                .orElse(receivedAt);
        return new Report(orders.identity(group).key(), group.pid(), status, at, group.obx());
    }
}
