package io.bloodnet.server.store;

/** The database cannot be used now, or in this mode. The message says what a person should do; it holds no data. */
public final class StoreException extends RuntimeException {

    /** @param message what failed and what to do */
    public StoreException(String message) {
        super(message);
    }

    /** As above, keeping the cause. */
    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
