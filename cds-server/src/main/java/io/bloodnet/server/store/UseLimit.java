package io.bloodnet.server.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The longest that a connection is used for one thing, whatever the database does: one whose answers drip is never silent, so that no limit
 * of a socket sees it, and has long ended the statement itself. Safe for all threads.
 */
final class UseLimit implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(UseLimit.class);

    private final long maxMs;
    private final ScheduledThreadPoolExecutor timer;

    UseLimit(Duration max) {
        this.maxMs = max.toMillis();
        this.timer = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().name("database-use-limit").daemon().factory());
        timer.setRemoveOnCancelPolicy(true);
    }

    /** Does the work; when it takes too long its connection is cut off, and the work sees that as a lost connection. */
    <T extends @Nullable Object> T within(Handle handle, Function<Handle, T> work) {
        Connection connection = handle.getConnection();
        ScheduledFuture<?> end = timer.schedule(() -> cut(connection), maxMs, TimeUnit.MILLISECONDS);
        try {
            return work.apply(handle);
        } finally {
            end.cancel(false);
        }
    }

    private void cut(Connection connection) {
        LOG.warn("a connection to the database was in use for {} s, next: it is cut off", maxMs / 1_000);
        try {
            connection.abort(task -> Thread.ofVirtual().start(task));
        } catch (SQLException e) {
            LOG.warn("it cannot be cut off ({})", e.getSQLState());
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
