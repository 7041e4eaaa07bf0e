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
        String one = part(field(field), delimiters.repetition(), repetition);
        one = part(one, delimiters.component(), component - 1);
        one = part(one, delimiters.subcomponent(), subcomponent - 1).strip();
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

    /** MSH-1 is the separator behind the name, so that fields of MSH (BHS, FHS) count one less. */
    private String field(int number) {
        boolean header = name.equals("MSH") || name.equals("BHS") || name.equals("FHS");
        return part(line, delimiters.field(), header ? number - 1 : number);
    }

    /** The part at {@code index}, from 0; empty when there are fewer. */
    private static String part(String text, char separator, int index) {
        int begin = 0;
        for (int i = 0; i < index; i++) {
            begin = text.indexOf(separator, begin) + 1;
            if (begin == 0) {
                return "";
            }
        }
        int end = text.indexOf(separator, begin);
        return begin == 0 && end < 0 ? text : text.substring(begin, end < 0 ? text.length() : end);
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
