package io.bloodnet.audit.anchor;

/** A place that remembers checkpoints cannot be reached or written. */
public final class AnchorUnavailableException extends RuntimeException {

    public AnchorUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }

    public AnchorUnavailableException(String message) {
        super(message);
    }
}
