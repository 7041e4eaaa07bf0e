package io.bloodnet.hl7.orderin;

import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.hl7.er7.Condition;
import io.bloodnet.hl7.er7.MessageRefusedException;
import io.bloodnet.hl7.er7.Refusal;
import io.bloodnet.hl7.message.Batch;
import io.bloodnet.hl7.message.Envelope;
import io.bloodnet.hl7.message.Header;
import io.bloodnet.hl7.mllp.Peer;
import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.imaging.order.Patient;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Says to a person what a message means, by the very code that decides it. */
public final class Explanation {

    private Explanation() {}

    /** What the message says, whether it would be taken, and the answer. */
    public static String of(byte[] message, Hl7Config.Site site, Instant now) {
        if (Batch.begins(message)) {
            return batch(message, site, now);
        }
        StringBuilder text = new StringBuilder();
        Header header = null;
        ReplyWriter replies = new ReplyWriter(site);
        try {
            Envelope envelope = Envelope.open(message);
            header = envelope.header();
            if (header.isAcknowledgement()) {
                return "an acknowledgement: recorded, never answered\n";
            }
            Interpreter.Interpretation read =
                    new Interpreter(site).interpret(envelope, new Peer("this machine", List.of()), now);
            header = read.header();
            about(text, header);
            text.append("accepted\n");
            read.events().forEach(e -> text.append("  ").append(event(e)).append('\n'));
            List<OrderEvent.Outcome> done = read.events().stream()
                    .map(e -> (OrderEvent.Outcome) new OrderEvent.Outcome.Applied("none"))
                    .toList();
            text.append("answer\n").append(lines(replies.accepted(header, read.understood(), done, now, "")));
        } catch (MessageRefusedException e) {
            refused(text, header, e.refusal());
            text.append("answer\n")
                    .append(lines(
                            header == null
                                    ? replies.unreadable(e.refusal(), now)
                                    : replies.refused(header, e.refusal(), now, "")));
        }
        return text.toString();
    }

    /** MSH-10. @throws MessageRefusedException when there is none */
    public static String controlId(byte[] message) {
        String id = Envelope.open(message).header().soundControlId();
        if (id.isEmpty()) {
            throw MessageRefusedException.of(
                    Condition.REQUIRED_FIELD_MISSING, "MSH-10", "the message has no control id");
        }
        return id;
    }

    /** Segments on lines of their own, indented. */
    public static String lines(String message) {
        String[] segments = message.split("[\r\n]+");
        return message.isEmpty() ? "  none\n" : "  " + String.join("\n  ", segments) + "\n";
    }

    private static String batch(byte[] bytes, Hl7Config.Site site, Instant now) {
        StringBuilder text = new StringBuilder();
        try {
            List<Batch> batches = Batch.open(bytes);
            List<byte[]> messages =
                    batches.stream().flatMap(b -> b.messages().stream()).toList();
            text.append(batches.size() == 1 ? "a batch of " : batches.size() + " batches of together ")
                    .append(messages.size())
                    .append(" messages\n");
            for (int i = 0; i < messages.size(); i++) {
                text.append("\nmessage ").append(i + 1).append('\n').append(of(messages.get(i), site, now));
            }
        } catch (MessageRefusedException e) {
            refused(text, null, e.refusal());
        }
        return text.toString();
    }

    private static void about(StringBuilder text, Header header) {
        text.append(header.messageType())
                .append(' ')
                .append(header.soundVersion())
                .append(" from ")
                .append(header.soundSender())
                .append(", control id ")
                .append(header.soundControlId())
                .append(", processing id ")
                .append(header.soundProcessingId())
                .append(", read as ")
                .append(header.charset())
                .append(header.enhanced() ? ", enhanced mode\n" : ", original mode\n");
    }

    private static void refused(StringBuilder text, @Nullable Header header, Refusal refusal) {
        if (header != null) {
            about(text, header);
        }
        text.append("refused: ")
                .append(refusal.location() == null ? "" : refusal.location() + ", ")
                .append(refusal.text())
                .append(" (")
                .append(refusal.condition().code())
                .append(' ')
                .append(refusal.condition().text())
                .append(")\n");
    }

    private static String event(OrderEvent event) {
        return switch (event) {
            case OrderEvent.Placed(ImagingOrder order, String hold) -> "new order: " + order(order) + hold(hold);
            case OrderEvent.Updated(ImagingOrder order) -> "changed order: " + order(order);
            case OrderEvent.Cancelled(OrderKey key, String reason) -> "cancel " + key(key) + ": " + reason;
            case OrderEvent.Held(OrderKey key, String reason) -> "hold " + key(key) + ": " + reason;
            case OrderEvent.Released(OrderKey key) -> "release " + key(key);
            case OrderEvent.ImagesComplete(OrderKey key, Integer instances) -> "all images are there: " + key(key);
            case OrderEvent.Replaced(OrderKey old, ImagingOrder replacement, String hold) ->
                "replace " + key(old) + " by " + order(replacement) + hold(hold);
            case OrderEvent.PatientMerged(var prior, Patient surviving) ->
                "merge patient " + prior.value() + " into " + patient(surviving);
            case OrderEvent.PatientUpdated(Patient patient, String patientClass) ->
                "patient " + patient(patient) + (patientClass == null ? "" : ", class " + patientClass);
            case OrderEvent.HumanReport(OrderKey key, String status, Instant at, Boolean says, String report) ->
                "a human's report, status " + status + ", at " + at + " on " + key(key)
                        + (says == null ? "" : says ? ", says hemorrhage" : ", says no hemorrhage");
            case OrderEvent.NotForUs(String reason) -> "recorded only: " + reason;
        };
    }

    private static String hold(@Nullable String why) {
        return why == null ? "" : "\n    ON HOLD: " + why;
    }

    private static String order(ImagingOrder order) {
        String code = order.procedure().codings().isEmpty()
                ? "no code"
                : order.procedure().codings().getFirst().code();
        return key(order.key()) + "; " + code + ", " + order.priority() + "; patient " + patient(order.patient())
                + (order.patientClass() == null ? "" : ", class " + order.patientClass());
    }

    private static String key(OrderKey key) {
        StringBuilder text = new StringBuilder();
        part(text, "accession", key.accession());
        part(text, "study", key.studyUid());
        part(text, "placer", numbered(key.placerNumber(), key.placerNamespace()));
        part(text, "filler", numbered(key.fillerNumber(), key.fillerNamespace()));
        if (key.patient() != null) {
            part(text, "patient", key.patient().value());
        }
        return text.toString();
    }

    private static @Nullable String numbered(@Nullable String number, @Nullable String namespace) {
        return number == null || namespace == null ? number : number + " (" + namespace + ")";
    }

    private static void part(StringBuilder text, String name, @Nullable Object value) {
        if (value != null) {
            text.append(text.isEmpty() ? "" : ", ").append(name).append(' ').append(value);
        }
    }

    private static String patient(Patient patient) {
        StringBuilder text = new StringBuilder(patient.id().value());
        if (patient.id().assigner() != null) {
            text.append(" (").append(patient.id().assigner()).append(')');
        }
        if (patient.familyName() != null) {
            text.append(' ').append(patient.familyName());
        }
        if (patient.givenName() != null) {
            text.append(' ').append(patient.givenName());
        }
        if (patient.birthDate() != null) {
            text.append(" born ").append(patient.birthDate());
        }
        return text.append(", ").append(patient.sex()).toString();
    }
}
