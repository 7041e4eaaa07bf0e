package io.bloodnet.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bloodnet.audit.testing.FaultProxy;
import io.bloodnet.audit.testing.FaultProxy.Weather;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** PostgreSQL behind a network that fails: nothing waits for ever, health says so, and all goes on when it works again. */
class DeadConnectionTest {

    /** Longest wait for what has to end by itself: a statement's limit, the socket's, and a busy machine. */
    private static final Duration ENDS_WITHIN = Duration.ofSeconds(40);

    private EmbeddedPostgres postgres;
    private FaultProxy proxy;
    private Database database;
    private Memo memo;

    @BeforeEach
    void start() throws IOException {
        postgres = EmbeddedPostgres.builder()
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on")
                .start();
        proxy = new FaultProxy(postgres.getPort());
        database = Database.open(
                "jdbc:postgresql://127.0.0.1:" + proxy.port() + "/postgres?sslmode=disable", "postgres", null);
        memo = new Memo(database);
        memo.put("before", "1");
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        database.close();
        postgres.close();
    }

    @Test
    void a_group_in_a_black_hole_ends_and_the_next_one_is_done() throws Exception {
        GroupCommit<String, Integer> commits = new GroupCommit<>(
                database,
                (handle, items) -> items.stream()
                        .map(item -> handle.execute("insert into memo (name, text_value) values (?, 'x')", item))
                        .toList());
        assertThat(commits.run("fair")).isEqualTo(1);
        proxy.set(new Weather.Blackhole());
        CompletableFuture<Integer> lost = CompletableFuture.supplyAsync(() -> commits.run("lost"));
        long until = System.nanoTime() + ENDS_WITHIN.toNanos();
        while (commits.oldest().isZero() && System.nanoTime() < until) {
            Thread.onSpinWait();
        }
        assertThat(commits.oldest()).as("health sees that it waits").isPositive();
        assertThat(database.trouble()).get().asString().contains("the database");
        assertThatThrownBy(() -> lost.get(ENDS_WITHIN.toSeconds(), TimeUnit.SECONDS))
                .hasCauseInstanceOf(RuntimeException.class);
        assertThat(commits.oldest()).isZero();
        proxy.set(new Weather.Fair());
        assertThat(commits.run("again")).isEqualTo(1);
        assertThat(database.trouble()).isEmpty();
        assertThat(memo.get("again")).contains("x");
    }

    @Test
    void connections_that_were_reset_are_replaced() {
        for (int i = 0; i < 5; i++) {
            database.read(handle -> 1);
        }
        proxy.resetOpen();
        assertThatThrownBy(() -> {
                    proxy.set(new Weather.Reset());
                    memo.put("in vain", "1");
                })
                .isInstanceOf(RuntimeException.class);
        proxy.set(new Weather.Fair());
        memo.put("after", "2");
        assertThat(memo.get("after")).contains("2");
    }

    @Test
    void a_frozen_server_loses_its_lock_within_ten_seconds_and_cannot_write_afterwards() throws Exception {
        try (Connection frozen = database.dataSource().getConnection()) {
            frozen.setAutoCommit(false);
            try (Statement statement = frozen.createStatement()) {
                statement.execute("select id from audit_lock where id = 1 for update");
                long begin = System.nanoTime();
                try (Connection other = DriverManager.getConnection(postgres.getJdbcUrl("postgres", "postgres"));
                        Statement waiting = other.createStatement()) {
                    waiting.execute("set lock_timeout = '10s'");
                    waiting.execute("select id from audit_lock where id = 1 for update");
                }
                assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
                assertThatThrownBy(() -> statement.execute("insert into memo (name, text_value) values ('late', 'x')"))
                        .isInstanceOf(SQLException.class);
            }
        } catch (SQLException e) {
            assertThat(e.getSQLState()).as("closing what the database ended").isNotNull();
        }
        assertThat(memo.get("late")).isEmpty();
    }

    @Test
    void a_statement_and_a_wait_for_a_lock_end_by_themselves() {
        List<String> limits = database.read(handle -> List.of(
                handle.createQuery("show statement_timeout").mapTo(String.class).one(),
                handle.createQuery("show lock_timeout").mapTo(String.class).one(),
                handle.createQuery("show idle_in_transaction_session_timeout")
                        .mapTo(String.class)
                        .one()));
        assertThat(limits).containsExactly("15s", "5s", "8s");
    }
}
