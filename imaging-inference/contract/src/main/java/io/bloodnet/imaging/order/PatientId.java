package io.bloodnet.imaging.order;

import org.jspecify.annotations.Nullable;

/**
 * A patient's identifier at one assigning authority (HL7 PID-3.1 and .4, DICOM (0010,0020) and (0010,0021)).
 *
 * @param value 1 to 64 characters
 * @param assigner the assigning authority, null when the source names none
 */
public record PatientId(String value, @Nullable String assigner) {

    /** Limit of DICOM's VR LO, in characters. */
    public static final int LENGTH_MAX = 64;

    /** @throws IllegalArgumentException naming the limit, never the content */
    public PatientId {
        value = Text.required("patient id", value, LENGTH_MAX);
        assigner = assigner == null || assigner.isBlank()
                ? null
                : Text.required("assigning authority", assigner, LENGTH_MAX);
    }

    /** Whether both can be the same patient: same value, and no disagreement on the assigner where both name one. */
    public boolean matches(PatientId other) {
        return value.equals(other.value)
                && (assigner == null || other.assigner == null || assigner.equalsIgnoreCase(other.assigner));
    }

    /** Not the value: identifiers must not reach a log by accident. */
    @Override
    public String toString() {
        return "PatientId[" + value.length() + " characters]";
    }
}
