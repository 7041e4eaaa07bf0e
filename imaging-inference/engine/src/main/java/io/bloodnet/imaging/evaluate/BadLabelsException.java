package io.bloodnet.imaging.evaluate;

/** A table of labels that cannot be used. The message names line and column, never a value. */
public final class BadLabelsException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    BadLabelsException(String message) {
        super(message);
    }
}
