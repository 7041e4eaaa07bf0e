package io.bloodnet.imaging.trace;

import java.util.function.Supplier;

/** Is told of the steps of one order, in whatever thread they run. Safe for all threads. */
@FunctionalInterface
public interface Spans {

    /** Who is told of the steps that this thread takes; nobody when it is not bound. */
    ScopedValue<Spans> OF_ORDER = ScopedValue.newInstance();

    /**
     * A step is over.
     *
     * @param step its name, lower case; holds nothing of the order
     * @param startNanos when it began, by {@link System#nanoTime()}
     * @param endNanos when it ended
     */
    void span(String step, long startNanos, long endNanos);

    /** Takes a step and tells how long it took, also when it fails. */
    static <T> T time(String step, Supplier<T> taken) {
        long start = System.nanoTime();
        try {
            return taken.get();
        } finally {
            tell(step, start);
        }
    }

    /** A step that began then is over now. */
    static void tell(String step, long startNanos) {
        if (OF_ORDER.isBound()) {
            OF_ORDER.get().span(step, startNanos, System.nanoTime());
        }
    }
}
