package io.bloodnet.fhir;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which refusals get an entry of their own in the audit log: {@value #EACH_MINUTE} in a minute. Those beyond are counted, and the count is told
 * with the next one that has an entry, so that nobody can fill the log by knocking. Safe for all threads.
 */
public final class RefusalLimit {

    /** Refusals in one minute that get an entry of their own. */
    public static final int EACH_MINUTE = 10;

    private static final Duration MINUTE = Duration.ofMinutes(1);

    /** Guarded by this, as all below. */
    private Instant began = Instant.MIN;

    private int inThisMinute;
    private long leftOut;

    /** What to add to the reason, empty for nothing; null when this refusal is only counted. */
    public synchronized @Nullable String admit(Instant now) {
        if (began.equals(Instant.MIN) || !now.isBefore(began.plus(MINUTE)) || now.isBefore(began)) {
            began = now;
            inThisMinute = 0;
        }
        if (++inThisMinute > EACH_MINUTE) {
            leftOut++;
            return null;
        }
        return takeLeftOut();
    }

    private String takeLeftOut() {
        String more = leftOut == 0 ? "" : " (and " + leftOut + " refusals before without an event of their own)";
        leftOut = 0;
        return more;
    }
}
