package io.bloodnet.hl7.orderin;

import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.hl7.er7.Condition;
import io.bloodnet.hl7.er7.MessageRefusedException;
import io.bloodnet.hl7.message.Envelope;
import io.bloodnet.hl7.message.Header;
import io.bloodnet.hl7.mllp.Peer;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderInbox;
import java.time.Instant;
import java.util.List;

/** From a message to what it says. Pure: reads nothing but the message. Safe for many threads. */
final class Interpreter {

    private final Hl7Config.Site site;
    private final OrderControlReader orders;
    private final PatientEvents patients;
    private final ReportEvents reports;

    Interpreter(Hl7Config.Site site) {
        this.site = site;
        PatientReader patientReader = new PatientReader(site);
        OrderReader orderReader = new OrderReader(site, patientReader);
        this.orders = new OrderControlReader(orderReader);
        this.patients = new PatientEvents(patientReader);
        this.reports = new ReportEvents(site, orderReader);
    }

    /** A message with its meaning. */
    record Interpretation(Header header, List<Understood> understood) {

        /** All events, in order. */
        List<OrderEvent> events() {
            return understood.stream().flatMap(u -> u.events().stream()).toList();
        }
    }

    /** @throws MessageRefusedException when the message cannot be taken */
    Interpretation interpret(Envelope envelope, Peer peer, Instant receivedAt) {
        envelope.header().check();
        checkType(envelope.header());
        Envelope.Decoded decoded = envelope.decode(site.defaultCharset());
        decoded.header().check();
        checkSender(decoded.header(), peer);
        Header header = decoded.header();
        List<Understood> understood = switch (header.type()) {
            case "ADT" -> patients.of(header, decoded.message());
            case "ORU" -> reports.of(header, decoded.message(), receivedAt);
            default -> orders.of(header, decoded.message(), receivedAt);
        };
        Interpretation interpretation = new Interpretation(header, understood);
        if (interpretation.events().size() > OrderInbox.EVENTS_MAX) {
            throw MessageRefusedException.of(
                    Condition.DATA_TYPE, null, "more than " + OrderInbox.EVENTS_MAX + " events in one message");
        }
        return interpretation;
    }

    private static void checkType(Header header) {
        String event = switch (header.type()) {
            case "ORM" -> "O01";
            case "OMG" -> "O19";
            case "OMI" -> "O23";
            case "ORU" -> "R01";
            case "ADT" -> header.event();
            default ->
                throw MessageRefusedException.of(
                        Condition.UNSUPPORTED_MESSAGE_TYPE,
                        "MSH-9",
                        "ORM^O01, OMG^O19, OMI^O23, ADT and ORU^R01 are taken");
        };
        boolean missing = header.event().isEmpty() && !header.type().equals("ORM"); // 2.1 had no ORM event
        if (missing || !header.event().isEmpty() && !header.event().equals(event)) {
            throw MessageRefusedException.of(
                    Condition.UNSUPPORTED_EVENT_CODE, "MSH-9", "of " + header.type() + " only " + event + " is taken");
        }
    }

    private void checkSender(Header header, Peer peer) {
        String application = header.msh().text(3);
        String facility = header.msh().text(4);
        boolean known = site.senders().isEmpty()
                || site.senders().stream()
                        .anyMatch(s -> s.application().equals(application)
                                && (s.facility() == null || s.facility().equals(facility))
                                && isCertificateOf(s, peer));
        if (!known) {
            throw MessageRefusedException.of(
                    Condition.TABLE_VALUE, "MSH-3", "this sender (MSH-3, MSH-4) is not allowed on this link");
        }
    }

    /** Whether the peer shows the sender's certificate, or the sender needs none. */
    static boolean isCertificateOf(Hl7Config.Sender sender, Peer peer) {
        String certificate = sender.certificate();
        return certificate == null
                || peer.certificateNames().stream().anyMatch(n -> n.equalsIgnoreCase(certificate.replace(":", "")))
                || peer.certificateNames().stream().anyMatch(certificate::equals);
    }
}
