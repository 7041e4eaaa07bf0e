package io.bloodnet.audit;

import java.sql.Connection;
import java.util.List;

/**
 * Writes what happened. An action whose event cannot be written must not be done: every failure is an
 * {@link AuditUnavailableException}, which callers do not catch to go on. Safe for all threads.
 */
public interface AuditLog {

    /**
     * Writes the event in the caller's transaction: it is committed with what it records, or not at all. Costs one insert and takes no
     * lock that another transaction could wait for. The caller commits.
     *
     * @param transaction an open connection to the log's database with auto-commit off
     * @throws AuditUnavailableException the caller must roll back
     */
    void append(Connection transaction, AuditEvent event);

    /**
     * As {@link #append(Connection, AuditEvent)} for several events in their order, which may cost one insert together.
     *
     * @throws AuditUnavailableException the caller must roll back
     */
    default void append(Connection transaction, List<AuditEvent> events) {
        events.forEach(event -> append(transaction, event));
    }

    /**
     * Writes the event in a transaction of its own and returns when it is durable. Events that many threads record at one time share
     * one commit. It sees, and is ordered after, everything that {@link #append} wrote and this thread committed before.
     *
     * @throws AuditUnavailableException the action must not be done
     */
    void record(AuditEvent event);
}
