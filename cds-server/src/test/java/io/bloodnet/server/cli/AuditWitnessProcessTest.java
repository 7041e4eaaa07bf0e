package io.bloodnet.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditFault;
import io.bloodnet.audit.AuditUnavailableException;
import io.bloodnet.audit.Outcome;
import io.bloodnet.audit.anchor.Anchor;
import io.bloodnet.audit.ledger.KeyFile;
import io.bloodnet.audit.ledger.PublicKeys;
import io.bloodnet.audit.store.Ledger;
import io.bloodnet.audit.store.LedgerSettings;
import io.bloodnet.audit.verify.AuditExport;
import io.bloodnet.audit.verify.AuditVerifier;
import io.bloodnet.audit.verify.Verification;
import io.bloodnet.audit.witness.HttpWitness;
import io.bloodnet.server.store.Database;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The witness as it runs at a site: a process of its own with its own key, started by its command. */
class AuditWitnessProcessTest {

    private static final String NAME = "witness.example/audit";

    @TempDir
    private Path folder;

    private Process witness;
    private HttpWitness anchor;
    private PublicKeys witnessKeys;

    @BeforeEach
    void start() throws IOException {
        new KeyFile(folder.resolve("audit-key.pem")).create();
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                BloodNetCommand.class.getName(),
                "audit",
                "witness",
                "--name",
                NAME,
                "--state",
                folder.resolve("witness").toString(),
                "--log-keys",
                folder.resolve("audit-key.pem.pub").toString(),
                "--port",
                "0");
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        witness = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
        BufferedReader out = witness.inputReader();
        String ready = out.readLine();
        assertThat(ready).startsWith("ready: http://127.0.0.1:");
        witnessKeys = PublicKeys.parsePem(Files.readString(folder.resolve("witness/witness-key.pem.pub")));
        anchor = new HttpWitness(NAME, URI.create(ready.split(" ")[1]), witnessKeys);
    }

    @AfterEach
    void stop() throws InterruptedException {
        anchor.close();
        witness.destroy();
        assertThat(witness.waitFor(30, TimeUnit.SECONDS)).as("SIGTERM ends it").isTrue();
    }

    @Test
    void witness_in_its_own_process_cosigns_growth_and_refuses_a_shrunk_and_a_forked_log() throws Exception {
        write("log", 5);
        Files.copy(folder.resolve("log.mv.db"), folder.resolve("shrunk.mv.db"));
        Files.copy(folder.resolve("log.mv.db"), folder.resolve("forked.mv.db"));
        write("log", 20);
        assertThat(verify("log", Map.of(NAME, witnessKeys)).lines())
                .contains("witness " + NAME + " cosigned 25 of 25 signed entries");
        assertThatExceptionOfType(AuditUnavailableException.class).isThrownBy(() -> write("shrunk", 2));
        write("forked", 40, List.of());
        assertThatExceptionOfType(AuditUnavailableException.class).isThrownBy(() -> write("forked", 1));
        assertThat(verify("log", Map.of(NAME, witnessKeys))).isInstanceOf(Verification.Verified.class);
    }

    @Test
    void verification_misses_the_cosignature_of_a_witness_who_never_saw_the_log() throws Exception {
        write("log", 3);
        PublicKeys stranger =
                new KeyFile(folder.resolve("stranger.pem")).create().publicKeys();
        assertThat(verify("log", Map.of("stranger", stranger)).lines())
                .contains("entries 0 to 2: witness stranger cosigned no checkpoint");
        assertThat(verify("log", Map.of(NAME, stranger)).lines().getFirst())
                .contains("the cosignature of witness " + NAME);
        try (Database database = open("log")) {
            Path export = AuditExport.write(database.dataSource(), folder.resolve("export.ndjson"))
                    .files()
                    .entries();
            assertThat(AuditVerifier.export(export, logKeys(), Map.of(NAME, witnessKeys)))
                    .isInstanceOf(Verification.Verified.class);
            assertThat(AuditVerifier.export(export, logKeys(), Map.of(NAME, stranger)))
                    .isInstanceOf(Verification.Changed.class);
        }
    }

    private Database open(String file) {
        return Database.open("jdbc:h2:file:" + folder.resolve(file), "sa", null);
    }

    private PublicKeys logKeys() {
        return new KeyFile(folder.resolve("audit-key.pem")).publicKeys().orElseThrow();
    }

    private Verification verify(String file, Map<String, PublicKeys> witnesses) {
        try (Database database = open(file)) {
            return AuditVerifier.database(database.dataSource(), logKeys(), List.of(), witnesses);
        }
    }

    /** Records and lets the witness see it. @throws AuditUnavailableException when the witness refuses the log */
    private void write(String file, int events) {
        write(file, events, List.of(anchor));
    }

    private void write(String file, int events, List<Anchor> anchors) {
        LedgerSettings settings =
                LedgerSettings.of("node-1", folder.resolve("audit-key.pem")).withAnchors(anchors);
        try (Database database = open(file);
                Ledger ledger = Ledger.open(database.dataSource(), settings, InstantSource.system())) {
            for (int i = 0; i < events; i++) {
                ledger.record(event(file, i));
            }
            ledger.flush();
            AuditFault fault = ledger.status().fault();
            if (fault != null) {
                assertThat(fault).isEqualTo(AuditFault.TAMPERED);
                ledger.record(event(file, events));
            }
        }
    }

    private static AuditEvent event(String file, int n) {
        return new AuditEvent.WorklistViewed(Instant.now(), About.user(file), Outcome.SUCCESS, "web", n);
    }
}
