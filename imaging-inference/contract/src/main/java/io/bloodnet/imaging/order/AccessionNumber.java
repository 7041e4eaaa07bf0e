package io.bloodnet.imaging.order;

/**
 * The number under which the RIS knows one imaging order. DICOM (0008,0050), VR SH: at most 16 characters, no backslash (PS3.5 6.2).
 *
 * @param value 1 to 16 characters, trimmed
 */
public record AccessionNumber(String value) {

    /** Limit of DICOM's VR SH, in characters. */
    public static final int LENGTH_MAX = 16;

    /** @throws IllegalArgumentException naming the limit, never the content */
    public AccessionNumber {
        value = Text.required("accession number", value, LENGTH_MAX);
        if (value.indexOf('\\') >= 0) {
            throw new IllegalArgumentException("accession number holds a backslash, which DICOM reserves");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
