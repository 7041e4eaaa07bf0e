package io.bloodnet.fhir.face;

import io.bloodnet.audit.AuditEvent;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the audit log for our own FHIR face. Implemented by the server, which also records that the log was read. Thread-safe.
 */
public interface AuditTrail {

    /** One event with its number in the log. */
    record Entry(long seq, AuditEvent event) {}

    /** The event of that number. */
    Optional<Entry> read(long seq);

    /** Those that match every criterion given, newest first, at most {@code query.limit()} from {@code query.offset()} on. */
    List<Entry> find(Query query);

    /**
     * A search. Criteria that are null do not restrict.
     *
     * @param patient the patient's identifier value
     * @param studyUid Study Instance UID
     * @param user who did it
     * @param outcome FHIR's code: 0, 4, 8 or 12
     * @param from not before
     * @param to before
     * @param limit 1 to 200
     * @param offset 0 or more
     */
    record Query(
            @Nullable String patient,
            @Nullable String studyUid,
            @Nullable String user,
            @Nullable Integer outcome,
            @Nullable Instant from,
            @Nullable Instant to,
            int limit,
            int offset) {}
}
