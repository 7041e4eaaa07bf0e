package io.bloodnet.hl7.er7;

import ca.uhn.hl7v2.parser.DefaultEscaping;
import ca.uhn.hl7v2.parser.EncodingCharacters;
import ca.uhn.hl7v2.parser.Escaping;

/**
 * One segment as it came, read by field, repetition (from 0), component and subcomponent (from 1), unescaped. What is absent, blank or HL7's
 * explicit null ({@code ""}) reads as an empty text. Nothing is split before it is asked for: a segment costs its text and no more, however
 * many separators a sender puts into it.
 *
 * @param name the three letters
 * @param line the whole segment, from its name on
 */
public record Er7Segment(String name, String line, Delimiters delimiters) {

    private static final Escaping ESCAPES = new DefaultEscaping();
    private static final String EXPLICIT_NULL = "\"\"";

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
        return one.indexOf(delimiters.escape()) < 0
                ? one
                : ESCAPES.unescape(one, encoding()).strip();
    }

    /** How many components the field has in all its repetitions: beyond that number {@link #text(int, int)} is empty. */
    public int components(int field) {
        String all = field(field);
        int count = 1;
        for (int i = 0; i < all.length(); i++) {
            count += all.charAt(i) == delimiters.component() ? 1 : 0;
        }
        return count;
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

    private EncodingCharacters encoding() {
        return new EncodingCharacters(
                delimiters.field(),
                delimiters.component(),
                delimiters.repetition(),
                delimiters.escape(),
                delimiters.subcomponent());
    }
}
