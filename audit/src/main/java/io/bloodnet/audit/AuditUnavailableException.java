package io.bloodnet.audit;

import org.jspecify.annotations.Nullable;

/** The audit log cannot be written (or its key or its own records do not hold): the action must not be done. */
public final class AuditUnavailableException extends RuntimeException {

    private final AuditFault fault;

    public AuditUnavailableException(AuditFault fault, String message) {
        this(fault, message, null);
    }

    public AuditUnavailableException(AuditFault fault, String message, @Nullable Throwable cause) {
        super(fault + ": " + message, cause);
        this.fault = fault;
    }

    /** What broke, for counting and alarms. */
    public AuditFault fault() {
        return fault;
    }
}
