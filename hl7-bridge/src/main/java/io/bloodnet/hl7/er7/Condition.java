package io.bloodnet.hl7.er7;

/** What is wrong with a message (HL7 table 0357). */
public enum Condition {
    /** Segments in the wrong order, or one that cannot be a segment. */
    SEGMENT_SEQUENCE(100, "Segment sequence error"),
    /** A required field is missing. */
    REQUIRED_FIELD_MISSING(101, "Required field missing"),
    /** A field's content does not fit its type or limit. */
    DATA_TYPE(102, "Data type error"),
    /** A code that its table does not hold. */
    TABLE_VALUE(103, "Table value not found"),
    /** MSH-9.1 is nothing we take. */
    UNSUPPORTED_MESSAGE_TYPE(200, "Unsupported message type"),
    /** MSH-9.2 is nothing we take. */
    UNSUPPORTED_EVENT_CODE(201, "Unsupported event code"),
    /** MSH-11 is missing or unknown. */
    UNSUPPORTED_PROCESSING_ID(202, "Unsupported processing id"),
    /** MSH-12 is not 2.x. */
    UNSUPPORTED_VERSION(203, "Unsupported version id"),
    /** Patient or order is not known there. */
    UNKNOWN_KEY(204, "Unknown key identifier"),
    /** MSH-10 was used before for another message. */
    DUPLICATE_KEY(205, "Duplicate key identifier"),
    /** The record cannot be changed now. */
    RECORD_LOCKED(206, "Application record locked"),
    /** Our side: try again. */
    INTERNAL(207, "Application internal error");

    private final int code;
    private final String text;

    Condition(int code, String text) {
        this.code = code;
        this.text = text;
    }

    /** The code in table 0357. */
    public int code() {
        return code;
    }

    /** The table's text. */
    public String text() {
        return text;
    }
}
