package io.bloodnet.server;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

/** Stops a server's process just when its transaction has the audit log's lock and it works on an order, and lets it go on later. */
final class FrozenProcess implements AutoCloseable {

    private static final int TRIES_MAX = 2_000;
    private static final Duration ASK_MAX = Duration.ofSeconds(2);

    /** A session of its that sits in a transaction which has locked the log; once frozen it asks for nothing more. */
    private static final String HAS_LOCK =
            "select count(*) from pg_stat_activity a join pg_locks l on l.pid = a.pid join pg_class c on c.oid = l.relation"
                    + " where a.application_name = ? and a.state = 'idle in transaction' and c.relname = 'audit_lock'"
                    + " and l.mode = 'RowShareLock' and l.granted";

    private static final String HAS_LEASE = "select count(*) from scheduled_job where picked";

    private final Process process;
    private final DataSource database;
    private final String application;
    private final HttpClient http = HttpClient.newHttpClient();
    private long frozenAt;

    /** @param application the name that the server's sessions have in the database */
    FrozenProcess(Process process, DataSource database, String application) {
        this.process = process;
        this.database = database;
        this.application = application;
    }

    /** @param audited what the server writes to its log for, whenever somebody asks for it */
    void freezeWithLeaseAndLock(URI audited) throws Exception {
        for (int i = 0; i < TRIES_MAX; i++) {
            var answer = http.sendAsync(
                    HttpRequest.newBuilder(audited).timeout(ASK_MAX).build(), HttpResponse.BodyHandlers.discarding());
            process.waitFor(1 + i % 20, TimeUnit.MILLISECONDS);
            signal("STOP");
            if (ask(HAS_LOCK, application) > 0 && ask(HAS_LEASE, null) > 0) {
                frozenAt = System.nanoTime();
                return;
            }
            signal("CONT");
            answer.handle((response, thrown) -> response).get();
        }
        throw new AssertionError("it was never found with the lock and a lease");
    }

    Duration untilTheDatabaseFreesTheLock() throws Exception {
        while (ask(HAS_LOCK, application) > 0) {
            process.waitFor(100, TimeUnit.MILLISECONDS);
        }
        return Duration.ofNanos(System.nanoTime() - frozenAt);
    }

    void thaw() throws IOException {
        signal("CONT");
    }

    private void signal(String name) throws IOException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .onExit()
                .join();
    }

    private long ask(String sql, String name) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            if (name != null) {
                statement.setString(1, name);
            }
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    @Override
    public void close() throws IOException {
        signal("CONT");
        process.destroyForcibly().onExit().join();
    }
}
