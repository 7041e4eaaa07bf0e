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
        if (one.equals(EXPLICIT_NULL)) {
            return "";
        }
        return one.indexOf(delimiters.escape()) < 0
                ? one
                : ESCAPES.unescape(one, encoding()).strip();
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
        char[] separators = {
            delimiters.field(), delimiters.repetition(), delimiters.component(), delimiters.subcomponent()
        };
        int[] indexes = {index(field), repetition, component - 1, subcomponent - 1};
        int begin = 0;
        int end = line.length();
        for (int level = 0; level < separators.length; level++) {
            begin = begin(separators[level], begin, end, indexes[level]);
            if (begin < 0) {
                return "";
            }
            end = end(separators[level], begin, end);
        }
        return line.substring(begin, end);
    }

    /** MSH-1 is the separator behind the name, so that fields of MSH (BHS, FHS) count one less. */
    private int index(int field) {
        boolean header = name.equals("MSH") || name.equals("BHS") || name.equals("FHS");
        return header ? field - 1 : field;
    }

    /** Where the part at {@code index}, from 0, begins within the range; negative when there are fewer. */
    private int begin(char separator, int from, int to, int index) {
        int begin = from;
        for (int i = 0; i < index; i++) {
            begin = line.indexOf(separator, begin, to) + 1;
            if (begin == 0) {
                return -1;
            }
        }
        return begin;
    }

    private int end(char separator, int begin, int to) {
        int end = line.indexOf(separator, begin, to);
        return end < 0 ? to : end;
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
