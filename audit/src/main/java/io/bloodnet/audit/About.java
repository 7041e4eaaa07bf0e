package io.bloodnet.audit;

import org.jspecify.annotations.Nullable;

/**
 * Whom and what an event is about, by identifiers only: never names, birth dates or addresses. These are the fields that the log can be
 * searched by. Each is absent where it does not apply, else 1 to {@value AuditText#IDENTIFIER_CHARS_MAX} characters without control
 * characters.
 *
 * @param jobId the job's identifier
 * @param accessionNumber the order's accession number as sent (DICOM VR SH)
 * @param studyUid the Study Instance UID
 * @param patientId the patient's identifier as the order gave it
 * @param user the person or system on whose behalf it was done
 */
public record About(
        @Nullable String jobId,
        @Nullable String accessionNumber,
        @Nullable String studyUid,
        @Nullable String patientId,
        @Nullable String user) {

    private static final About NOTHING = new About(null, null, null, null, null);

    public About {
        AuditText.identifierOrAbsent("jobId", jobId);
        AuditText.identifierOrAbsent("accessionNumber", accessionNumber);
        AuditText.identifierOrAbsent("studyUid", studyUid);
        AuditText.identifierOrAbsent("patientId", patientId);
        AuditText.identifierOrAbsent("user", user);
    }

    /** For events about nobody's order, such as a start of the server. */
    public static About nothing() {
        return NOTHING;
    }

    public static About job(String jobId) {
        return NOTHING.withJobId(jobId);
    }

    public static About user(String user) {
        return NOTHING.withUser(user);
    }

    public About withJobId(@Nullable String value) {
        return new About(value, accessionNumber, studyUid, patientId, user);
    }

    public About withAccessionNumber(@Nullable String value) {
        return new About(jobId, value, studyUid, patientId, user);
    }

    public About withStudyUid(@Nullable String value) {
        return new About(jobId, accessionNumber, value, patientId, user);
    }

    public About withPatientId(@Nullable String value) {
        return new About(jobId, accessionNumber, studyUid, value, user);
    }

    public About withUser(@Nullable String value) {
        return new About(jobId, accessionNumber, studyUid, patientId, value);
    }
}
