package io.bloodnet.hl7.er7;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decodes text that changes its character set within a field, by the escape sequences of ISO 2022 or by HL7's own {@code \Cxxyy\} and
 * {@code \Mxxyyzz\}, which name the same sequences in hexadecimal (HL7 v2.5.1 2.7.2, 2.15.9.20). The bytes of a two-byte character are never
 * taken for delimiters: they are gone when the message is cut into fields. Each segment begins in the message's first set, and must end
 * outside of a two-byte set, or its delimiters would have been read as characters. For one text and one thread.
 */
final class Iso2022 {

    private static final byte ESC = 0x1b;
    /** Bytes behind ESC that select a set: at most {@code $ ( D}. */
    private static final int SEQUENCE_MAX = 3;

    private static final int LOW_FIRST = 0x21;
    private static final int LOW_LAST = 0x7e;
    private static final int HIGH_BIT = 0x80;

    /**
     * A set that can be selected.
     *
     * @param high whether it takes the place of bytes from 0x80 on (G1), else of those below (G0)
     * @param charset how its bytes decode with their high bit set; null for ASCII, into which one returns
     * @param prefix what goes before each character's bytes
     * @param width bytes of a character
     */
    private record Selected(boolean high, @Nullable Charset charset, byte[] prefix, int width) {}

    private static final Map<String, Selected> SETS = sets();

    private static Map<String, Selected> sets() {
        Map<String, Selected> sets = new HashMap<>();
        // Roman letters of JIS X 0201 are ASCII's but for yen and overline, which stand for HL7's escape and repetition
        // there.
        sets.put("(B", low(null, 1));
        sets.put("(J", low(null, 1));
        sets.put("(I", low("JIS_X0201", 1));
        for (String jis : new String[] {"$@", "$B", "$(@", "$(B"}) {
            sets.put(jis, low("x-eucJP-Open", 2));
        }
        sets.put("$(D", new Selected(false, Charset.forName("x-eucJP-Open"), new byte[] {(byte) 0x8f}, 2));
        sets.put("$A", low("GB2312", 2));
        sets.put("$(A", low("GB2312", 2));
        sets.put("$(C", low("EUC-KR", 2));
        sets.put(")I", high("JIS_X0201", 1));
        sets.put("$)B", high("x-eucJP-Open", 2));
        sets.put("$)A", high("GB2312", 2));
        sets.put("$)C", high("EUC-KR", 2));
        sets.put("-A", high("ISO-8859-1", 1));
        sets.put("-B", high("ISO-8859-2", 1));
        sets.put("-C", high("ISO-8859-3", 1));
        sets.put("-D", high("ISO-8859-4", 1));
        sets.put("-F", high("ISO-8859-7", 1));
        sets.put("-G", high("ISO-8859-6", 1));
        sets.put("-H", high("ISO-8859-8", 1));
        sets.put("-L", high("ISO-8859-5", 1));
        sets.put("-M", high("ISO-8859-9", 1));
        sets.put("-T", high("TIS-620", 1));
        sets.put("-b", high("ISO-8859-15", 1));
        return Map.copyOf(sets);
    }

    private static Selected low(@Nullable String charset, int width) {
        return new Selected(false, charset == null ? null : Charset.forName(charset), new byte[0], width);
    }

    private static Selected high(String charset, int width) {
        return new Selected(true, Charset.forName(charset), new byte[0], width);
    }

    private final byte[] bytes;
    private final Charset base;
    private final byte escape;
    private final StringBuilder out;
    private final ByteArrayOutputStream run = new ByteArrayOutputStream();
    private @Nullable Selected low;
    private @Nullable Selected high;
    private int at;
    private boolean malformed;

    private Iso2022(byte[] bytes, Charset base, byte escape) {
        this.bytes = bytes;
        this.base = base;
        this.escape = escape;
        this.out = new StringBuilder(bytes.length);
    }

    /** Whether something in the bytes may select another set. */
    static boolean switches(byte[] bytes, char escape) {
        for (int i = 0; i < bytes.length; i++) {
            boolean hl7 = bytes[i] == escape && i + 1 < bytes.length && (bytes[i + 1] == 'C' || bytes[i + 1] == 'M');
            if (bytes[i] == ESC || hl7) {
                return true;
            }
        }
        return false;
    }

    /**
     * The text; empty when a byte does not decode in the set that is selected there, or a segment ends in a two-byte set.
     *
     * @param base the message's first set; it must have ASCII's bytes below 0x80
     * @param escape HL7's escape character
     */
    static Optional<String> decode(byte[] bytes, Charset base, char escape) {
        Iso2022 decoder = new Iso2022(bytes, base, (byte) escape);
        decoder.decode();
        return decoder.malformed ? Optional.empty() : Optional.of(decoder.out.toString());
    }

    private void decode() {
        while (at < bytes.length && !malformed) {
            byte b = bytes[at];
            boolean selected = b == ESC ? select(sequence(), 1) : b == escape && escaped();
            if (!selected && b == '\r') {
                endOfSegment();
            } else if (!selected) {
                character();
            }
        }
        endOfSegment();
    }

    /** The longest known sequence behind an ESC; empty when none is. */
    private String sequence() {
        for (int length = Math.min(SEQUENCE_MAX, bytes.length - at - 1); length > 1; length--) {
            String sequence = new String(bytes, at + 1, length, StandardCharsets.ISO_8859_1);
            if (SETS.containsKey(sequence)) {
                return sequence;
            }
        }
        return "";
    }

    private boolean select(String sequence, int around) {
        Selected set = SETS.get(sequence);
        if (set == null) {
            return false;
        }
        flush();
        if (set.high()) {
            high = set;
        } else {
            low = set.charset() == null ? null : set;
        }
        at += sequence.length() + around;
        return true;
    }

    /** {@code \C2842\} or {@code \M2442\}; false when it is none that we know, and then text. */
    private boolean escaped() {
        if (at + 1 >= bytes.length || bytes[at + 1] != 'C' && bytes[at + 1] != 'M') {
            return false;
        }
        for (int digits = 2 * SEQUENCE_MAX; digits >= 4; digits -= 2) {
            int close = at + 2 + digits;
            if (close < bytes.length && bytes[close] == escape) {
                String hex = new String(bytes, at + 2, digits, StandardCharsets.ISO_8859_1);
                if (hex.chars().allMatch(HexFormat::isHexDigit)) {
                    String sequence = new String(HexFormat.of().parseHex(hex), StandardCharsets.ISO_8859_1);
                    return select(sequence, digits + 3 - sequence.length());
                }
            }
        }
        return false;
    }

    private void endOfSegment() {
        malformed = malformed || low != null && low.width() > 1;
        low = null;
        high = null;
        if (at < bytes.length) {
            run.write(bytes[at++]);
        }
        flush();
    }

    /** One character of the set that is selected, or one byte of the message's first set. */
    private void character() {
        int b = bytes[at] & 0xff;
        Selected set = b >= HIGH_BIT ? high : b >= LOW_FIRST && b <= LOW_LAST ? low : null;
        if (set == null || set.charset() == null) {
            run.write(bytes[at++]);
            return;
        }
        flush();
        if (at + set.width() > bytes.length) {
            malformed = true;
            return;
        }
        byte[] one = new byte[set.prefix().length + set.width()];
        System.arraycopy(set.prefix(), 0, one, 0, set.prefix().length);
        for (int i = 0; i < set.width(); i++) {
            int of = bytes[at + i] & 0xff;
            if ((of & HIGH_BIT) != (b & HIGH_BIT) || (of & ~HIGH_BIT) < LOW_FIRST) {
                malformed = true;
                return;
            }
            one[set.prefix().length + i] = (byte) (of | HIGH_BIT);
        }
        at += set.width();
        append(one, set.charset());
    }

    /** What was collected of the message's first set. */
    private void flush() {
        if (run.size() > 0) {
            byte[] collected = run.toByteArray();
            run.reset();
            append(collected, base);
        }
    }

    private void append(byte[] some, Charset charset) {
        Optional<String> text = CharacterSets.decode(some, charset);
        text.ifPresent(out::append);
        malformed = malformed || text.isEmpty();
    }
}
