package io.bloodnet.hl7.message;

import io.bloodnet.hl7.er7.Condition;
import io.bloodnet.hl7.er7.MessageRefusedException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A batch (HL7 v2.5.1 2.10.3) of those that one frame holds: {@code [FHS] {[BHS] {messages} [BTS]} [FTS]}. What is left out must leave no
 * doubt whether the file is whole: a batch begun with BHS ends with BTS, messages without BHS stand between FHS and FTS.
 *
 * @param header BHS as text, FHS where there is no BHS
 * @param messages the messages' bytes, each from its MSH on
 */
public record Batch(String header, List<byte[]> messages) {

    /** Most messages in one frame. */
    static final int MESSAGES_MAX = 500;
    /** Letters of a segment's name; the field separator follows. */
    private static final int NAME_LENGTH = 3;

    public Batch {
        messages = List.copyOf(messages);
    }

    /** Whether the bytes begin as a batch or a file of batches does. */
    public static boolean begins(byte[] bytes) {
        return startsWith(bytes, 0, "BHS") || startsWith(bytes, 0, "FHS");
    }

    /** @throws MessageRefusedException when it has no end, or another number of messages or batches than its end says */
    public static List<Batch> open(byte[] bytes) {
        return new Reader(bytes).read();
    }

    /** Reads one frame's bytes, line by line. */
    private static final class Reader {
        private final byte[] bytes;
        private final List<Batch> batches = new ArrayList<>();
        private int total;
        private @Nullable String file;
        private boolean fileEnded;
        private @Nullable String open;
        private List<byte[]> messages = new ArrayList<>();
        private int message = -1;

        Reader(byte[] bytes) {
            this.bytes = bytes;
        }

        List<Batch> read() {
            for (int start = 0; start < bytes.length; start = lineEnd(start) + 1) {
                int at = bytes[start] == '\n' ? start + 1 : start;
                if (!line(at).isBlank()) {
                    line(at, name(at));
                }
            }
            if (open != null || batches.isEmpty()) {
                throw refuse("a batch must have BHS at its begin and BTS at its end, or FHS and FTS around it");
            }
            return List.copyOf(batches);
        }

        private void line(int at, String name) {
            if (fileEnded) {
                throw refuse("something follows FTS");
            }
            switch (name) {
                case "FHS" -> {
                    if (at != 0) {
                        throw refuse("FHS in the middle of a file");
                    }
                    file = header(at);
                }
                case "BHS" -> {
                    endMessage(at);
                    if (open != null) {
                        throw refuse("a BHS before the BTS of the batch before it");
                    }
                    open = header(at);
                }
                case "MSH" -> {
                    endMessage(at);
                    beginMessage(at);
                }
                case "BTS" -> {
                    endMessage(at);
                    endBatch(line(at));
                }
                case "FTS" -> {
                    endMessage(at);
                    endFile(line(at));
                }
                default -> {
                    if (message < 0) {
                        throw refuse("a line that belongs to no message");
                    }
                }
            }
        }

        private void beginMessage(int at) {
            if (open == null) {
                if (file == null) {
                    throw refuse("a message outside of a batch");
                }
                open = file;
            }
            if (++total > MESSAGES_MAX) {
                throw refuse("the batch has more than " + MESSAGES_MAX + " messages");
            }
            message = at;
        }

        private void endMessage(int at) {
            if (message >= 0) {
                messages.add(Arrays.copyOfRange(bytes, message, at));
                message = -1;
            }
        }

        private void endBatch(String trailer) {
            if (open == null) {
                throw refuse("a BTS without a batch");
            }
            if (!says(trailer, open, messages.size())) {
                throw MessageRefusedException.of(
                        Condition.DATA_TYPE,
                        "BTS-1",
                        "BTS-1 is not the number of messages, which is " + messages.size());
            }
            batches.add(new Batch(open, messages));
            messages = new ArrayList<>();
            open = null;
        }

        /** FTS-1 counts batches; senders that count messages there mean well too. */
        private void endFile(String trailer) {
            String begin = file;
            if (begin == null) {
                throw refuse("an FTS without FHS");
            }
            if (open != null && open.equals(begin)) {
                batches.add(new Batch(begin, messages));
                messages = new ArrayList<>();
                open = null;
            }
            if (!says(trailer, begin, batches.size()) && !says(trailer, begin, total)) {
                throw MessageRefusedException.of(
                        Condition.DATA_TYPE, "FTS-1", "FTS-1 is not the number of batches, which is " + batches.size());
            }
            fileEnded = true;
        }

        private String header(int at) {
            String header = line(at);
            if (header.length() == NAME_LENGTH) {
                throw MessageRefusedException.of(
                        Condition.REQUIRED_FIELD_MISSING,
                        header + "-1",
                        header + "-1, the field separator, is missing");
            }
            return header;
        }

        private String line(int at) {
            return new String(bytes, at, lineEnd(at) - at, StandardCharsets.ISO_8859_1);
        }

        private String name(int at) {
            return at + NAME_LENGTH > bytes.length
                    ? ""
                    : new String(bytes, at, NAME_LENGTH, StandardCharsets.ISO_8859_1);
        }

        private int lineEnd(int start) {
            int i = start;
            while (i < bytes.length && bytes[i] != '\r') {
                i++;
            }
            return i;
        }
    }

    /** Whether the trailer's first field says this number, however padded, or nothing. */
    private static boolean says(String trailer, String header, int count) {
        String[] fields = trailer.split(Pattern.quote(header.substring(NAME_LENGTH, NAME_LENGTH + 1)), -1);
        String said = fields.length > 1 ? fields[1].strip() : "";
        return said.isEmpty() || said.replaceFirst("^0+(?=.)", "").equals(String.valueOf(count));
    }

    private static boolean startsWith(byte[] bytes, int at, String name) {
        return bytes.length > at + NAME_LENGTH
                && bytes[at] == name.charAt(0)
                && bytes[at + 1] == name.charAt(1)
                && bytes[at + 2] == name.charAt(2);
    }

    private static MessageRefusedException refuse(String text) {
        return MessageRefusedException.of(Condition.SEGMENT_SEQUENCE, null, text);
    }
}
