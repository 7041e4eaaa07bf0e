package io.bloodnet.server.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.h2.api.ErrorCode;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.StatementExceptions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The database, opened only in a mode in which a commit is durable (promise 1). H2 syncs in groups after each commit, since its own
 * defaults lose committed rows; PostgreSQL does so itself when its settings say so, which are read back here. Safe for all threads.
 */
public final class Database implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Database.class);

    /**
     * Connections that this pool holds at most: it takes what comes in, and writes the audit log and cards. With {@link #WORKERS_MAX} and
     * {@link #READERS_MAX} they are 36 for a server; more than the CPU count times a few only makes PostgreSQL wait.
     */
    public static final int POOL_MAX = 14;
    /** ... of those who work on orders and deliver results. */
    public static final int WORKERS_MAX = 16;
    /** ... of pages, searches and metrics: however slow they are, no acknowledgement waits for their connections. */
    public static final int READERS_MAX = 6;
    /** Longest wait for a connection, ms. */
    public static final long POOL_WAIT_MS = 5_000;
    /** A connection that does not prove within this time that it works is replaced, ms. */
    private static final long PROOF_MAX_MS = 1_000;
    /** Longest statement, ms: beyond it the database ends the statement. */
    private static final int STATEMENT_MAX_MS = 15_000;
    /** Longest wait for another's lock, ms. */
    private static final int LOCK_MAX_MS = 5_000;
    /** A transaction in which nothing is asked for so long is ended by PostgreSQL itself, ms: its server is frozen or gone. */
    private static final int IDLE_IN_TRANSACTION_MAX_MS = 8_000;
    /** Longest silence of PostgreSQL after a question, seconds; more than a statement may take. */
    private static final int SOCKET_MAX_S = STATEMENT_MAX_MS / 1_000 + 3;
    /** ... when the question may be long: migration, verification. */
    private static final int PATIENT_SOCKET_MAX_S = 3_600;

    /** Longest use of a connection for one reading or one transaction, ms; more than a statement may take and be told of. */
    private static final int USE_MAX_MS = 20_000;

    private static final int CONNECT_MAX_S = 5;
    /** Longest wait for the answer to a question about its health. */
    private static final int ANSWER_MAX_MS = 3_000;
    /** How often a transaction that lost a race is done again. */
    private static final int RACE_TRIES_MAX = 5;

    /** What the two call differently; SHA-256 is of a text's UTF-8, in lower-case hexadecimal. */
    private static final Map<String, String> H2_WORDS = Map.of(
            "blob", "blob",
            "event-ids-at-once", "1000", // it commits each time that it takes new ids
            "sha256-begin", "lower(rawtohex(hash('SHA-256', stringtoutf8(",
            "sha256-end", "))))");

    private static final Map<String, String> POSTGRES_WORDS = Map.of(
            "blob", "bytea",
            "event-ids-at-once", "1", // its sessions would take ids out of order
            "sha256-begin", "encode(sha256(convert_to(",
            "sha256-end", ", 'UTF8')), 'hex')");

    private final HikariDataSource pool;
    private final Jdbi jdbi;
    private @Nullable CompletableFuture<Boolean> question;
    private final @Nullable GroupSync sync;
    private @Nullable H2Tidy tidy;
    private final boolean h2;
    /** Null for H2, whose answers come over no network, and for commands, which may take their time. */
    private final @Nullable UseLimit uses;

    private Database(HikariDataSource pool, boolean h2, boolean brief) {
        this.pool = pool;
        this.jdbi = Jdbi.create(pool);
        // An exception's text reaches the log, and bound values may identify a patient.
        this.jdbi.getConfig(StatementExceptions.class).setMessageRendering(StatementExceptions.MessageRendering.NONE);
        this.h2 = h2;
        this.sync = h2 ? new GroupSync(this::checkpointSync) : null;
        this.uses = brief && !h2 ? new UseLimit(Duration.ofMillis(USE_MAX_MS)) : null;
    }

    /**
     * Opens, migrates and checks.
     *
     * @param url {@code jdbc:h2:...} or {@code jdbc:postgresql:...}
     * @param password null for none
     * @throws StoreException when it cannot be opened or would lose commits
     */
    public static Database open(String url, String user, @Nullable String password) {
        Database database = connect(url, user, password, true);
        try {
            database.migrate(url, user, password);
            database.requireDurability();
            database.tidy = database.h2 ? H2Tidy.start(database.pool) : null;
            return database;
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    /** Opens an existing database without changing it: for verification beside or instead of a running server. */
    public static Database openForReading(String url, String user, @Nullable String password) {
        return connect(url.startsWith("jdbc:h2:") ? url + ";IFEXISTS=TRUE" : url, user, password, false);
    }

    /** Opens an existing database so that it cannot be written, not even by what H2 does when it opens its own file. */
    public static Database openToLook(String url, String user, @Nullable String password) {
        return url.startsWith("jdbc:h2:")
                ? connect(url + ";IFEXISTS=TRUE;ACCESS_MODE_DATA=r", user, password, false)
                : connect(url, user, password, false);
    }

    /** Whether an H2 file could not be opened because another process has it open. */
    public static boolean isOpenElsewhere(StoreException thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getErrorCode() == ErrorCode.DATABASE_ALREADY_OPEN_1) {
                return true;
            }
        }
        return false;
    }

    /** The file of an H2 database; empty for PostgreSQL. @throws StoreException for an URL that this server does not open */
    public static Optional<Path> h2File(String url) {
        return url.startsWith("jdbc:h2:") ? Optional.of(H2Url.file(url)) : Optional.empty();
    }

    /**
     * The same database by connections of their own: whoever uses up those leaves the others alone. Closed by the caller, before this one.
     *
     * @param name of the pool, for logs
     * @param connections at most
     */
    public Database beside(String name, int connections) {
        HikariConfig config = new HikariConfig();
        pool.copyStateTo(config);
        config.setPoolName(name);
        config.setMaximumPoolSize(connections);
        config.setMinimumIdle(1); // most of the time few are needed
        return new Database(new HikariDataSource(config), h2, uses != null);
    }

    /** @param brief whether each statement and transaction has to end soon */
    private static Database connect(String url, String user, @Nullable String password, boolean brief) {
        boolean h2 = url.startsWith("jdbc:h2:");
        if (!h2 && !url.startsWith("jdbc:postgresql:")) {
            throw new StoreException("database.url must start with jdbc:h2: or jdbc:postgresql:");
        }
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(h2 ? H2Url.of(url) : url);
        config.setUsername(user);
        config.setPassword(password);
        config.setMaximumPoolSize(brief ? POOL_MAX : POOL_MAX + WORKERS_MAX + READERS_MAX);
        if (!brief) {
            config.setMinimumIdle(1); // a command asks one thing after the other
        }
        config.setConnectionTimeout(POOL_WAIT_MS);
        config.setValidationTimeout(PROOF_MAX_MS);
        config.setPoolName("bloodnet");
        if (h2) {
            config.setConnectionInitSql(brief ? "set query_timeout " + STATEMENT_MAX_MS : null);
        } else {
            timeouts(brief).forEach(config::addDataSourceProperty);
        }
        try {
            return new Database(new HikariDataSource(config), h2, brief);
        } catch (RuntimeException e) {
            throw new StoreException(
                    "the database cannot be opened: check database.url, user and password-file,"
                            + (h2 ? " and that no other process has the file open" : " and that the server runs"),
                    e);
        }
    }

    /** What PostgreSQL's driver needs so that no connection waits for ever, on either side. */
    private static Map<String, String> timeouts(boolean brief) {
        Map<String, String> properties = new HashMap<>(Map.of(
                "reWriteBatchedInserts", "true", // one statement for a batch of rows
                "connectTimeout", Integer.toString(CONNECT_MAX_S),
                "loginTimeout", Integer.toString(2 * CONNECT_MAX_S),
                "cancelSignalTimeout", Integer.toString(CONNECT_MAX_S),
                "socketTimeout", Integer.toString(brief ? SOCKET_MAX_S : PATIENT_SOCKET_MAX_S),
                "tcpKeepAlive", "true"));
        if (brief) {
            properties.put(
                    "options",
                    "-c statement_timeout=" + STATEMENT_MAX_MS + " -c lock_timeout=" + LOCK_MAX_MS
                            + " -c idle_in_transaction_session_timeout=" + IDLE_IN_TRANSACTION_MAX_MS
                            + " -c tcp_user_timeout=" + IDLE_IN_TRANSACTION_MAX_MS
                            + " -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3");
        }
        return properties;
    }

    /** A migration may take long: it has connections of its own on PostgreSQL. */
    private void migrate(String url, String user, @Nullable String password) {
        FluentConfiguration flyway = Flyway.configure();
        if (h2) {
            flyway.dataSource(pool);
        } else {
            flyway.dataSource(url, user, password);
        }
        flyway.locations("classpath:db/audit", "classpath:db/server")
                .placeholders(h2 ? H2_WORDS : POSTGRES_WORDS)
                .load()
                .migrate();
    }

    /** Reads back what the engine really does, promise 1. */
    private void requireDurability() {
        if (h2) {
            List<String> delay = settings(
                    "select setting_value from information_schema.settings where setting_name = 'WRITE_DELAY'");
            if (delay.isEmpty() || !delay.stream().allMatch("0"::equals)) {
                throw new StoreException("H2 runs with WRITE_DELAY " + delay
                        + ": committed orders could be lost; remove it from database.url");
            }
            return;
        }
        for (String name : new String[] {"fsync", "synchronous_commit", "full_page_writes"}) {
            if (settings("show " + name).contains("off")) {
                throw new StoreException(
                        "PostgreSQL runs with " + name + " = off: committed orders could be lost; turn it on");
            }
        }
    }

    private List<String> settings(String sql) {
        return jdbi.withHandle(
                handle -> handle.createQuery(sql).mapTo(String.class).list());
    }

    private void checkpointSync() {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("checkpoint sync");
        } catch (SQLException e) {
            throw new StoreException("the disk did not confirm a commit", e);
        }
    }

    /**
     * Runs the work in one transaction and returns when it is durable. A transaction that lost a race against another (unique key,
     * serialization, deadlock) is rolled back and done again, at most {@value #RACE_TRIES_MAX} times; so the work must have no effect
     * outside the handle.
     *
     * @throws StoreException when the database cannot be used
     */
    public <T extends @Nullable Object> T inTransaction(Function<Handle, T> work) {
        T result = raced(work);
        awaitDurable();
        return result;
    }

    private <T extends @Nullable Object> T raced(Function<Handle, T> work) {
        for (int attempt = 1; ; attempt++) {
            try {
                return jdbi.inTransaction(handle -> limited(handle, work));
            } catch (RuntimeException e) {
                replaceWhenLost(e);
                if (attempt == RACE_TRIES_MAX || !lostRace(e)) {
                    throw e;
                }
            }
        }
    }

    /**
     * Runs the work once in one transaction and returns when it is durable. Empty when the work failed: then it was rolled back.
     *
     * @throws RuntimeException when the commit failed: nobody knows whether it was done
     */
    <T> Optional<T> tryInTransaction(Function<Handle, T> work) {
        AtomicReference<T> result = new AtomicReference<>();
        try {
            jdbi.useTransaction(handle -> result.set(limited(handle, work)));
        } catch (RuntimeException e) {
            replaceWhenLost(e);
            if (result.get() != null) {
                throw e;
            }
            LOG.debug(
                    "shared transaction rolled back ({}), next: each alone",
                    e.getClass().getSimpleName());
            return Optional.empty();
        }
        awaitDurable();
        return Optional.ofNullable(result.get());
    }

    /**
     * One connection that was lost (SQLSTATE class 08, 57P01 to 57P03, 25P03, H2's 90098 and 90028) says that those which lie idle may be
     * lost too: each is replaced before it is used again, so that the next caller does not find out one after the other.
     */
    private void replaceWhenLost(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null && isLost(sql.getSQLState())) {
                LOG.warn("a connection to the database was lost ({}), next: new ones", sql.getSQLState());
                pool.getHikariPoolMXBean().softEvictConnections();
                return;
            }
        }
    }

    private static boolean isLost(String state) {
        return state.startsWith("08") || state.startsWith("57P") || state.equals("25P03") || state.startsWith("900");
    }

    /** SQLSTATE classes 23505 (unique), 40001 and 40P01 (serialization, deadlock), H2's 50200 (lock timeout) and 90131 (concurrent update). */
    private static boolean lostRace(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                return switch (sql.getSQLState()) {
                    case "23505", "40001", "40P01", "HYT00", "90131" -> true;
                    default -> false;
                };
            }
        }
        return false;
    }

    /** Returns when everything that this thread committed before is on the disk. */
    public void awaitDurable() {
        if (sync != null) {
            sync.await();
        }
    }

    /** Reads without a transaction of several statements. */
    public <T extends @Nullable Object> T read(Function<Handle, T> work) {
        return jdbi.withHandle(handle -> limited(handle, work));
    }

    private <T extends @Nullable Object> T limited(Handle handle, Function<Handle, T> work) {
        return uses == null ? work.apply(handle) : uses.within(handle, work);
    }

    /**
     * What keeps it from answering a question now, in words; empty when it answers. Waits {@value #ANSWER_MAX_MS} ms at most: callers that
     * come meanwhile share one question.
     */
    public Optional<String> trouble() {
        CompletableFuture<Boolean> asked = asked();
        try {
            asked.get(ANSWER_MAX_MS, TimeUnit.MILLISECONDS);
            return Optional.empty();
        } catch (TimeoutException e) {
            return Optional.of("the database does not answer within " + ANSWER_MAX_MS / 1_000 + " s");
        } catch (ExecutionException e) {
            return Optional.of("the database refuses: " + stateOf(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("the question to the database was interrupted");
        }
    }

    private synchronized CompletableFuture<Boolean> asked() {
        CompletableFuture<Boolean> now = question;
        if (now == null || now.isDone()) {
            CompletableFuture<Boolean> next = new CompletableFuture<>();
            question = next;
            Thread.ofVirtual().name("database-question").start(() -> {
                try {
                    next.complete(answers());
                } catch (RuntimeException e) {
                    next.completeExceptionally(e);
                }
            });
            return next;
        }
        return now;
    }

    private static String stateOf(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                return "SQLSTATE " + sql.getSQLState();
            }
        }
        return "no connection";
    }

    /** Connections in use, and callers that wait for one. */
    public int connectionsInUse() {
        return pool.getHikariPoolMXBean().getActiveConnections();
    }

    /** Connections that it holds at most. */
    public int connectionsMax() {
        return pool.getMaximumPoolSize();
    }

    /** Callers that wait for a connection. */
    public int waitingForConnection() {
        return pool.getHikariPoolMXBean().getThreadsAwaitingConnection();
    }

    /** Whether it answers now. */
    public boolean answers() {
        return read(handle -> handle.createQuery("select 1").mapTo(int.class).one()) == 1;
    }

    /** For parts that bring their own statements; their commits on H2 are durable only after {@link #awaitDurable}. */
    public Jdbi jdbi() {
        return jdbi;
    }

    /** Whether this is H2: one process, one file. */
    public boolean isH2() {
        return h2;
    }

    /** For libraries that want a DataSource. */
    public DataSource dataSource() {
        return pool;
    }

    /** Closes all connections. */
    @Override
    public void close() {
        H2Tidy running = tidy;
        if (running != null) {
            running.close();
        }
        pool.close();
        if (uses != null) {
            uses.close();
        }
    }
}
