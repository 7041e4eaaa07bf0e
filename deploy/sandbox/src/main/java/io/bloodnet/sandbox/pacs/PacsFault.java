package io.bloodnet.sandbox.pacs;

import java.time.Duration;

/** How the PACS misbehaves. */
public sealed interface PacsFault {

    /** What a request wants. */
    enum Operation {
        /** QIDO-RS. */
        QUERY,
        /** WADO-RS, metadata included. */
        RETRIEVE,
        /** STOW-RS. */
        STORE
    }

    /** The connection is cut without an answer. */
    record Cut() implements PacsFault {}

    /** Another HTTP status, e.g. 503, and nothing is done. */
    record Status(int status) implements PacsFault {}

    /** The body stops after so many bytes; the connection stays open for the time, then is cut. */
    record Stall(long afterBytes, Duration time) implements PacsFault {}

    /** The connection is cut after so many bytes of the body. */
    record Truncate(long afterBytes) implements PacsFault {}

    /**
     * Retrieval of a series or study leaves out every n-th instance, as if it had never been asked for.
     *
     * @param alsoSingly whether the same instances are unknown when asked for one by one, too
     */
    record Omit(int every, boolean alsoSingly) implements PacsFault {}

    /** Queries and retrievals answer with another study than asked for. */
    record OtherStudy(String studyUid) implements PacsFault {}

    /** Queries ignore all matching keys and list everything, as real servers do with keys that they do not know. */
    record IgnoreKeys() implements PacsFault {}

    /** Storing says 200 and lists nothing as stored; nothing is. */
    record StoreNothing() implements PacsFault {}
}
