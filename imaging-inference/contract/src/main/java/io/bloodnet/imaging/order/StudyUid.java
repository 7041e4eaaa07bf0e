package io.bloodnet.imaging.order;

/**
 * A Study Instance UID. DICOM VR UI: digits and dots, at most 64 characters (PS3.5 9.1).
 *
 * @param value the UID without padding
 */
public record StudyUid(String value) {

    /** Limit of DICOM's VR UI, in characters. */
    public static final int LENGTH_MAX = 64;

    /** @throws IllegalArgumentException naming the limit, never the content */
    public StudyUid {
        value = Text.required("Study Instance UID", value, LENGTH_MAX);
        if (!isUid(value)) {
            throw new IllegalArgumentException("Study Instance UID is not digits separated by single dots");
        }
    }

    /** Whether the text is a well-formed UID of 1 to 64 characters. Leading zeros in a component are tolerated: real devices write them. */
    public static boolean isUid(String text) {
        if (text.isEmpty() || text.length() > LENGTH_MAX || text.charAt(0) == '.' || text.endsWith(".")) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean dot = c == '.';
            if (!dot && (c < '0' || c > '9') || dot && text.charAt(i - 1) == '.') {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return value;
    }
}
