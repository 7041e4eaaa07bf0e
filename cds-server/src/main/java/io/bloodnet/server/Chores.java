package io.bloodnet.server;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Small things done every so often. One that waits for its peer holds up no other. A chore that fails is logged and done again at its next turn. */
final class Chores implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Chores.class);

    private static final int CLOSE_MAX_S = 15;

    /** More than there are chores: those that ask the EHR or the archive may all hang while the sweep goes on. */
    private static final int THREADS = 12;

    private final ScheduledExecutorService executor = Executors.newScheduledThreadPool(
            THREADS, Thread.ofPlatform().name("bloodnet-chore-", 0).daemon().factory());

    void every(String name, Duration period, Runnable chore) {
        var unused = executor.scheduleWithFixedDelay(
                () -> safely(name, chore), period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** As above, the first time after another while. */
    void every(String name, Duration period, Duration first, Runnable chore) {
        var unused = executor.scheduleWithFixedDelay(
                () -> safely(name, chore), first.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
    }

    void soon(String name, Runnable chore) {
        executor.execute(() -> safely(name, chore));
    }

    private static void safely(String name, Runnable chore) {
        try {
            chore.run();
        } catch (RuntimeException e) {
            LOG.warn("{} failed, it is done again at its next turn: {}", name, e.toString());
        }
    }

    @Override
    public void close() {
        executor.shutdown();
        try {
            if (!executor.awaitTermination(CLOSE_MAX_S, TimeUnit.SECONDS)) {
                LOG.warn("a chore does not end in {} s", CLOSE_MAX_S);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
