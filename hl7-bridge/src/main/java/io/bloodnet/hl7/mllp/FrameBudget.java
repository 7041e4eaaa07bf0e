package io.bloodnet.hl7.mllp;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes that large half-received messages may take together, so that many slow links cannot fill the heap. Safe for all threads. */
final class FrameBudget {

    private final AtomicLong free;

    FrameBudget(long bytes) {
        free = new AtomicLong(bytes);
    }

    boolean take(long bytes) {
        if (free.addAndGet(-bytes) >= 0) {
            return true;
        }
        free.addAndGet(bytes);
        return false;
    }

    void giveBack(long bytes) {
        free.addAndGet(bytes);
    }

    long free() {
        return free.get();
    }
}
