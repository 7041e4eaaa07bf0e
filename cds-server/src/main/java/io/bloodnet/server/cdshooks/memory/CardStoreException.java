package io.bloodnet.server.cdshooks.memory;

/** A call cannot be remembered, so nothing may be shown. */
public final class CardStoreException extends RuntimeException {

    private final Fault fault;

    /** What broke, for counting and alarms. */
    public enum Fault {
        /** The database refused. */
        DATABASE,
        /** The audit log cannot be written. */
        AUDIT,
        /** The database did not answer in time. */
        TIMEOUT,
        /** Too many calls wait to be written. */
        OVERLOADED,
        /** The server is stopping. */
        CLOSED
    }

    public CardStoreException(Fault fault, String message) {
        super(message);
        this.fault = fault;
    }

    public CardStoreException(Fault fault, String message, Throwable cause) {
        super(message, cause);
        this.fault = fault;
    }

    /** What broke. */
    public Fault fault() {
        return fault;
    }
}
