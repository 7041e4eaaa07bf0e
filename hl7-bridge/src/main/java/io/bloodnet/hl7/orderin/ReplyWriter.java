package io.bloodnet.hl7.orderin;

import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.hl7.er7.Condition;
import io.bloodnet.hl7.er7.Er7Segment;
import io.bloodnet.hl7.er7.Refusal;
import io.bloodnet.hl7.er7.SegmentText;
import io.bloodnet.hl7.message.Header;
import io.bloodnet.hl7.message.OrderControl;
import io.bloodnet.hl7.message.OrderGroup;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.peer.Sha256;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes acknowledgements (HL7 v2.5.1 2.9). Original mode: one, AA, AE or AR. Enhanced mode: CA, CE or CR as MSH-15 wants it, and AA, AE or
 * AR in a message of its own as MSH-16 wants it. A reply of several messages is one text with {@link #BETWEEN} between them: CR ends
 * segments and content is escaped, so that LF can stand for nothing else.
 */
final class ReplyWriter {

    /** Between the messages of one stored reply. */
    static final String BETWEEN = "\n";

    private static final int ECHOED_COMPONENTS = 6;
    private static final int ECHOED_SETS = 20;
    private static final int MSA_TEXT_MAX = 80;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMddHHmmssxx");

    private final Hl7Config.Site site;

    ReplyWriter(Hl7Config.Site site) {
        this.site = site;
    }

    /** The message was taken; {@code expected} goes to MSA-4. */
    String accepted(
            Header header,
            List<Understood> understood,
            List<OrderEvent.Outcome> outcomes,
            Instant at,
            String expected) {
        List<String> messages = new ArrayList<>();
        if (header.accept().wants(true)) {
            messages.add(start(header, "ACK", "CA", at) + msa(header, "CA", null, expected));
        }
        if (!header.enhanced() || header.application().wants(true)) {
            String kind = kind(header);
            StringBuilder text = new StringBuilder(start(header, kind, "AA", at));
            text.append(msa(header, "AA", null, expected));
            int next = 0;
            StringBuilder orders = new StringBuilder();
            for (Understood u : understood) {
                boolean unable = outcomes.get(next) instanceof OrderEvent.Outcome.Unable;
                if (unable) {
                    text.append(warning(header));
                }
                if (!kind.equals("ACK")) {
                    orders.append(orders(u, unable, kind));
                }
                next += u.events().size();
            }
            messages.add(text.append(orders).toString());
        }
        return String.join(BETWEEN, messages);
    }

    /** The message was not taken. */
    String refused(Header header, Refusal refusal, Instant at, String expected) {
        boolean commit = header.enhanced() && header.accept().wants(false);
        if (header.enhanced() && !commit && !header.application().wants(false)) {
            return "";
        }
        String code = (commit ? "C" : "A") + (refusal.tryAgain() ? "E" : "R");
        return start(header, commit ? "ACK" : kind(header), code, at)
                + msa(header, code, refusal, expected)
                + error(header, refusal, "E");
    }

    /** Something that is no message was not taken: no control id is known, and none is invented. */
    String unreadable(Refusal refusal, Instant at) {
        String code = refusal.tryAgain() ? "AE" : "AR";
        String id = controlId("unreadable", refusal.code(), at);
        return SegmentText.of("MSH")
                        .field(3, site.application())
                        .field(4, site.facility())
                        .field(7, time(at))
                        .field(9, "ACK")
                        .field(10, id)
                        .field(11, "P")
                        .field(12, "2.5.1")
                        .toString()
                + SegmentText.of("MSA").field(1, code).field(3, cut(refusal.text()))
                + errorSegment(refusal, "E");
    }

    /** The messages of a stored reply, in bytes. */
    static List<byte[]> messages(String reply, Header header) {
        return reply.isEmpty()
                ? List.of()
                : Arrays.stream(reply.split(BETWEEN))
                        .map(header.charset()::encode)
                        .toList();
    }

    private String start(Header header, String kind, String code, Instant at) {
        Er7Segment msh = header.msh();
        SegmentText reply = SegmentText.of("MSH");
        reply.escaped(3, msh.text(5).isEmpty() ? SegmentText.escape(site.application()) : echo(msh, 5));
        reply.escaped(4, msh.text(6).isEmpty() ? SegmentText.escape(site.facility()) : echo(msh, 6));
        reply.escaped(5, echo(msh, 3));
        reply.escaped(6, echo(msh, 4));
        reply.field(7, time(at));
        reply.field(9, messageType(header, kind));
        reply.field(10, controlId(code, header.sender() + "\n" + header.controlId(), at));
        reply.field(11, header.soundProcessingId());
        reply.field(12, header.soundVersion());
        if (header.enhanced()) {
            reply.field(15, "NE").field(16, "NE"); // nobody acknowledges an acknowledgement
        }
        charsets(reply, msh);
        return reply.toString();
    }

    /** The answer is in the message's own character sets. */
    private static void charsets(SegmentText reply, Er7Segment msh) {
        int sets = Math.min(msh.repetitions(18), ECHOED_SETS);
        if (sets < 2) {
            reply.field(18, msh.text(18));
            return;
        }
        for (int i = 0; i < sets; i++) {
            reply.repetition(18, msh.text(18, i, 1, 1));
        }
        reply.field(20, msh.text(20));
    }

    private static String[] messageType(Header header, String kind) {
        return switch (kind) {
            case "ORI" -> new String[] {"ORI", "O24", "ORI_O24"};
            case "ORG" -> new String[] {"ORG", "O20", "ORG_O20"};
            case "ORR" -> header.before(4) ? new String[] {"ORR", "O02"} : new String[] {"ORR", "O02", "ORR_O02"};
            default ->
                header.before(4) || header.event().isEmpty()
                        ? new String[] {"ACK", header.event()}
                        : new String[] {"ACK", header.event(), "ACK"};
        };
    }

    /** What answers an order as an application. */
    private String kind(Header header) {
        return switch (header.type()) {
            case "OMI" -> "ORI";
            case "OMG" -> "ORG";
            case "ORM" -> site.orrReplies() ? "ORR" : "ACK";
            default -> "ACK";
        };
    }

    private static String msa(Header header, String code, @Nullable Refusal refusal, String expected) {
        return SegmentText.of("MSA")
                .field(1, code)
                .field(2, header.soundControlId())
                .field(3, refusal == null ? "" : cut(refusal.text()))
                .field(4, expected)
                .toString();
    }

    private static String error(Header header, Refusal refusal, String severity) {
        if (!header.before(5)) {
            return errorSegment(refusal, severity);
        }
        String location = refusal.location() == null ? "" : refusal.location();
        int dash = location.indexOf('-');
        return SegmentText.of("ERR")
                .subcomponents(
                        1,
                        List.of(
                                dash < 0 ? location : location.substring(0, dash),
                                location.isEmpty() ? "" : "1",
                                dash < 0 ? "" : location.substring(dash + 1)),
                        String.valueOf(refusal.condition().code()),
                        refusal.condition().text(),
                        "HL70357")
                .toString();
    }

    private static String errorSegment(Refusal refusal, String severity) {
        SegmentText err = SegmentText.of("ERR");
        if (refusal.location() != null) {
            int dash = refusal.location().indexOf('-');
            err.field(
                    2,
                    dash < 0 ? refusal.location() : refusal.location().substring(0, dash),
                    "1",
                    dash < 0 ? "" : refusal.location().substring(dash + 1));
        }
        return err.field(
                        3,
                        String.valueOf(refusal.condition().code()),
                        refusal.condition().text(),
                        "HL70357")
                .field(4, severity)
                .field(8, refusal.text())
                .toString();
    }

    private static String warning(Header header) {
        Refusal tooLate = Refusal.of(Condition.RECORD_LOCKED, "ORC-1", "too late, or not in the order's state");
        return error(header, tooLate, "W");
    }

    /** The orders as they now are: ORC with the answer, OBR and IPC as they came. */
    private static String orders(Understood understood, boolean unable, String kind) {
        OrderControl control = understood.control();
        StringBuilder text = new StringBuilder();
        for (OrderGroup group : understood.groups()) {
            SegmentText orc = SegmentText.of("ORC");
            if (control != null) {
                orc.field(1, unable ? control.unable() : control.done());
            }
            if (group.orc() != null) {
                orc.escaped(2, echo(group.orc(), 2)).escaped(3, echo(group.orc(), 3));
            }
            text.append(orc);
            Er7Segment obr = group.obr();
            if (obr != null) {
                text.append(echo(obr, 1, 2, 3, 4));
            }
            if (kind.equals("ORI")) {
                group.ipc().forEach(ipc -> text.append(echo(ipc, 1, 2, 3, 4, 5)));
            }
        }
        return text.toString();
    }

    private static SegmentText echo(Er7Segment segment, int... fields) {
        SegmentText text = SegmentText.of(segment.name());
        for (int field : fields) {
            text.escaped(field, echo(segment, field));
        }
        return text;
    }

    /** As it came: what is said back is what was said. */
    private static String echo(Er7Segment segment, int field) {
        return segment.encoded(field, ECHOED_COMPONENTS);
    }

    private String time(Instant at) {
        return TIME.format(at.atZone(site.zone()));
    }

    private static String cut(String text) {
        return text.length() <= MSA_TEXT_MAX ? text : text.substring(0, MSA_TEXT_MAX);
    }

    /** 20 characters that follow from the message: a reply written again is the same reply. */
    private static String controlId(String code, String about, Instant at) {
        return HexFormat.of().withUpperCase().formatHex(Sha256.of(code + "\n" + about + "\n" + at), 0, 10);
    }
}
