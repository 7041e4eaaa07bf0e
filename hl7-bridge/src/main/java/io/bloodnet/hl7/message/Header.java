package io.bloodnet.hl7.message;

import io.bloodnet.hl7.er7.Condition;
import io.bloodnet.hl7.er7.Er7Segment;
import io.bloodnet.hl7.er7.MessageCharset;
import io.bloodnet.hl7.er7.MessageRefusedException;
import java.time.ZoneId;
import java.util.Locale;
import java.util.Set;

/**
 * What MSH says.
 *
 * @param msh the segment itself, for what replies echo
 * @param sender MSH-3 and MSH-4 as {@code RIS|HOSP}; {@code unknown} when both are empty
 * @param type MSH-9.1
 * @param event MSH-9.2
 * @param controlId MSH-10
 * @param processingId MSH-11.1
 * @param version MSH-12.1
 * @param sequence MSH-13, empty when unused
 * @param accept MSH-15
 * @param application MSH-16
 * @param charset what the message is decoded in
 */
public record Header(
        Er7Segment msh,
        String sender,
        String type,
        String event,
        String controlId,
        String processingId,
        String version,
        String sequence,
        Wanted accept,
        Wanted application,
        MessageCharset charset) {

    /** Longest MSH-10, as HL7 2.7 has it; before it was 20. */
    public static final int CONTROL_ID_MAX = 199;
    /** Longest MSH-3 and MSH-4, each. */
    static final int SENDER_PART_MAX = 120;

    /** HL7 table 0103 with the additions of 2.7. */
    private static final Set<String> PROCESSING_IDS = Set.of("P", "T", "D", "N", "V");

    private static final int TYPE_MAX = 60;
    private static final String UNKNOWN = "unknown";
    private static final int NO_VERSION = -1;

    /** When an acknowledgement is wanted (HL7 table 0155). */
    public enum Wanted {
        /** MSH-15 or MSH-16 is empty. */
        UNSAID,
        /** AL. */
        ALWAYS,
        /** NE. */
        NEVER,
        /** ER: when it is refused. */
        ON_ERROR,
        /** SU: when it is taken. */
        ON_SUCCESS;

        static Wanted of(String code) {
            return switch (code.toUpperCase(Locale.ROOT)) {
                case "" -> UNSAID;
                case "NE" -> NEVER;
                case "ER" -> ON_ERROR;
                case "SU" -> ON_SUCCESS;
                default -> ALWAYS;
            };
        }

        public boolean wants(boolean success) {
            return switch (this) {
                case ALWAYS -> true;
                case ON_SUCCESS -> success;
                case ON_ERROR -> !success;
                case NEVER, UNSAID -> false;
            };
        }
    }

    static Header of(Er7Segment msh, MessageCharset charset) {
        return new Header(
                msh,
                sender(msh),
                msh.text(9),
                msh.text(9, 2),
                msh.text(10),
                msh.text(11),
                msh.text(12),
                msh.text(13),
                Wanted.of(msh.text(15)),
                Wanted.of(msh.text(16)),
                charset);
    }

    /** The same header of a message that is decoded in this character set; read again only when that changes its text. */
    Header in(MessageCharset decoded, Er7Segment text) {
        return text.line().equals(msh.line())
                ? new Header(
                        msh,
                        sender,
                        type,
                        event,
                        controlId,
                        processingId,
                        version,
                        sequence,
                        accept,
                        application,
                        decoded)
                : of(text, decoded);
    }

    /** Type and event as {@code ORM^O01}; {@code unknown} when they are nothing that fits a record. */
    public String messageType() {
        String all = event.isEmpty() ? type : type + "^" + event;
        return all.isEmpty() || all.length() > TYPE_MAX || hasControl(all) ? UNKNOWN : all;
    }

    /** MSH-10; empty when it is beyond its limit: then it is neither recorded nor echoed. */
    public String soundControlId() {
        return controlId.length() > CONTROL_ID_MAX || hasControl(controlId) ? "" : controlId;
    }

    /** The sender; {@code unknown} when beyond its limit. */
    public String soundSender() {
        return sender.length() > 2 * SENDER_PART_MAX || hasControl(sender) ? UNKNOWN : sender;
    }

    /** An acknowledgement is never answered, or two systems would answer each other for ever. */
    public boolean isAcknowledgement() {
        return type.equals("ACK") || type.equals("MCF");
    }

    /** Enhanced mode (HL7 v2.5.1 2.9.3): MSH-15 or MSH-16 is there. */
    public boolean enhanced() {
        return accept != Wanted.UNSAID || application != Wanted.UNSAID;
    }

    /**
     * The zone of times without an offset (HL7 v2.5.1 2.A.22): the offset of MSH-7, else the site's.
     *
     * @param site of senders that say none
     */
    public ZoneId zone(ZoneId site) {
        return Times.offset(msh.text(7)).map(ZoneId.class::cast).orElse(site);
    }

    /** Whether the version is before 2.{@code minor}; an odd version counts as new. */
    public boolean before(int minor) {
        int said = minor(version);
        return said != NO_VERSION && said < minor;
    }

    /** MSH-12, or 2.5.1 when it is no version of HL7 v2. */
    public String soundVersion() {
        return minor(version) == NO_VERSION ? "2.5.1" : version;
    }

    /** The second number of 2.n or 2.n.m, one or two digits each; {@link #NO_VERSION} for anything else. */
    private static int minor(String version) {
        if (!version.startsWith("2.")) {
            return NO_VERSION;
        }
        int dot = version.indexOf('.', 2);
        String minor = version.substring(2, dot < 0 ? version.length() : dot);
        boolean sound = isShortNumber(minor) && (dot < 0 || isShortNumber(version.substring(dot + 1)));
        return sound ? Integer.parseInt(minor) : NO_VERSION;
    }

    private static boolean isShortNumber(String text) {
        return (text.length() == 1 || text.length() == 2) && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /** MSH-11, or P when it is no processing id. */
    public String soundProcessingId() {
        return PROCESSING_IDS.contains(processingId) ? processingId : "P";
    }

    /** @throws MessageRefusedException when a field that every message needs is missing or beyond its limit */
    public void check() {
        if (controlId.isEmpty()) {
            throw refuse(Condition.REQUIRED_FIELD_MISSING, "MSH-10", "the message has no control id");
        }
        if (soundControlId().isEmpty()) {
            throw refuse(
                    Condition.DATA_TYPE,
                    "MSH-10",
                    "the control id has " + controlId.length() + " characters, the limit is " + CONTROL_ID_MAX
                            + ", printable only");
        }
        if (!soundSender().equals(sender)) {
            throw refuse(
                    Condition.DATA_TYPE, "MSH-3", "MSH-3 and MSH-4 are over " + SENDER_PART_MAX + " characters each");
        }
        if (minor(version) == NO_VERSION) {
            throw refuse(Condition.UNSUPPORTED_VERSION, "MSH-12", "versions 2.1 to 2.9 are taken");
        }
        if (!PROCESSING_IDS.contains(processingId)) {
            throw refuse(Condition.UNSUPPORTED_PROCESSING_ID, "MSH-11", "processing ids P, T, D, N and V are taken");
        }
    }

    private static String sender(Er7Segment msh) {
        String both = hierarchic(msh, 3) + "|" + hierarchic(msh, 4);
        return both.equals("|") ? UNKNOWN : both;
    }

    private static String hierarchic(Er7Segment msh, int field) {
        String universalId = msh.text(field, 2);
        String idType = msh.text(field, 3);
        String tail = idType.isEmpty() ? universalId : universalId + "^" + idType;
        return tail.isEmpty() ? msh.text(field) : msh.text(field) + "^" + tail;
    }

    private static boolean hasControl(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    private static MessageRefusedException refuse(Condition condition, String location, String text) {
        return MessageRefusedException.of(condition, location, text);
    }
}
