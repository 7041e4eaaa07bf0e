package io.bloodnet.server.signin;

import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.audit.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Requests of nobody in particular that were refused: one entry a minute tells how many, so that strangers do not fill the log. */
final class Knocks {

    static final Duration EVERY = Duration.ofMinutes(1);

    private final AuditLog audit;
    private final InstantSource clock;
    /** Guarded by this. */
    private Instant toldAt = Instant.EPOCH;
    /** Guarded by this. */
    private long untold;

    Knocks(AuditLog audit, InstantSource clock) {
        this.audit = audit;
        this.clock = clock;
    }

    /** There was one more. */
    void another() {
        long count;
        Instant now = clock.instant();
        synchronized (this) {
            untold++;
            if (now.isBefore(toldAt.plus(EVERY))) {
                return;
            }
            count = untold;
            untold = 0;
            toldAt = now;
        }
        audit.record(new AuditEvent.AccessRefused(
                now, About.nothing(), Outcome.SERIOUS_FAILURE, "pages", count + " requests without sign-in or token"));
    }
}
