package io.bloodnet.imaging.bloodnet;

/** The network failed on a study, or gave something that is no probability. The study ends not analyzed; the network stays usable. */
public final class ModelAnswerException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    ModelAnswerException(String message) {
        super(message);
    }

    ModelAnswerException(String message, Throwable cause) {
        super(message, cause);
    }
}
