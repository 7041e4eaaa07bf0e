package io.bloodnet.audit.atna;

import io.bloodnet.audit.store.AuditEntry;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** A syslog message (RFC 5424) as ITI-20 wants it, in the framing of RFC 5425: its length in bytes, a space, the message. */
final class SyslogFrame {

    /** Every receiver takes messages of this size (PS3.15 A.6); longer ones go without the entry's line. */
    static final int BYTES_MAX = 32_768;

    /** Facility 10, security; severity 5, normal but significant. */
    private static final int NOTICE = 85;
    /** Severity 4: something failed. */
    private static final int WARNING = 84;

    private static final String BOM = "\uFEFF";
    private static final int NAME_CHARS_MAX = 48;

    private SyslogFrame() {}

    /** @param host this machine's name, of printable ASCII */
    static byte[] of(String origin, String host, AuditEntry entry) {
        byte[] message = message(origin, host, entry, true);
        if (message.length > BYTES_MAX) {
            message = message(origin, host, entry, false);
        }
        ByteArrayOutputStream frame = new ByteArrayOutputStream(message.length + 8);
        frame.writeBytes((message.length + " ").getBytes(StandardCharsets.US_ASCII));
        frame.writeBytes(message);
        return frame.toByteArray();
    }

    private static byte[] message(String origin, String host, AuditEntry entry, boolean withLine) {
        int priority = AuditMessage.outcome(entry.fields()) == 0 ? NOTICE : WARNING;
        String header = "<" + priority + ">1 " + entry.fields().happenedAt() + " " + name(host)
                + " BloodNet-CDS - IHE+RFC-3881 - ";
        return (header + BOM + AuditMessage.of(origin, entry, withLine)).getBytes(StandardCharsets.UTF_8);
    }

    /** RFC 5424 6.2.4 and 6.2.5: printable ASCII without spaces; a dash for nothing. */
    private static String name(String text) {
        String printable = text.replaceAll("[^!-~]", "");
        return printable.isEmpty() ? "-" : printable.substring(0, Math.min(NAME_CHARS_MAX, printable.length()));
    }
}
