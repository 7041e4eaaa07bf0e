package io.bloodnet.sandbox.ehr;

/** How the EHR fails a write when told to. */
public enum EhrFault {
    /** 503 with Retry-After: 1; nothing is done. */
    UNAVAILABLE,
    /** 429 with Retry-After: 1; nothing is done. */
    TOO_MANY,
    /** 500; nothing is done. */
    BROKEN,
    /** 409; nothing is done. */
    CONFLICT,
    /** 412; nothing is done. */
    PRECONDITION_FAILED,
    /** 422; nothing is done. */
    UNPROCESSABLE,
    /** The connection is cut; nothing is done. */
    RESET_BEFORE,
    /** The work is done, then the connection is cut. */
    RESET_AFTER,
    /** The work is done, then no answer comes until the hold time is over and the connection is cut. */
    TIMEOUT_AFTER
}
