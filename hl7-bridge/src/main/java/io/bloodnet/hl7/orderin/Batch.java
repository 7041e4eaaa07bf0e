package io.bloodnet.hl7.orderin;

import io.bloodnet.hl7.er7.Condition;
import io.bloodnet.hl7.er7.MessageRefusedException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A batch (HL7 v2.5.1 2.10.3): [FHS] BHS, messages, BTS [FTS], in one frame.
 *
 * @param header BHS as text
 * @param messages the messages' bytes, each from its MSH on
 */
record Batch(String header, List<byte[]> messages) {

    /** Most messages in one batch. */
    static final int MESSAGES_MAX = 500;
    /** Letters of a segment's name; the field separator follows. */
    private static final int NAME_LENGTH = 3;

    Batch {
        messages = List.copyOf(messages);
    }

    /** Whether the bytes begin as a batch does. */
    static boolean begins(byte[] bytes) {
        return startsWith(bytes, 0, "BHS") || startsWith(bytes, 0, "FHS");
    }

    /** @throws MessageRefusedException when it has no end, or another number of messages than its end says */
    static Batch open(byte[] bytes) {
        List<byte[]> messages = new ArrayList<>();
        String header = "";
        String trailer = "";
        int message = -1;
        for (int start = 0; start < bytes.length; start = lineEnd(bytes, start) + 1) {
            boolean begin = startsWith(bytes, start, "MSH");
            boolean frame = startsWith(bytes, start, "BHS") || startsWith(bytes, start, "BTS");
            if (message >= 0 && (begin || frame)) {
                messages.add(Arrays.copyOfRange(bytes, message, start));
                message = -1;
            }
            if (begin) {
                message = start;
            } else if (startsWith(bytes, start, "BHS")) {
                header = header.isEmpty() ? line(bytes, start) : refuseSecond();
            } else if (startsWith(bytes, start, "BTS")) {
                trailer = line(bytes, start);
            }
            if (messages.size() > MESSAGES_MAX) {
                throw refuse("the batch has more than " + MESSAGES_MAX + " messages");
            }
        }
        if (header.isEmpty() || trailer.isEmpty() || message >= 0) {
            throw refuse("a batch must have BHS at its begin and BTS at its end");
        }
        if (header.length() == NAME_LENGTH) {
            throw MessageRefusedException.of(
                    Condition.REQUIRED_FIELD_MISSING, "BHS-1", "BHS-1, the field separator, is missing");
        }
        checkCount(header, trailer, messages.size());
        return new Batch(header, messages);
    }

    private static void checkCount(String header, String trailer, int count) {
        String[] fields =
                trailer.split(java.util.regex.Pattern.quote(header.substring(NAME_LENGTH, NAME_LENGTH + 1)), -1);
        String said = fields.length > 1 ? fields[1].strip() : "";
        if (!said.isEmpty() && !said.equals(String.valueOf(count))) {
            throw MessageRefusedException.of(
                    Condition.DATA_TYPE, "BTS-1", "BTS-1 is not the number of messages, which is " + count);
        }
    }

    private static String refuseSecond() {
        throw refuse("one frame holds one batch");
    }

    private static String line(byte[] bytes, int start) {
        return new String(bytes, start, lineEnd(bytes, start) - start, StandardCharsets.ISO_8859_1);
    }

    private static int lineEnd(byte[] bytes, int start) {
        int i = start;
        while (i < bytes.length && bytes[i] != '\r') {
            i++;
        }
        return i;
    }

    private static boolean startsWith(byte[] bytes, int at, String name) {
        return bytes.length > at + 3
                && bytes[at] == name.charAt(0)
                && bytes[at + 1] == name.charAt(1)
                && bytes[at + 2] == name.charAt(2);
    }

    private static MessageRefusedException refuse(String text) {
        return MessageRefusedException.of(Condition.SEGMENT_SEQUENCE, null, text);
    }
}
