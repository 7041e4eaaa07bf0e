package io.bloodnet.audit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bloodnet.audit.AuditFault;
import io.bloodnet.audit.AuditUnavailableException;
import io.bloodnet.audit.Events;
import io.bloodnet.audit.anchor.Anchor;
import io.bloodnet.audit.ledger.SignedNote;
import io.bloodnet.audit.verify.AuditVerifier;
import io.bloodnet.audit.verify.Verification;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;

/** What cannot be written is not done, says so, and works again when its cause is gone. */
class FailClosedTest {

    private static final InstantSource CLOCK = InstantSource.system();

    @TempDir
    private Path dir;

    private LedgerSettings settings() {
        return LedgerSettings.of("node-1", dir.resolve("key"));
    }

    @Test
    void read_only_database_takes_no_event_and_goes_on_when_writable_again() throws SQLException {
        PGSimpleDataSource database = TestDatabase.postgres();
        try (Ledger ledger = Ledger.open(database, settings(), CLOCK)) {
            ledger.record(Events.numbered(0));
            TestDatabase.execute(
                    database,
                    "alter database " + database.getDatabaseName() + " set default_transaction_read_only = on");
            cutConnections(database);
            assertFault(AuditFault.DATABASE, () -> ledger.record(Events.numbered(1)));
            assertFault(AuditFault.DATABASE, () -> ledger.record(Events.numbered(2)));
            try (Connection connection = database.getConnection()) {
                connection.setAutoCommit(false);
                assertFault(AuditFault.DATABASE, () -> ledger.append(connection, Events.numbered(3)));
            }
            try (Connection connection = database.getConnection()) {
                connection.setReadOnly(false);
                connection.createStatement().execute("set session characteristics as transaction read write");
                connection
                        .createStatement()
                        .execute("alter database " + database.getDatabaseName()
                                + " set default_transaction_read_only = off");
            }
            cutConnections(database);
            recordWhenPossible(ledger, 4);
        }
        assertVerified(database, 2);
    }

    @Test
    void connections_cut_while_many_write_lose_no_event_that_was_confirmed() throws Exception {
        PGSimpleDataSource database = TestDatabase.postgres();
        int confirmed = 0;
        try (Ledger ledger = Ledger.open(database, settings(), CLOCK)) {
            for (int i = 0; i < 60; i++) {
                try {
                    ledger.record(Events.numbered(i));
                    confirmed++;
                } catch (AuditUnavailableException e) {
                    assertThat(e.fault()).isEqualTo(AuditFault.DATABASE);
                }
                if (i % 10 == 5) {
                    cutConnections(database);
                }
            }
        }
        assertThat(confirmed).isGreaterThan(40);
        long entries = TestDatabase.number(database, "select count(*) from audit_entry");
        // An event that was not confirmed may still be there: the answer of its commit was lost. Then its action was
        // not done.
        assertThat(entries).isBetween((long) confirmed, 60L);
        assertVerified(database, entries);
    }

    @Test
    void key_that_disappears_closes_the_log_and_opens_it_when_it_is_back() throws Exception {
        DataSource database = TestDatabase.h2(dir);
        Path key = dir.resolve("key");
        try (Ledger ledger = Ledger.open(database, settings(), CLOCK)) {
            ledger.record(Events.numbered(0));
            Files.move(key, dir.resolve("away"));
            // The last checkpoint is less than a second old: the event is taken, and cannot be signed.
            try (Connection connection = database.getConnection()) {
                connection.setAutoCommit(false);
                ledger.append(connection, Events.numbered(1));
                connection.commit();
            }
            assertFault(AuditFault.KEY, ledger::flush);
            assertThat(ledger.status().fault()).isEqualTo(AuditFault.KEY);
            assertThat(ledger.status().isWritable()).isFalse();
            assertFault(AuditFault.KEY, () -> ledger.record(Events.numbered(2)));
            Files.move(dir.resolve("away"), key);
            ledger.flush();
            assertThat(ledger.status().isWritable()).isTrue();
            ledger.record(Events.numbered(3));
        }
        assertThat(verify(database)).isInstanceOf(Verification.Verified.class);
    }

    @Test
    void full_disk_takes_no_event_and_the_log_verifies_afterwards() throws Exception {
        FullDisk.install();
        DataSource database = TestDatabase.h2("full:" + dir.resolve("log"));
        try (Ledger ledger = Ledger.open(database, settings(), CLOCK)) {
            ledger.record(Events.numbered(0));
            FullDisk.setFull(true);
            assertFault(AuditFault.DATABASE, () -> ledger.record(Events.numbered(1)));
            FullDisk.setFull(false);
            recordWhenPossible(ledger, 2);
        } finally {
            FullDisk.setFull(false);
        }
        assertThat(verify(database)).isInstanceOf(Verification.Verified.class);
    }

    @Test
    void log_rewritten_under_a_running_server_is_closed_until_restart() {
        DataSource database = TestDatabase.h2(dir);
        try (Ledger ledger = Ledger.open(database, settings(), CLOCK)) {
            ledger.record(Events.numbered(0));
            ledger.record(Events.numbered(1));
            ledger.flush();
            TestDatabase.execute(database, "drop trigger audit_entry_append_only");
            TestDatabase.execute(database, "delete from audit_entry where seq = 1");
            assertFault(AuditFault.TAMPERED, () -> ledger.record(Events.numbered(2)));
            assertFault(AuditFault.TAMPERED, () -> ledger.record(Events.numbered(3)));
            assertThat(ledger.status().fault()).isEqualTo(AuditFault.TAMPERED);
        }
    }

    @Test
    void closed_log_takes_no_event() {
        DataSource database = TestDatabase.h2(dir);
        Ledger ledger = Ledger.open(database, settings(), CLOCK);
        ledger.close();
        assertFault(AuditFault.CLOSED, () -> ledger.record(Events.numbered(0)));
    }

    /** The writer tries again by itself every 100 ms; each refused event tells that it has not succeeded yet. */
    private static void recordWhenPossible(Ledger ledger, int n) {
        for (int attempt = 0; ; attempt++) {
            try {
                ledger.record(Events.numbered(n));
                return;
            } catch (AuditUnavailableException e) {
                assertThat(attempt).as("attempts").isLessThan(200);
            }
        }
    }

    private static void cutConnections(PGSimpleDataSource database) throws SQLException {
        try (Connection connection = database.getConnection()) {
            connection
                    .createStatement()
                    .execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
                            + " and pid <> pg_backend_pid()");
        }
    }

    private void assertVerified(DataSource database, long entries) {
        assertThat(verify(database).lines())
                .last()
                .asString()
                .startsWith("entries " + entries + " root ")
                .endsWith(" verified");
    }

    private Verification verify(DataSource database) {
        List<SignedNote> anchors = Optional.ofNullable(settings().anchors().getFirst()).flatMap(Anchor::newest).stream()
                .toList();
        return AuditVerifier.database(
                database, settings().keyFile().publicKeys().orElseThrow(), anchors);
    }

    private static void assertFault(AuditFault fault, Runnable action) {
        assertThatExceptionOfType(AuditUnavailableException.class)
                .isThrownBy(action::run)
                .extracting(AuditUnavailableException::fault)
                .isEqualTo(fault);
    }
}
