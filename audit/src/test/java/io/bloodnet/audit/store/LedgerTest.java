package io.bloodnet.audit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.bloodnet.audit.AuditFault;
import io.bloodnet.audit.AuditUnavailableException;
import io.bloodnet.audit.Events;
import io.bloodnet.audit.ledger.KeyFile;
import io.bloodnet.audit.ledger.SignedNote;
import io.bloodnet.audit.store.TestDatabase.Kind;
import io.bloodnet.audit.verify.AuditVerifier;
import io.bloodnet.audit.verify.Verification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LedgerTest {

    private static final InstantSource CLOCK = InstantSource.system();

    @TempDir
    private Path dir;

    private LedgerSettings settings() {
        return LedgerSettings.of("node-1", dir.resolve("audit-key.pem"));
    }

    private Verification verify(DataSource database) {
        List<SignedNote> anchors = settings().anchors().stream()
                .flatMap(anchor -> anchor.newest().stream())
                .toList();
        return AuditVerifier.database(
                database, settings().keyFile().publicKeys().orElseThrow(), anchors);
    }

    private static void appendAndCommit(DataSource database, Ledger ledger, int n) throws SQLException {
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            ledger.append(connection, Events.numbered(n));
            connection.commit();
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void many_threads_write_one_log_without_gaps_that_verifies(Kind kind) throws Exception {
        DataSource database = TestDatabase.create(kind, dir);
        int threads = 32;
        int each = 20;
        try (Ledger ledger = Ledger.open(database, settings(), CLOCK)) {
            inParallel(threads, thread -> {
                for (int i = 0; i < each; i++) {
                    if (thread % 2 == 0) {
                        ledger.record(Events.numbered(i));
                    } else {
                        appendAndCommit(database, ledger, i);
                    }
                }
            });
        }
        Verification verification = verify(database);
        assertThat(verification.lines()).last().asString().startsWith("entries 640 root ");
        assertThat(verification).isInstanceOf(Verification.Verified.class);
        assertThat(TestDatabase.number(database, "select count(*) from audit_pending"))
                .isZero();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void several_servers_on_one_database_write_one_log(Kind kind) throws Exception {
        DataSource database = TestDatabase.create(kind, dir);
        List<Ledger> ledgers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            ledgers.add(Ledger.open(database, settings(), CLOCK));
        }
        inParallel(6, thread -> {
            for (int i = 0; i < 60; i++) {
                ledgers.get(thread % 3).record(Events.numbered(i));
            }
        });
        ledgers.forEach(Ledger::close);
        assertThat(verify(database).lines())
                .last()
                .asString()
                .startsWith("entries 360 root ")
                .endsWith(" verified");
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void event_is_rolled_back_with_what_it_records(Kind kind) throws Exception {
        DataSource database = TestDatabase.create(kind, dir);
        try (Ledger ledger = Ledger.open(database, settings(), CLOCK);
                Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            ledger.append(connection, Events.numbered(1));
            connection.rollback();
            ledger.append(connection, Events.numbered(2));
            ledger.flush();
            assertThat(ledger.status().size()).as("before the commit").isZero();
            connection.commit();
            ledger.flush();
            assertThat(ledger.status().size()).isEqualTo(1);
            assertThat(ledger.status().signedSize()).isEqualTo(1);
        }
    }

    @Test
    void event_recorded_after_a_commit_comes_after_it() throws Exception {
        DataSource database = TestDatabase.h2(dir);
        try (Ledger ledger = Ledger.open(database, settings(), CLOCK)) {
            for (int i = 0; i < 20; i += 2) {
                appendAndCommit(database, ledger, i);
                ledger.record(Events.numbered(i + 1));
            }
        }
        for (int i = 0; i < 20; i++) {
            assertThat(TestDatabase.number(
                            database,
                            "select count(*) from audit_entry where seq = " + i + " and line like '%\"number " + i
                                    + "\"%'"))
                    .as("entry " + i)
                    .isOne();
        }
    }

    @Test
    void refuses_append_without_a_transaction() throws Exception {
        DataSource database = TestDatabase.h2(dir);
        try (Ledger ledger = Ledger.open(database, settings(), CLOCK);
                Connection connection = database.getConnection()) {
            assertThatIllegalArgumentException().isThrownBy(() -> ledger.append(connection, Events.numbered(1)));
        }
    }

    @Test
    void makes_the_key_readable_by_its_owner_only_and_refuses_to_start_when_it_is_gone() throws IOException {
        DataSource database = TestDatabase.h2(dir);
        Path key = dir.resolve("audit-key.pem");
        try (Ledger ledger = Ledger.open(database, settings(), CLOCK)) {
            ledger.record(Events.numbered(1));
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                .isEqualTo("rw-------");
        Files.move(key, dir.resolve("elsewhere"));
        assertFault(AuditFault.KEY, () -> Ledger.open(database, settings(), CLOCK));
        assertThat(key).doesNotExist();
        new KeyFile(dir.resolve("another")).create();
        Files.move(dir.resolve("another"), key);
        Files.delete(dir.resolve("audit-key.pem.pub"));
        assertFault(AuditFault.KEY, () -> Ledger.open(database, settings(), CLOCK));
        Files.delete(key);
        Files.move(dir.resolve("elsewhere"), key);
        Ledger.open(database, settings(), CLOCK).close();
    }

    @Test
    void goes_on_after_a_restart_and_signs_what_a_crash_left_unsigned() throws Exception {
        DataSource database = TestDatabase.h2(dir);
        try (Ledger ledger = Ledger.open(database, settings(), CLOCK)) {
            for (int i = 0; i < 300; i++) {
                appendAndCommit(database, ledger, i);
            }
        }
        TestDatabase.execute(database, "drop trigger audit_checkpoint_append_only");
        TestDatabase.execute(database, "delete from audit_checkpoint where size > 1");
        Files.delete(dir.resolve("audit-key.pem.checkpoint"));
        try (Ledger ledger = Ledger.open(database, settings(), CLOCK)) {
            assertThat(ledger.status().signedSize()).isEqualTo(300);
            ledger.record(Events.numbered(300));
        }
        assertThat(verify(database).lines())
                .last()
                .asString()
                .startsWith("entries 301 root ")
                .endsWith(" verified");
    }

    @Test
    void refuses_to_start_on_an_older_state_of_the_database() throws Exception {
        DataSource database = TestDatabase.h2(dir);
        try (Ledger ledger = Ledger.open(database, settings(), CLOCK)) {
            ledger.record(Events.numbered(1));
            ledger.flush();
            ledger.record(Events.numbered(2));
        }
        TestDatabase.execute(database, "drop trigger audit_entry_append_only");
        TestDatabase.execute(database, "drop trigger audit_checkpoint_append_only");
        TestDatabase.execute(database, "delete from audit_entry where seq = 1");
        TestDatabase.execute(database, "delete from audit_checkpoint where size = 2");
        assertFault(AuditFault.TAMPERED, () -> Ledger.open(database, settings(), CLOCK));
        assertThat(verify(database).lines())
                .contains("entries 1 to 1: missing at the end: the anchored checkpoint over 2 entries was signed");
    }

    @Test
    void rotates_the_key_and_both_old_and_new_checkpoints_verify() throws Exception {
        DataSource database = TestDatabase.h2(dir);
        KeyFile keyFile = settings().keyFile();
        try (Ledger ledger = Ledger.open(database, settings(), CLOCK)) {
            ledger.record(Events.numbered(1));
            ledger.flush();
            ledger.rotateKey("admin");
            ledger.record(Events.numbered(2));
        }
        assertThat(keyFile.publicKeys().orElseThrow().raw()).hasSize(2);
        assertThat(verify(database)).isInstanceOf(Verification.Verified.class);
        Ledger.open(database, settings(), CLOCK).close();
    }

    @Test
    void a_rotation_cut_off_before_or_after_its_commit_ends_at_the_next_start() throws Exception {
        DataSource database = TestDatabase.h2(dir);
        KeyFile keyFile = settings().keyFile();
        try (Ledger ledger = Ledger.open(database, settings(), CLOCK)) {
            ledger.record(Events.numbered(1));
        }
        byte[] oldKey = Files.readAllBytes(keyFile.path());
        keyFile.createNext();
        try (Ledger ledger = Ledger.open(database, settings(), CLOCK)) {
            assertThat(keyFile.readNext()).as("before: the next key is dropped").isEmpty();
            ledger.rotateKey("admin");
        }
        Files.move(keyFile.path(), dir.resolve("audit-key.pem.next"));
        Files.write(keyFile.path(), oldKey);
        try (Ledger ledger = Ledger.open(database, settings(), CLOCK)) {
            assertThat(keyFile.readNext()).as("after: the next key is used").isEmpty();
            ledger.record(Events.numbered(2));
        }
        assertThat(Files.readAllBytes(keyFile.path())).isNotEqualTo(oldKey);
        assertThat(verify(database)).isInstanceOf(Verification.Verified.class);
    }

    private static void assertFault(AuditFault fault, Callable<?> action) {
        assertThatExceptionOfType(AuditUnavailableException.class)
                .isThrownBy(action::call)
                .extracting(AuditUnavailableException::fault)
                .isEqualTo(fault);
    }

    private interface Work {
        void run(int thread) throws Exception;
    }

    private static void inParallel(int threads, Work work) throws Exception {
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Future<?>> done = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                int number = thread;
                done.add(pool.submit(() -> {
                    work.run(number);
                    return null;
                }));
            }
            for (Future<?> future : done) {
                future.get();
            }
        }
    }
}
