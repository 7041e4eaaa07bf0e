package io.bloodnet.sandbox.pacs;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The faults that the PACS has been told to have; set from any thread at any time. */
public final class PacsFaults {

    private final Map<PacsFault.Operation, PacsFault> every = new EnumMap<>(PacsFault.Operation.class);
    private final Map<PacsFault.Operation, Deque<PacsFault>> next = new EnumMap<>(PacsFault.Operation.class);
    private Duration latency = Duration.ZERO;

    /** The next requests of that kind have these faults, one each. */
    public synchronized void next(PacsFault.Operation operation, PacsFault... faults) {
        next.computeIfAbsent(operation, o -> new ArrayDeque<>()).addAll(List.of(faults));
    }

    /** Every request of that kind has this fault until {@link #clear}. */
    public synchronized void every(PacsFault.Operation operation, PacsFault fault) {
        every.put(operation, fault);
    }

    /** How long each request waits before anything is done. */
    public synchronized void latency(Duration delay) {
        latency = delay;
    }

    synchronized Duration latency() {
        return latency;
    }

    /** No more faults. */
    public synchronized void clear() {
        every.clear();
        next.clear();
        latency = Duration.ZERO;
    }

    synchronized @Nullable PacsFault take(PacsFault.Operation operation) {
        Deque<PacsFault> told = next.get(operation);
        PacsFault fault = told == null ? null : told.poll();
        return fault == null ? every.get(operation) : fault;
    }
}
