package io.bloodnet.audit;

/** How an action ended, with the codes that FHIR R4 AuditEvent.outcome and DICOM PS3.15 A.5 share. */
public enum Outcome {
    /** It was done. */
    SUCCESS(0),
    /** It was not done, and trying again may help: a peer was busy, a message was refused for its content. */
    MINOR_FAILURE(4),
    /** It was not done and will not be without a person: credentials refused, a limit reached, the last attempt failed. */
    SERIOUS_FAILURE(8),
    /** The part of the system that does it is not available any more. */
    MAJOR_FAILURE(12);

    private final int code;

    Outcome(int code) {
        this.code = code;
    }

    /** The code in FHIR and DICOM: 0, 4, 8 or 12. */
    public int code() {
        return code;
    }
}
