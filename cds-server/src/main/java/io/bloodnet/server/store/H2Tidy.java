package io.bloodnet.server.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.MVStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps an H2 file in proportion to its rows while the server runs. Each commit writes a chunk; a chunk is free again when none of its pages
 * is in use, and the last page of a table that only grows (the audit log) would keep most chunks for ever. The engine moves such pages
 * together in a thread that it does not have while {@code WRITE_DELAY} is 0; this is that thread. It moves pages by the engine's own means:
 * they are part of the next commit, and as durable as it. Safe for all threads.
 */
final class H2Tidy implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(H2Tidy.class);

    /** How often it looks, ms. */
    private static final long EVERY_MS = 500;
    /** It looks again after so many commits. */
    private static final long COMMITS_MIN = 100;
    /** Percent of the chunks' bytes that should be in use; above it nothing is moved. */
    private static final int IN_USE_MIN = 50;
    /** Bytes that are moved at once; they make the next commit longer. */
    private static final int MOVED_MAX = 1 << 20;
    /** Longest wait for the end of a look, when the database is closed, ms. */
    private static final long CLOSE_MAX_MS = 5_000;

    private final DataSource pool;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("h2-tidy").factory());
    private long lookedAt;

    private H2Tidy(DataSource pool) {
        this.pool = pool;
    }

    static H2Tidy start(DataSource pool) {
        H2Tidy tidy = new H2Tidy(pool);
        tidy.thread.scheduleWithFixedDelay(tidy::look, EVERY_MS, EVERY_MS, TimeUnit.MILLISECONDS);
        return tidy;
    }

    private void look() {
        try (Connection connection = pool.getConnection()) {
            MVStore store = store(connection);
            long now = store.getCurrentVersion();
            if (Math.abs(now - lookedAt) >= COMMITS_MIN) {
                lookedAt = now;
                store.compact(IN_USE_MIN, MOVED_MAX);
            }
        } catch (SQLException | RuntimeException e) {
            LOG.debug(
                    "the database's file was not tidied ({}), next: at the next look",
                    e.getClass().getSimpleName());
        }
    }

    /** One look, whatever was committed since the one before. */
    static void once(Connection connection) throws SQLException {
        store(connection).compact(IN_USE_MIN, MOVED_MAX);
    }

    private static MVStore store(Connection connection) throws SQLException {
        if (connection.unwrap(JdbcConnection.class).getSession() instanceof SessionLocal session) {
            return session.getDatabase().getStore().getMvStore();
        }
        throw new SQLException("not a database of this process");
    }

    /** Does not interrupt it: Java closes a file under an interrupted thread. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(CLOSE_MAX_MS, TimeUnit.MILLISECONDS)) {
                LOG.warn("the database's file is still being tidied, next: it is closed nevertheless");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
