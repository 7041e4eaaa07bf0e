package io.bloodnet.imaging.study;

/** The archive could not be asked, or answered nonsense. Whether and when to try again is the pipeline's choice. */
public final class StudySourceException extends RuntimeException {

    /** What went wrong, counted in metrics. */
    public enum Code {
        /** No connection, or it broke. */
        UNREACHABLE,
        /** No answer in time. */
        TIMEOUT,
        /** A status that says "not now" (429, 5xx). */
        BUSY,
        /** A status or body that says the request is wrong (4xx). */
        REFUSED,
        /** An answer that is not what was asked for or breaks its format. */
        BAD_ANSWER,
        /** An answer over a limit. */
        TOO_LARGE,
        /** The archive was not asked: all places for studies are taken. */
        NO_TURN
    }

    private final Code code;

    /** @param message what happened, without patient data or query strings */
    public StudySourceException(Code code, String message) {
        super(message);
        this.code = code;
    }

    /** As above, keeping the cause. */
    public StudySourceException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /** What went wrong. */
    public Code code() {
        return code;
    }
}
