package io.bloodnet.fhir.ehr;

import java.time.Duration;
import java.util.function.Supplier;

/**
 * Until when a piece of work that asks a peer several times must have ended, with all its calls, their repetitions and their waits for each
 * other. It is bound to the thread that works, and to what that thread calls. A limit for each call alone lets a peer that is slow each time
 * hold a delivery for as long as there are calls. Safe for all threads.
 */
public final class Deadline {

    private static final ScopedValue<Long> END_NS = ScopedValue.newInstance();

    private Deadline() {}

    /** Does the work; its calls end within that time, or earlier where an outer deadline is earlier. */
    public static <R> R within(Duration whole, Supplier<R> work) {
        long end = System.nanoTime() + leftNs(whole);
        return ScopedValue.where(END_NS, end).call(work::get);
    }

    /** What a call may take that alone may take {@code atMost}; zero when the time is over. */
    static Duration left(Duration atMost) {
        return Duration.ofNanos(leftNs(atMost));
    }

    private static long leftNs(Duration atMost) {
        long own = atMost.toNanos();
        return END_NS.isBound() ? Math.clamp(END_NS.get() - System.nanoTime(), 0, own) : own;
    }
}
