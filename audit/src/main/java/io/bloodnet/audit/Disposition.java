package io.bloodnet.audit;

/** What became of a message. */
public enum Disposition {
    ACCEPTED,
    /** Seen before: answered as then, nothing done again. */
    REPEATED,
    REFUSED,
    /** Understood, and not for us. */
    IGNORED
}
