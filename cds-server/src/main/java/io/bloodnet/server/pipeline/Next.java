package io.bloodnet.server.pipeline;

import java.time.Instant;

/** What the queue does after a run. */
sealed interface Next {
    /** Nothing more until an event wakes it. */
    record Done() implements Next {}

    /** Run again at that time. */
    record At(Instant when) implements Next {}
}
