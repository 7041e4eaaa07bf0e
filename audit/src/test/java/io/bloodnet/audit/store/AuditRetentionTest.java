package io.bloodnet.audit.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.audit.Events;
import io.bloodnet.audit.ledger.PublicKeys;
import io.bloodnet.audit.store.AuditRetention.Closed;
import io.bloodnet.audit.store.TestDatabase.Kind;
import io.bloodnet.audit.verify.AuditExport;
import io.bloodnet.audit.verify.AuditProof;
import io.bloodnet.audit.verify.AuditProofs;
import io.bloodnet.audit.verify.AuditVerifier;
import io.bloodnet.audit.verify.Verification;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AuditRetentionTest {

    private static final int ENTRIES = 900;

    @TempDir
    private Path dir;

    @ParameterizedTest
    @EnumSource(Kind.class)
    void closed_parts_leave_a_log_that_verifies_and_goes_on_and_proofs_that_hold(Kind kind) throws Exception {
        DataSource database = TestDatabase.create(kind, dir);
        LedgerSettings settings = LedgerSettings.of("n", dir.resolve("key"));
        AuditProof given;
        Closed first;
        try (Ledger ledger = Ledger.open(database, settings, InstantSource.system())) {
            record(database, ledger, ENTRIES);
            given = new AuditProofs(database).entry(10).orElseThrow();
            first = AuditRetention.close(database, ledger, Events.AT.plusSeconds(600), dir.resolve("part1"), "admin")
                    .orElseThrow();
            assertThat(first.first()).isZero();
            assertThat(first.last()).isEqualTo(511);
            assertThat(AuditRetention.close(
                            database, ledger, Events.AT.plusSeconds(600), dir.resolve("part2"), "admin"))
                    .as("nothing more to move")
                    .isEmpty();
            AuditRetention.close(database, ledger, Events.AT.plusSeconds(800), dir.resolve("part2"), "admin")
                    .orElseThrow();
        }
        PublicKeys trusted = settings.keyFile().publicKeys().orElseThrow();
        try (Ledger ledger = Ledger.open(database, settings, InstantSource.system())) {
            record(database, ledger, 200);
            ledger.flush();
            Verification verification = AuditVerifier.database(
                    database, trusted, List.of(ledger.checkpoint().orElseThrow()));
            assertThat(verification.lines())
                    .first()
                    .isEqualTo("entries 0 to 767 were moved to an archive: only their hashes were checked");
            assertThat(verification.lines())
                    .last()
                    .asString()
                    .startsWith("entries 1102 root ")
                    .endsWith(" verified");
        }
        assertThat(given.verify(trusted)).isInstanceOf(Verification.Verified.class);
        AuditProofs proofs = new AuditProofs(database);
        assertThat(proofs.entry(10)).isEmpty();
        assertThat(proofs.entry(1000).orElseThrow().verify(trusted)).isInstanceOf(Verification.Verified.class);
        Path whole = partsTogether(database);
        assertThat(AuditVerifier.export(whole, trusted)).isInstanceOf(Verification.Verified.class);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void entries_that_were_deleted_without_being_closed_are_missing(Kind kind) throws Exception {
        DataSource database = TestDatabase.create(kind, dir);
        LedgerSettings settings = LedgerSettings.of("n", dir.resolve("key"));
        try (Ledger ledger = Ledger.open(database, settings, InstantSource.system())) {
            record(database, ledger, ENTRIES);
        }
        String drop = kind == Kind.H2
                ? "drop trigger audit_entry_append_only"
                : "drop trigger audit_entry_append_only on audit_entry";
        TestDatabase.execute(database, drop);
        TestDatabase.execute(database, "delete from audit_entry where seq < 512");
        Verification verification =
                AuditVerifier.database(database, settings.keyFile().publicKeys().orElseThrow(), List.of());
        assertThat(verification.lines()).contains("entries 0 to 511: missing");
    }

    private static void record(DataSource database, Ledger ledger, int count) throws Exception {
        try (var connection = database.getConnection()) {
            connection.setAutoCommit(false);
            for (int i = 0; i < count; i++) {
                ledger.append(connection, Events.numbered(i));
            }
            connection.commit();
        }
        ledger.flush();
    }

    /** The archives and an export of the rest, one after another, with the newest checkpoint. */
    private Path partsTogether(DataSource database) throws Exception {
        Path rest = AuditExport.write(database, dir.resolve("rest")).files().entries();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Path part : List.of(dir.resolve("part1"), dir.resolve("part2"), rest)) {
            all.write(Files.readAllBytes(part));
        }
        Path whole = Files.write(dir.resolve("whole"), all.toByteArray());
        Files.copy(dir.resolve("rest.checkpoint"), dir.resolve("whole.checkpoint"));
        return whole;
    }
}
