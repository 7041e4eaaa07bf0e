package io.bloodnet.hl7.er7;

import ca.uhn.hl7v2.HL7Exception;
import ca.uhn.hl7v2.model.Segment;
import ca.uhn.hl7v2.util.Terser;

/**
 * One segment, read by field, repetition (from 0), component and subcomponent (from 1), unescaped. What is absent, blank or HL7's explicit
 * null ({@code ""}) reads as an empty text. For one thread.
 */
public final class Er7Segment {

    private static final String EXPLICIT_NULL = "\"\"";

    private final Segment segment;

    Er7Segment(Segment segment) {
        this.segment = segment;
    }

    /** The three letters. */
    public String name() {
        return segment.getName();
    }

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
        if (repetition > 0 && repetition >= repetitions(field)) {
            return "";
        }
        try {
            String value = Terser.get(segment, field, repetition, component, subcomponent);
            return value == null || value.equals(EXPLICIT_NULL) ? "" : value.strip();
        } catch (HL7Exception e) {
            throw MessageRefusedException.of(Condition.DATA_TYPE, name() + "-" + field, "cannot be read");
        }
    }

    /** How often the field is there; 0 when absent. */
    public int repetitions(int field) {
        try {
            return segment.getField(field).length;
        } catch (HL7Exception e) {
            throw MessageRefusedException.of(Condition.DATA_TYPE, name() + "-" + field, "cannot be read");
        }
    }
}
