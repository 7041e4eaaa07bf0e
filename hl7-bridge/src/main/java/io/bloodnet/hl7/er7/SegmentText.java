package io.bloodnet.hl7.er7;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes one segment. Every text that goes in is escaped, so that no content can end a field or begin a segment (HL7 v2.5.1 2.7). For one
 * thread.
 */
public final class SegmentText {

    private static final Pattern KEPT = Pattern.compile(
            "\\\\(X(?!0[AD]\\\\)([0-9A-Fa-f]{2})+|H|N|Z[0-9A-Za-z]{1,20}|\\.[a-z]{2}[+-]?[0-9]{0,4}|C[0-9A-Fa-f]{4}"
                    + "|M[0-9A-Fa-f]{4}([0-9A-Fa-f]{2})?)\\\\");

    private final String name;
    private final boolean header;
    private final List<String> fields = new ArrayList<>();
    /** Fields that have a first repetition, be it an empty one. */
    private final Set<Integer> begun = new HashSet<>();

    private SegmentText(String name) {
        this.name = name;
        this.header = name.equals("MSH") || name.equals("BHS") || name.equals("FHS");
    }

    /** An empty segment. For MSH, BHS and FHS fields are counted as HL7 does: 1 and 2 are the separators and are written by themselves. */
    public static SegmentText of(String name) {
        return new SegmentText(name);
    }

    /** Sets a field to components; trailing empty ones are not written. */
    public SegmentText field(int number, String... components) {
        return encoded(number, components(components));
    }

    /** Adds one more repetition to a field. */
    public SegmentText repetition(int number, String... components) {
        boolean first = number > fields.size() || fields.get(number - 1).isEmpty() && !begun.contains(number);
        String before = first ? "" : fields.get(number - 1) + "~";
        begun.add(number);
        return encoded(number, before + components(components));
    }

    /** Sets a field to two components of subcomponents each (EIP, HL7 v2.5.1 2.A.29). */
    public SegmentText pair(int number, String[] first, String[] second) {
        String both = joined(first, '&') + "^" + joined(second, '&');
        return encoded(number, withoutTrailing(both, '^'));
    }

    /** Sets a field to what is escaped already. */
    public SegmentText escaped(int number, String value) {
        return encoded(number, value);
    }

    /** Sets a field to components of which the last one has subcomponents. */
    public SegmentText subcomponents(int number, List<String> before, String... last) {
        List<String> escaped = new ArrayList<>();
        for (String s : last) {
            escaped.add(escape(s));
        }
        StringBuilder field = new StringBuilder();
        for (String s : before) {
            field.append(escape(s)).append('^');
        }
        return encoded(
                number,
                field.append(withoutTrailing(String.join("&", escaped), '&')).toString());
    }

    /** The segment with its end (CR). */
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder(name);
        if (header) {
            out.append("|^~\\&");
        }
        int last = fields.size();
        while (last > 0 && fields.get(last - 1).isEmpty()) {
            last--;
        }
        for (int i = header ? 2 : 0; i < last; i++) {
            out.append('|').append(fields.get(i));
        }
        return out.append('\r').toString();
    }

    /**
     * The text with separators, the escape character and control characters escaped. CR and LF become {@code \X0D\} and {@code \X0A\}.
     * Escape sequences that reading leaves as they came, because what they mean is the sender's (hexadecimal, local, formatting, highlighting
     * and character set sequences, 2.7), are written as they came too.
     * What no character set can carry (lone surrogates, C1 controls) becomes a question mark.
     */
    public static String escape(String text) {
        if (isPlain(text)) {
            return text;
        }
        StringBuilder out = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '|' -> out.append("\\F\\");
                case '^' -> out.append("\\S\\");
                case '~' -> out.append("\\R\\");
                case '\\' -> {
                    Matcher kept = KEPT.matcher(text).region(i, text.length());
                    boolean keep = kept.lookingAt();
                    out.append(keep ? kept.group() : "\\E\\");
                    i += keep ? kept.group().length() - 1 : 0;
                }
                case '&' -> out.append("\\T\\");
                default -> plain(out, text, i, c);
            }
        }
        return out.toString();
    }

    /** Whether nothing in it needs an escape: true for nearly all that is written. */
    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean special = c < ' ' || c >= 0x7f || c == '|' || c == '^' || c == '~' || c == '\\' || c == '&';
            if (special) {
                return false;
            }
        }
        return true;
    }

    private static void plain(StringBuilder out, String text, int i, char c) {
        boolean low = Character.isHighSurrogate(c)
                ? i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1))
                : Character.isLowSurrogate(c) && (i == 0 || !Character.isHighSurrogate(text.charAt(i - 1)));
        if (low || c >= 0x7f && c <= 0x9f) {
            out.append('?');
        } else if (c < ' ') {
            out.append("\\X")
                    .append(HexFormat.of().withUpperCase().toHexDigits((byte) c))
                    .append('\\');
        } else {
            out.append(c);
        }
    }

    private SegmentText encoded(int number, String value) {
        while (fields.size() < number) {
            fields.add("");
        }
        fields.set(number - 1, value);
        return this;
    }

    private static String components(String... components) {
        return joined(components, '^');
    }

    private static String joined(String[] parts, char separator) {
        List<String> escaped = new ArrayList<>();
        for (String part : parts) {
            escaped.add(escape(part));
        }
        return withoutTrailing(String.join(String.valueOf(separator), escaped), separator);
    }

    private static String withoutTrailing(String text, char separator) {
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == separator) {
            end--;
        }
        return text.substring(0, end);
    }
}
