package io.bloodnet.imaging.evaluate;

/** An expert's mask that cannot be compared. The message names the attribute, never a value. */
final class BadMaskException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    BadMaskException(String message) {
        super(message);
    }
}
