package io.bloodnet.audit;

/** Why the audit log cannot be written. */
public enum AuditFault {
    /** The database does not take the event: away, full, read-only, or rights missing. */
    DATABASE,
    /** The database did not answer within the limit. */
    TIMEOUT,
    /** More events wait than the log may hold in memory. */
    OVERLOADED,
    /** The signing key is missing, unreadable, or not the one that signed this log. */
    KEY,
    /** What the database holds contradicts a signed checkpoint. */
    TAMPERED,
    /** The database user could change or delete entries. */
    TOO_POWERFUL,
    /** The log was closed, the server is stopping. */
    CLOSED
}
