package io.bloodnet.audit.store;

import io.bloodnet.audit.Outcome;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What to look for in the log; what is absent is not asked for, all that is given must hold.
 *
 * @param from at this time or later
 * @param until before this time
 * @param type the kind of event, such as {@code StudyFetched}
 * @param before only entries before this place: the last {@code seq} of a page gives the next page
 * @param limit 1 to {@value #LIMIT_MAX}
 */
public record AuditQuery(
        @Nullable String patientId,
        @Nullable String studyUid,
        @Nullable String user,
        @Nullable String jobId,
        @Nullable String type,
        @Nullable Outcome outcome,
        @Nullable Instant from,
        @Nullable Instant until,
        @Nullable Long before,
        int limit) {

    public static final int LIMIT_MAX = 10_000;

    public AuditQuery {
        if (limit < 1 || limit > LIMIT_MAX) {
            throw new IllegalArgumentException("limit must be 1 to " + LIMIT_MAX + ", got " + limit);
        }
    }

    /** Everything, newest first. */
    public static AuditQuery newest(int limit) {
        return new AuditQuery(null, null, null, null, null, null, null, null, null, limit);
    }

    public AuditQuery withPatientId(@Nullable String value) {
        return new AuditQuery(value, studyUid, user, jobId, type, outcome, from, until, before, limit);
    }

    public AuditQuery withStudyUid(@Nullable String value) {
        return new AuditQuery(patientId, value, user, jobId, type, outcome, from, until, before, limit);
    }

    public AuditQuery withUser(@Nullable String value) {
        return new AuditQuery(patientId, studyUid, value, jobId, type, outcome, from, until, before, limit);
    }

    public AuditQuery withJobId(@Nullable String value) {
        return new AuditQuery(patientId, studyUid, user, value, type, outcome, from, until, before, limit);
    }

    public AuditQuery withType(@Nullable String value) {
        return new AuditQuery(patientId, studyUid, user, jobId, value, outcome, from, until, before, limit);
    }

    public AuditQuery withOutcome(@Nullable Outcome value) {
        return new AuditQuery(patientId, studyUid, user, jobId, type, value, from, until, before, limit);
    }

    public AuditQuery withTime(@Nullable Instant first, @Nullable Instant end) {
        return new AuditQuery(patientId, studyUid, user, jobId, type, outcome, first, end, before, limit);
    }

    public AuditQuery withBefore(@Nullable Long value) {
        return new AuditQuery(patientId, studyUid, user, jobId, type, outcome, from, until, value, limit);
    }
}
