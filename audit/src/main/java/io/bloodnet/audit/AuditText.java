package io.bloodnet.audit;

import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The limits of what an event may hold. Too long or unprintable text is refused by name and size, never cut and never shown. */
public final class AuditText {

    /** Identifiers, names of systems and codes. DICOM's longest identifier is 64; URLs and FHIR references need more. */
    public static final int IDENTIFIER_CHARS_MAX = 256;
    /** Sentences: reasons, summaries, queries. */
    public static final int SENTENCE_CHARS_MAX = 1024;

    private static final Pattern SHA256_HEX = Pattern.compile("[0-9a-f]{64}");

    private AuditText() {}

    /**
     * Makes text that comes from outside fit: control characters and lone surrogates become {@code ?}, and what is longer than the limit
     * ends visibly with how many characters were left out.
     */
    public static String fit(String text, int charsMax) {
        StringBuilder printable = new StringBuilder(Math.min(text.length(), charsMax));
        text.codePoints().limit(charsMax).forEach(c -> printable.appendCodePoint(isUnprintable(c) ? '?' : c));
        if (printable.length() <= charsMax && text.length() <= charsMax) {
            return printable.toString();
        }
        String note = "...(" + text.length() + " characters)";
        int end = Math.max(0, charsMax - note.length());
        if (end > 0 && Character.isHighSurrogate(printable.charAt(end - 1))) {
            end--;
        }
        return printable.substring(0, end) + note;
    }

    static void identifier(String field, String value) {
        check(field, value, IDENTIFIER_CHARS_MAX);
    }

    static void identifierOrAbsent(String field, @Nullable String value) {
        if (value != null) {
            identifier(field, value);
        }
    }

    static void sentence(String field, String value) {
        check(field, value, SENTENCE_CHARS_MAX);
    }

    static void sentenceOrAbsent(String field, @Nullable String value) {
        if (value != null) {
            sentence(field, value);
        }
    }

    static void digest(String field, String value) {
        Objects.requireNonNull(value, field);
        if (!SHA256_HEX.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    field + " must be a SHA-256 of 64 lower-case hex digits, got " + value.length() + " characters");
        }
    }

    static void digestOrAbsent(String field, @Nullable String value) {
        if (value != null) {
            digest(field, value);
        }
    }

    static void range(String field, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(field + " must be " + min + " to " + max + ", got " + value);
        }
    }

    static void probability(String field, double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(field + " must be 0 to 1, got " + value);
        }
    }

    private static void check(String field, String value, int charsMax) {
        Objects.requireNonNull(value, field);
        if (value.isEmpty() || value.length() > charsMax) {
            throw new IllegalArgumentException(
                    field + " must have 1 to " + charsMax + " characters, has " + value.length());
        }
        if (value.codePoints().anyMatch(AuditText::isUnprintable)) {
            throw new IllegalArgumentException(field + " must not hold control characters or lone surrogates");
        }
    }

    private static boolean isUnprintable(int codePoint) {
        int type = Character.getType(codePoint);
        return type == Character.CONTROL || type == Character.SURROGATE;
    }
}
