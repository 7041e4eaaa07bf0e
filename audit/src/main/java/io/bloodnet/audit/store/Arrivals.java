package io.bloodnet.audit.store;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Events from the threads that record them to the one that writes them, {@link LedgerSettings#QUEUE_MAX} at most. The writer is woken once
 * for a batch, not once for an event: it says how many it waits for.
 */
final class Arrivals {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition enough = lock.newCondition();
    /** Guarded by {@link #lock}, as the next. */
    private final Queue<WaitingEvent> waiting = new ArrayDeque<>();

    private int wanted = 1;

    /** False when too many are waiting. */
    boolean offer(WaitingEvent event) {
        lock.lock();
        try {
            if (waiting.size() >= LedgerSettings.QUEUE_MAX) {
                return false;
            }
            waiting.add(event);
            if (waiting.size() >= wanted) {
                enough.signal();
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Up to {@link LedgerSettings#BATCH_MAX} events, oldest first; empty when none came in time.
     *
     * @param company that many are awaited first, for as long as {@code companyWait}: the callers of the last commit come back one by one,
     *     and a moment's wait takes them in one commit instead of two
     * @param wait then how long for the first one
     */
    List<WaitingEvent> take(int company, Duration companyWait, Duration wait) throws InterruptedException {
        lock.lock();
        try {
            if (company > 1) {
                await(Math.min(company, LedgerSettings.BATCH_MAX), companyWait);
            }
            await(1, wait);
            List<WaitingEvent> taken = new ArrayList<>(waiting.size());
            while (taken.size() < LedgerSettings.BATCH_MAX && !waiting.isEmpty()) {
                taken.add(waiting.remove());
            }
            return taken;
        } finally {
            lock.unlock();
        }
    }

    private void await(int count, Duration limit) throws InterruptedException {
        wanted = count;
        long left = limit.toNanos();
        while (waiting.size() < count && left > 0) {
            left = enough.awaitNanos(left);
        }
    }

    int size() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /** How long the first one has waited; zero when none waits. */
    Duration oldest() {
        lock.lock();
        try {
            WaitingEvent first = waiting.peek();
            return first == null ? Duration.ZERO : first.age();
        } finally {
            lock.unlock();
        }
    }

    /** All that wait, for when nothing more is written. */
    List<WaitingEvent> drain() {
        lock.lock();
        try {
            List<WaitingEvent> all = List.copyOf(waiting);
            waiting.clear();
            return all;
        } finally {
            lock.unlock();
        }
    }
}
