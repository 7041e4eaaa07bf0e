package io.bloodnet.audit.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditFault;
import io.bloodnet.audit.AuditUnavailableException;
import io.bloodnet.audit.Events;
import io.bloodnet.audit.anchor.FileAnchor;
import io.bloodnet.audit.ledger.EntryLine;
import io.bloodnet.audit.ledger.SignedNote;
import io.bloodnet.audit.verify.AuditVerifier;
import io.bloodnet.audit.verify.Verification;
import io.bloodnet.audit.witness.HttpWitness;
import io.bloodnet.audit.witness.Witness;
import io.bloodnet.audit.witness.WitnessServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.h2.jdbcx.JdbcConnectionPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database that was put back to an older state: refused, until a person decides. */
class AcceptRestoreTest {

    private static final InstantSource CLOCK = InstantSource.system();

    @TempDir
    Path dir;

    @Test
    void an_older_database_is_refused_until_somebody_accepts_it_by_name() throws Exception {
        JdbcConnectionPool restored = restored(settings());
        assertThatExceptionOfType(AuditUnavailableException.class)
                .isThrownBy(() -> Ledger.open(restored, settings(), CLOCK))
                .withMessageContaining("accept-restore --by NAME");

        AcceptRestore.Accepted accepted = accept(restored).orElseThrow();

        assertThat(accepted.remembered()).isEqualTo(5);
        assertThat(accepted.size()).isEqualTo(3);
        SignedNote aside = SignedNote.parse(Files.readString(accepted.aside()));
        try (Ledger ledger = Ledger.open(restored, settings(), CLOCK)) {
            ledger.record(Events.numbered(9));
        }
        assertThat(newest(restored, "RestoreAccepted"))
                .isInstanceOfSatisfying(AuditEvent.RestoreAccepted.class, event -> {
                    assertThat(event.about().user()).isEqualTo("Dr. Restore");
                    assertThat(event.rememberedSize()).isEqualTo(5);
                    assertThat(event.size()).isEqualTo(3);
                });
        assertThat(verify(restored, anchor().newest().stream().toList())).isInstanceOf(Verification.Verified.class);
        assertThat(verify(restored, List.of(aside)))
                .as("whoever kept the old checkpoint still sees that entries are gone")
                .isInstanceOf(Verification.Changed.class);
        assertThat(accept(restored))
                .as("a second time there is nothing to decide")
                .isEmpty();
        restored.dispose();
    }

    @Test
    void another_log_is_never_accepted() throws Exception {
        JdbcConnectionPool database = TestDatabase.h2(dir.resolve("first").toString());
        try (Ledger ledger = Ledger.open(database, settings(), CLOCK)) {
            ledger.record(Events.numbered(0));
        }
        JdbcConnectionPool other = TestDatabase.h2(dir.resolve("other").toString());
        assertThatExceptionOfType(AuditUnavailableException.class)
                .isThrownBy(() -> accept(other))
                .satisfies(e -> assertThat(e.fault()).isEqualTo(AuditFault.TAMPERED));
        database.dispose();
        other.dispose();
    }

    @Test
    void a_witness_goes_on_after_its_owner_set_aside_what_it_remembered() throws Exception {
        Witness witness = Witness.open("witness.example", dir.resolve("w"), dir.resolve("key.pub"), CLOCK);
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (WitnessServer server = WitnessServer.start(witness, anyPort)) {
            URI address = URI.create("http://127.0.0.1:" + server.port());
            JdbcConnectionPool restored;
            try (HttpWitness anchor = new HttpWitness("witness.example", address, witness.publicKeys())) {
                restored = restored(settings().withAnchors(List.of(anchor(), anchor)));
            }
            accept(restored);
            assertThat(faultAfterOneEntry(restored, witness, address)).isEqualTo(AuditFault.TAMPERED);
            String origin;
            try (Ledger ledger = Ledger.open(restored, settings(), CLOCK)) {
                origin = ledger.status().origin();
            }
            assertThat(Witness.setAside(dir.resolve("w"), "bloodnet-cds/audit/unknown"))
                    .isEmpty();
            assertThat(Witness.setAside(dir.resolve("w"), origin)).isPresent();
            assertThat(faultAfterOneEntry(restored, witness, address)).isNull();
            restored.dispose();
        }
    }

    private AuditFault faultAfterOneEntry(JdbcConnectionPool database, Witness witness, URI address) {
        try (HttpWitness anchor = new HttpWitness("witness.example", address, witness.publicKeys());
                Ledger ledger = Ledger.open(database, settings().withAnchors(List.of(anchor)), CLOCK)) {
            ledger.record(Events.numbered(7));
            ledger.flush();
            return ledger.status().fault();
        } catch (AuditUnavailableException e) {
            return e.fault(); // the witness was faster
        }
    }

    /** A database with 3 entries, whose anchors remember 5. */
    private JdbcConnectionPool restored(LedgerSettings settings) throws Exception {
        JdbcConnectionPool database = TestDatabase.h2(dir.resolve("live").toString());
        record(database, settings, 3);
        database.dispose();
        Files.copy(dir.resolve("live.mv.db"), dir.resolve("copy.mv.db"));
        JdbcConnectionPool goesOn = TestDatabase.h2(dir.resolve("live").toString());
        record(goesOn, settings, 2);
        goesOn.dispose();
        return TestDatabase.h2(dir.resolve("copy").toString());
    }

    private static void record(JdbcConnectionPool database, LedgerSettings settings, int entries) {
        try (Ledger ledger = Ledger.open(database, settings, CLOCK)) {
            for (int i = 0; i < entries; i++) {
                ledger.record(Events.numbered(i));
            }
            ledger.flush();
        }
    }

    private Optional<AcceptRestore.Accepted> accept(JdbcConnectionPool database) {
        return AcceptRestore.accept(database, settings(), anchor(), "Dr. Restore", CLOCK);
    }

    private static AuditEvent newest(JdbcConnectionPool database, String type) throws Exception {
        AuditEntry entry = new AuditSearch(database)
                .find(AuditQuery.newest(1).withType(type))
                .getFirst();
        return EntryLine.parse(entry.line()).event();
    }

    private Verification verify(JdbcConnectionPool database, List<SignedNote> remembered) {
        return AuditVerifier.database(
                database, settings().keyFile().publicKeys().orElseThrow(), remembered, Map.of());
    }

    private LedgerSettings settings() {
        return LedgerSettings.of("node-1", dir.resolve("key")).withAnchors(List.of(anchor()));
    }

    private FileAnchor anchor() {
        return new FileAnchor(dir.resolve("key.checkpoint"));
    }
}
