package io.bloodnet.hl7.er7;

/**
 * One segment as it came, read by field, repetition (from 0), component and subcomponent (from 1), unescaped. What is absent, blank or HL7's
 * explicit null ({@code ""}) reads as an empty text. Nothing is split before it is asked for: a segment costs its text and no more, however
 * many separators a sender puts into it.
 *
 * @param name the three letters
 * @param line the whole segment, from its name on
 */
public record Er7Segment(String name, String line, Delimiters delimiters) {

    private static final String EXPLICIT_NULL = "\"\"";
    /** Longest escape sequence that is kept, in characters. */
    private static final int SEQUENCE_MAX = 200;

    /** First component of the field's first repetition. */
    public String text(int field) {
        return text(field, 0, 1, 1);
    }

    /** A component of the field's first repetition. */
    public String text(int field, int component) {
        return text(field, 0, component, 1);
    }

    /** A subcomponent. */
    public String text(int field, int repetition, int component, int subcomponent) {
        String one = part(field, repetition, component, subcomponent).strip();
        if (one.isEmpty()) {
            return one;
        }
        if (one.equals(EXPLICIT_NULL)) {
            return "";
        }
        return one.indexOf(delimiters.escape()) < 0 ? one : unescaped(one).strip();
    }

    /** How often the field is there; 0 when absent. */
    public int repetitions(int field) {
        String all = field(field);
        return all.isEmpty()
                ? 0
                : 1
                        + (int) all.chars()
                                .filter(c -> c == delimiters.repetition())
                                .count();
    }

    /**
     * The field's first repetition for an answer: as it came, in {@link Delimiters#STANDARD}, its escape sequences with it.
     *
     * @param componentsMax how many components are given
     */
    public String encoded(int field, int componentsMax) {
        String all = field(field);
        StringBuilder out = new StringBuilder(all.length());
        int components = 1;
        for (int i = 0; i < all.length(); i++) {
            char c = all.charAt(i);
            if (c == delimiters.repetition() || c == delimiters.component() && components++ == componentsMax) {
                break;
            }
            if (c == delimiters.component()) {
                out.append('^');
            } else if (c == delimiters.subcomponent()) {
                out.append('&');
            } else if (c == delimiters.escape()) {
                i = sequence(all, i, out);
            } else {
                int end = Character.isHighSurrogate(c) && i + 1 < all.length() ? i + 2 : i + 1;
                out.append(SegmentText.escape(all.substring(i, end)));
                i = end - 1;
            }
        }
        return out.toString();
    }

    /** An escape sequence as it came; gives the place of its end. One that does not end is text. */
    private int sequence(String all, int begin, StringBuilder out) {
        String code = code(all, begin);
        if (code.isEmpty()) {
            out.append("\\E\\");
            return begin;
        }
        out.append('\\').append(code).append('\\');
        return begin + code.length() + 1;
    }

    /** What stands between the escape character there and the next one; empty when that is no escape sequence. */
    private String code(String text, int begin) {
        int close = text.indexOf(delimiters.escape(), begin + 1);
        String code = close < 0 || close - begin > SEQUENCE_MAX ? "" : text.substring(begin + 1, close);
        return code.chars().allMatch(Er7Segment::mayBeInSequence) ? code : "";
    }

    private static boolean mayBeInSequence(int c) {
        return c < 0x80 && Character.isLetterOrDigit(c) || c == '.' || c == '+' || c == '-';
    }

    private String field(int number) {
        int begin = begin(delimiters.field(), 0, line.length(), index(number));
        return begin < 0 ? "" : line.substring(begin, end(delimiters.field(), begin, line.length()));
    }

    /** Narrows the range step by step: only what is asked for is copied. */
    private String part(int field, int repetition, int component, int subcomponent) {
        int begin = begin(delimiters.field(), 0, line.length(), index(field));
        if (begin < 0) {
            return "";
        }
        int end = end(delimiters.field(), begin, line.length());
        begin = begin(delimiters.repetition(), begin, end, repetition);
        if (begin < 0) {
            return "";
        }
        end = end(delimiters.repetition(), begin, end);
        begin = begin(delimiters.component(), begin, end, component - 1);
        if (begin < 0) {
            return "";
        }
        end = end(delimiters.component(), begin, end);
        begin = begin(delimiters.subcomponent(), begin, end, subcomponent - 1);
        return begin < 0 ? "" : line.substring(begin, end(delimiters.subcomponent(), begin, end));
    }

    /** MSH-1 is the separator behind the name, so that fields of MSH (BHS, FHS) count one less. */
    private int index(int field) {
        boolean header = name.equals("MSH") || name.equals("BHS") || name.equals("FHS");
        return header ? field - 1 : field;
    }

    /** Where the part at {@code index}, from 0, begins within the range; negative when there are fewer. */
    private int begin(char separator, int from, int to, int index) {
        int left = index;
        int begin = from;
        while (left > 0 && begin < to) {
            if (line.charAt(begin++) == separator) {
                left--;
            }
        }
        return left > 0 ? -1 : begin;
    }

    private int end(char separator, int begin, int to) {
        int end = begin;
        while (end < to && line.charAt(end) != separator) { // most parts are shorter than it takes to begin a search
            end++;
        }
        return end;
    }

    /** With the separators' escapes read; other escape sequences stay as they are, what they mean is the sender's. */
    private String unescaped(String text) {
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != delimiters.escape()) {
                out.append(c);
                continue;
            }
            String code = code(text, i);
            switch (code) {
                case "" -> out.append('\\');
                case "F" -> out.append(delimiters.field());
                case "S" -> out.append(delimiters.component());
                case "T" -> out.append(delimiters.subcomponent());
                case "R" -> out.append(delimiters.repetition());
                case "E" -> out.append(delimiters.escape());
                case "X0D" -> out.append('\r');
                case "X0A" -> out.append('\n');
                default -> out.append('\\').append(code).append('\\');
            }
            i += code.isEmpty() ? 0 : code.length() + 1;
        }
        return out.toString();
    }
}
