package io.bloodnet.server.worklist;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One reader of the worklist for all who follow it: it looks whether anything changed while somebody follows, reads the list once, and hands
 * the same text to everybody. However many follow, the database is asked the same. Safe for all threads.
 */
final class WorklistFeed implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WorklistFeed.class);

    /** Between two looks. */
    static final Duration LOOK = Duration.ofMillis(500);
    /** A look and a reading take at most one part in so many of the time, as long as that is no pause beyond {@link #AGE_MAX}. */
    private static final int SHARE = 10;
    /** Read again after that long even when nothing seems to have changed: clocks of two servers differ. */
    private static final Duration AGE_MAX = Duration.ofSeconds(5);

    /** A reading; each has a number of its own, and later ones greater numbers. */
    record Reading(long number, String text) {}

    private final Supplier<String> version;
    private final Supplier<ObjectNode> list;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Condition followed = lock.newCondition();
    private Reading newest = new Reading(0, "");
    private int followers;
    private boolean closed;

    /**
     * @param version changes when the list does; cheap
     * @param list reads the list
     */
    WorklistFeed(Supplier<String> version, Supplier<ObjectNode> list) {
        this.version = version;
        this.list = list;
        Thread.ofVirtual().name("worklist-feed").start(this::run);
    }

    /** From now on there is one more who waits for readings. Returns the number of the newest, which may be old. */
    long begin() {
        lock.lock();
        try {
            followers++;
            followed.signal();
            return newest.number();
        } finally {
            lock.unlock();
        }
    }

    /** ... one less. */
    void end() {
        lock.lock();
        try {
            followers--;
        } finally {
            lock.unlock();
        }
    }

    /** The newest reading once it has a greater number than this one, or when the time is over, or this is closed. */
    Reading after(long number, Duration max) throws InterruptedException {
        lock.lock();
        try {
            long left = max.toNanos();
            while (newest.number() <= number && left > 0 && !closed) {
                left = changed.awaitNanos(left);
            }
            return newest;
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        String seen = "";
        long readAt = 0;
        try {
            while (someoneFollows()) {
                long begin = System.nanoTime();
                try {
                    String now = version.get();
                    if (!now.equals(seen) || begin - readAt > AGE_MAX.toNanos()) {
                        tell(list.get().toString());
                        seen = now;
                        readAt = begin;
                    }
                } catch (RuntimeException e) {
                    LOG.warn(
                            "the worklist cannot be read ({}), next: again",
                            e.getClass().getSimpleName());
                }
                pause(Math.clamp((System.nanoTime() - begin) * SHARE, LOOK.toNanos(), AGE_MAX.toNanos()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tell(String text) {
        lock.lock();
        try {
            if (!text.equals(newest.text())) {
                newest = new Reading(newest.number() + 1, text);
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean someoneFollows() throws InterruptedException {
        lock.lock();
        try {
            while (followers == 0 && !closed) {
                followed.await();
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private void pause(long nanos) throws InterruptedException {
        lock.lock();
        try {
            long left = nanos;
            while (!closed && left > 0) {
                left = followed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Lets all go. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
            followed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
