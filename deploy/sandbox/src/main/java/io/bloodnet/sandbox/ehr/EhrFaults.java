package io.bloodnet.sandbox.ehr;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How the EHR misbehaves; set from any thread at any time. */
public final class EhrFaults {

    private final Deque<EhrFault> nextWrites = new ArrayDeque<>();
    private @Nullable EhrFault everyWrite;
    private boolean rejectsAiast;
    private Duration latency = Duration.ZERO;
    private Duration hold = Duration.ofSeconds(20);

    /** The next writes fail, one fault each. */
    public synchronized void nextWrites(EhrFault... faults) {
        nextWrites.addAll(List.of(faults));
    }

    /** Every write fails until told otherwise; null for none. */
    public synchronized void everyWrite(@Nullable EhrFault fault) {
        everyWrite = fault;
    }

    /** Whether the security label AIAST is an unknown code here, as it is to HAPI 8.8: $validate complains and writes get 422. */
    public synchronized void rejectsAiast(boolean rejects) {
        rejectsAiast = rejects;
    }

    /** How long each request waits before anything is done. */
    public synchronized void latency(Duration delay) {
        latency = delay;
    }

    /** How long {@link EhrFault#TIMEOUT_AFTER} keeps the caller waiting. */
    public synchronized void hold(Duration time) {
        hold = time;
    }

    synchronized @Nullable EhrFault takeForWrite() {
        EhrFault told = nextWrites.poll();
        return told == null ? everyWrite : told;
    }

    synchronized boolean rejectsAiast() {
        return rejectsAiast;
    }

    synchronized Duration latency() {
        return latency;
    }

    synchronized Duration hold() {
        return hold;
    }
}
