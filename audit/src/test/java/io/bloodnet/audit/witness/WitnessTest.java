package io.bloodnet.audit.witness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpServer;
import io.bloodnet.audit.AuditFault;
import io.bloodnet.audit.AuditUnavailableException;
import io.bloodnet.audit.Events;
import io.bloodnet.audit.anchor.Anchor;
import io.bloodnet.audit.ledger.Checkpoint;
import io.bloodnet.audit.ledger.Frontier;
import io.bloodnet.audit.ledger.Hash;
import io.bloodnet.audit.ledger.MerkleProofs;
import io.bloodnet.audit.ledger.PublicKeys;
import io.bloodnet.audit.ledger.SignedNote;
import io.bloodnet.audit.ledger.SigningKey;
import io.bloodnet.audit.ledger.TreeHasher;
import io.bloodnet.audit.store.Ledger;
import io.bloodnet.audit.store.LedgerSettings;
import io.bloodnet.audit.store.TestDatabase;
import io.bloodnet.audit.testing.PeerTrouble;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WitnessTest {

    private static final InstantSource CLOCK = InstantSource.system();
    private static final String ORIGIN = "bloodnet-cds/audit/test";
    private static final int LOGS = Boolean.getBoolean("bloodnet.long") ? 2_000 : 40;

    @TempDir
    private Path dir;

    private final SigningKey key = SigningKey.generate();
    private Path logKeys;

    @BeforeEach
    void writeLogKeys() throws Exception {
        logKeys = Files.writeString(dir.resolve("logs.pub"), PublicKeys.pem(key.publicKey()));
    }

    /** A log in memory, with a mark in each leaf by which two logs differ. */
    private final class MemoryLog {
        private final List<Hash> leaves = new ArrayList<>();

        MemoryLog add(int count, String mark) {
            for (int i = 0; i < count; i++) {
                leaves.add(new TreeHasher().leaf((mark + leaves.size()).getBytes(StandardCharsets.UTF_8)));
            }
            return this;
        }

        MemoryLog copy(int size) {
            MemoryLog copy = new MemoryLog();
            copy.leaves.addAll(leaves.subList(0, size));
            return copy;
        }

        int size() {
            return leaves.size();
        }

        SignedNote note(SigningKey signer) {
            return signer.sign(new Checkpoint(ORIGIN, size(), MerkleProofs.root(size(), this::node)));
        }

        List<Hash> proof(long from) {
            return MerkleProofs.consistency(from, size(), this::node);
        }

        private Hash node(int level, long index) {
            Frontier subtree = Frontier.empty();
            leaves.subList((int) (index << level), (int) (index + 1 << level))
                    .forEach(leaf -> subtree.append(leaf, Frontier.NodeListener.NONE));
            return subtree.root();
        }
    }

    @Test
    void a_witness_in_trouble_is_given_up_in_time_and_asked_again() throws Exception {
        Witness witness = Witness.open("witness.example", dir.resolve("w"), logKeys, CLOCK);
        MemoryLog log = new MemoryLog().add(5, "a");
        SignedNote note = log.note(key);
        Anchor.Growth growth = new Anchor.Growth() {
            @Override
            public long size() {
                return log.size();
            }

            @Override
            public List<Hash> proof(long from, long to) {
                return log.proof(from);
            }
        };
        try (WitnessServer server =
                WitnessServer.start(witness, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            assertThat(PeerTrouble.table(List.of(new PeerTrouble.Peer(
                            "witness", server.port(), Duration.ofSeconds(5), port -> {
                                HttpWitness asked = new HttpWitness(
                                        witness.name(), URI.create("http://127.0.0.1:" + port), witness.publicKeys());
                                return () -> asked.keep(note, growth) instanceof Anchor.Answer.Cosigned;
                            }))))
                    .isEmpty();
        }
    }

    @Test
    void cosigns_a_log_that_only_grows_also_after_its_own_restart() {
        Witness witness = Witness.open("witness.example", dir.resolve("w"), logKeys, CLOCK);
        MemoryLog log = new MemoryLog();
        long old = 0;
        for (int step = 1; step <= 10; step++) {
            log.add(step, "a");
            SignedNote note = log.note(key);
            Witness.Answer answer = witness.add(old, log.proof(old), note);
            assertThat(answer).isInstanceOf(Witness.Answer.Cosigned.class);
            SignedNote.Signature signature = ((Witness.Answer.Cosigned) answer).signature();
            assertThat(witness.publicKeys().cosigned(note.with(signature), "witness.example"))
                    .isTrue();
            old = log.size();
            witness = Witness.open("witness.example", dir.resolve("w"), logKeys, CLOCK);
        }
    }

    @Test
    void refuses_every_shrunk_or_forked_log_whatever_proof_comes_with_it() {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        for (int i = 0; i < LOGS; i++) {
            Witness witness = Witness.open("witness.example", dir.resolve("w" + i), logKeys, CLOCK);
            MemoryLog log = new MemoryLog().add(2 + random.nextInt(60), "a");
            assertThat(witness.add(0, List.of(), log.note(key))).isInstanceOf(Witness.Answer.Cosigned.class);
            int seen = log.size();
            int kept = random.nextInt(seen);
            int grow = random.nextInt(3) == 0 ? seen - kept : 1 + random.nextInt(80);
            MemoryLog other = log.copy(kept).add(grow, "b");
            for (long claimed : new long[] {0, Math.min(kept, other.size()), Math.min(seen, other.size()), seen}) {
                List<Hash> proof = claimed <= other.size() ? other.proof(claimed) : List.of();
                assertThat(witness.add(claimed, proof, other.note(key)))
                        .as("log " + i + " of seed " + seed + ", from " + claimed)
                        .isNotInstanceOf(Witness.Answer.Cosigned.class);
            }
            MemoryLog shrunk = log.copy(kept);
            assertThat(witness.add(kept, List.of(), shrunk.note(key)))
                    .isInstanceOfSatisfying(
                            Witness.Answer.Conflict.class,
                            conflict -> assertThat(conflict.size()).isEqualTo(seen));
            assertThat(witness.add(seen, List.of(), shrunk.note(key))).isEqualTo(new Witness.Answer.Malformed());
            assertThat(witness.add(seen, log.add(1, "a").proof(seen), log.note(key)))
                    .as("the true log still goes on")
                    .isInstanceOf(Witness.Answer.Cosigned.class);
        }
    }

    @Test
    void refuses_a_checkpoint_that_the_log_did_not_sign() {
        Witness witness = Witness.open("witness.example", dir.resolve("w"), logKeys, CLOCK);
        SignedNote note = new MemoryLog().add(3, "a").note(SigningKey.generate());
        assertThat(witness.add(0, List.of(), note)).isEqualTo(new Witness.Answer.NotSigned());
    }

    @Test
    void ledger_is_cosigned_over_http_and_closes_when_the_witness_refuses_it() throws Exception {
        LedgerSettings settings = LedgerSettings.of("node-1", dir.resolve("key"));
        Witness witness = Witness.open("witness.example", dir.resolve("w"), dir.resolve("key.pub"), CLOCK);
        InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (WitnessServer server = WitnessServer.start(witness, anyPort);
                HttpWitness anchor = new HttpWitness(
                        "witness.example", URI.create("http://127.0.0.1:" + server.port()), witness.publicKeys())) {
            LedgerSettings witnessed = settings.withAnchors(List.of(anchor));
            DataSource database = TestDatabase.h2(dir);
            try (Ledger ledger = Ledger.open(database, witnessed, CLOCK)) {
                for (int i = 0; i < 5; i++) {
                    ledger.record(Events.numbered(i));
                    ledger.flush();
                }
                assertThat(ledger.status().anchors().getFirst().keptSize()).isEqualTo(5);
                assertThat(ledger.status().anchors().getFirst().problem()).isNull();
            }
            assertThat(TestDatabase.number(database, "select count(*) from audit_cosignature"))
                    .isPositive();
            // The database is put back to its beginning, and goes on differently.
            DataSource restored = TestDatabase.h2(dir.resolve("restored").toString());
            String origin = ledgerOrigin(database);
            TestDatabase.execute(restored, "insert into audit_log values (1, '" + origin + "', current_timestamp)");
            try (Ledger ledger = Ledger.open(restored, witnessed, CLOCK)) {
                ledger.record(Events.numbered(1));
                try {
                    ledger.flush();
                } catch (AuditUnavailableException e) {
                    // The witness was faster than the flush.
                    assertThat(e.fault()).isEqualTo(AuditFault.TAMPERED);
                }
                assertThat(ledger.status().fault()).isEqualTo(AuditFault.TAMPERED);
                assertThatExceptionOfType(AuditUnavailableException.class)
                        .isThrownBy(() -> ledger.record(Events.numbered(2)));
            }
        }
    }

    @Test
    void witness_that_is_away_is_reported_and_does_not_stop_the_log() throws Exception {
        URI nobody = URI.create("http://127.0.0.1:1");
        try (HttpWitness anchor = new HttpWitness(
                        "witness.example", nobody, SigningKey.generate().publicKeys());
                Ledger ledger = Ledger.open(
                        TestDatabase.h2(dir),
                        LedgerSettings.of("n", dir.resolve("key")).withAnchors(List.of(anchor)),
                        CLOCK)) {
            ledger.record(Events.numbered(0));
            ledger.flush();
            assertThat(ledger.status().anchors().getFirst().problem()).isEqualTo("away");
            assertThat(ledger.status().isWritable()).isTrue();
        }
    }

    @Test
    void an_answer_without_the_signature_of_the_witness_never_closes_the_log() throws Exception {
        String[][] answers = {{"422", "7\n"}, {"409", "0\n"}, {"409", "1000000\n"}, {"409", "1\n"}, {"200", "yes\n"}};
        for (String[] answer : answers) {
            HttpServer between = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            between.createContext("/", exchange -> {
                byte[] body = answer[1].getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(Integer.parseInt(answer[0]), body.length);
                exchange.getResponseBody().write(body);
                exchange.close();
            });
            between.start();
            Path folder = Files.createDirectory(dir.resolve("log-" + answer[0] + answer[1].strip()));
            URI address = URI.create("http://127.0.0.1:" + between.getAddress().getPort());
            try (HttpWitness anchor = new HttpWitness(
                            "witness.example", address, SigningKey.generate().publicKeys());
                    Ledger ledger = Ledger.open(
                            TestDatabase.h2(folder),
                            LedgerSettings.of("n", folder.resolve("key")).withAnchors(List.of(anchor)),
                            CLOCK)) {
                for (int i = 0; i < 3; i++) {
                    ledger.record(Events.numbered(i));
                    ledger.flush();
                }
                assertThat(ledger.status().isWritable())
                        .as("after %s", answer[0])
                        .isTrue();
                assertThat(ledger.status().anchors().getFirst().problem()).isNotNull();
            } finally {
                between.stop(0);
            }
        }
    }

    private static String ledgerOrigin(DataSource database) throws Exception {
        try (var connection = database.getConnection();
                var row = connection.createStatement().executeQuery("select origin from audit_log")) {
            row.next();
            return row.getString(1);
        }
    }
}
