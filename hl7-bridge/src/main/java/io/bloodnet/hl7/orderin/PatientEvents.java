package io.bloodnet.hl7.orderin;

import io.bloodnet.hl7.er7.Condition;
import io.bloodnet.hl7.er7.Er7Message;
import io.bloodnet.hl7.er7.Er7Segment;
import io.bloodnet.hl7.er7.MessageRefusedException;
import io.bloodnet.hl7.message.Fields;
import io.bloodnet.hl7.message.Header;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.Patient;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** From ADT messages to patient events. */
final class PatientEvents {

    private final PatientReader patients;

    PatientEvents(PatientReader patients) {
        this.patients = patients;
    }

    /** What the message says of its patients; events that we have no use for are recorded only. */
    List<Understood> of(Header header, Er7Message message) {
        return switch (header.event()) {
            case "A08", "A01", "A03", "A11" -> List.of(Understood.of(updated(message)));
            case "A40" -> merges(message);
            default -> List.of(Understood.of(new OrderEvent.NotForUs("ADT event without use here")));
        };
    }

    private OrderEvent updated(Er7Message message) {
        if (message.all("PID").size() > 1) {
            throw MessageRefusedException.of(
                    Condition.SEGMENT_SEQUENCE,
                    "PID",
                    "the message is about a second patient: send a message for each");
        }
        PatientReader.Known known = patients.patient(message.first("PID").orElse(null));
        if (known.doubt() != null) {
            return new OrderEvent.NotForUs(known.doubt()); // demographics of somebody who may be another
        }
        Er7Segment pv1 = message.first("PV1").orElse(null);
        return new OrderEvent.PatientUpdated(known.patient(), pv1 == null ? null : Fields.text(pv1, 2, 1));
    }

    /** ADT_A39: each PID with the MRG after it. */
    private List<Understood> merges(Er7Message message) {
        List<Understood> merges = new ArrayList<>();
        @Nullable Er7Segment pid = null;
        boolean mergedOne = false;
        for (Er7Segment segment : message.segments()) {
            switch (segment.name()) {
                case "PID" -> {
                    if (pid != null && !mergedOne) {
                        throw withoutMerge();
                    }
                    pid = segment;
                    mergedOne = false;
                }
                case "MRG" -> {
                    merges.add(Understood.of(merged(pid, segment)));
                    mergedOne = true;
                }
                default -> {} // MSH, PV1
            }
        }
        if (merges.isEmpty() || !mergedOne) {
            throw withoutMerge();
        }
        return merges;
    }

    private static MessageRefusedException withoutMerge() {
        return MessageRefusedException.of(Condition.REQUIRED_FIELD_MISSING, "MRG", "a merge without MRG");
    }

    private OrderEvent merged(@Nullable Er7Segment pid, Er7Segment mrg) {
        PatientReader.Known surviving = patients.patient(pid);
        if (surviving.doubt() != null) {
            throw MessageRefusedException.of(Condition.UNKNOWN_KEY, "PID-3", surviving.doubt());
        }
        Patient patient = surviving.patient();
        return new OrderEvent.PatientMerged(patients.prior(mrg), patient);
    }
}
