package io.bloodnet.audit.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bloodnet.audit.Events;
import io.bloodnet.audit.ledger.KeyFile;
import io.bloodnet.audit.ledger.PublicKeys;
import io.bloodnet.audit.store.Ledger;
import io.bloodnet.audit.store.LedgerSettings;
import io.bloodnet.audit.store.TestDatabase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exports and proofs, whole and damaged: our verifier and the one in Python, written from the format page alone, say the same. */
class CrossVerifierTest {

    private static final int LOGS = Boolean.getBoolean("bloodnet.long") ? 1_000 : 14;
    private static final int ENTRIES = 70;

    @TempDir
    private Path dir;

    private DataSource database;
    private PublicKeys trusted;
    private Path export;

    @BeforeEach
    void makeLog() {
        database = TestDatabase.h2(dir);
        LedgerSettings settings = LedgerSettings.of("node-1", dir.resolve("key"));
        try (Ledger ledger = Ledger.open(database, settings, InstantSource.system())) {
            Events.oneOfEachKind().forEach(ledger::record);
            for (int i = Events.oneOfEachKind().size(); i < ENTRIES; i++) {
                ledger.record(Events.numbered(i));
            }
        }
        trusted = new KeyFile(dir.resolve("key")).publicKeys().orElseThrow();
        export = AuditExport.write(database, dir.resolve("export.ndjson"))
                .files()
                .entries();
    }

    @Test
    void both_verify_an_export_and_find_the_same_first_bad_entry_in_damaged_ones() throws Exception {
        assumeTrue(hasPython(), "python3 is not installed");
        Verification whole = AuditVerifier.export(export, trusted);
        assertThat(whole).isInstanceOf(Verification.Verified.class);
        assertThat(python("export", export)).isEqualTo(whole.lines());
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        List<String> lines = Files.readAllLines(export);
        for (int i = 0; i < LOGS; i++) {
            boolean withLeaves = random.nextBoolean();
            Path damaged = copy(withLeaves);
            Files.write(damaged, damage(random, lines, i).getBytes(StandardCharsets.UTF_8));
            Verification ours = AuditVerifier.export(damaged, trusted);
            String as = "log " + i + " of seed " + seed;
            assertThat(ours).as(as).isInstanceOf(Verification.Changed.class);
            List<String> theirs = python("export", damaged);
            assertThat(theirs.getLast()).as(as).startsWith("NOT verified, first bad entry: ");
            if (withLeaves) {
                long first = ((Verification.Changed) ours).firstBad();
                assertThat(theirs.getLast()).as(as).isEqualTo("NOT verified, first bad entry: " + first);
            }
        }
    }

    @Test
    void neither_accepts_a_damaged_checkpoint_or_another_key() throws Exception {
        assumeTrue(hasPython(), "python3 is not installed");
        Path damaged = copy(true);
        Path checkpoint = ExportFiles.of(damaged).checkpoint();
        String note = Files.readString(checkpoint);
        Random random = new Random(1);
        for (int i = 0; i < 8; i++) {
            char[] chars = note.toCharArray();
            chars[random.nextInt(chars.length - 1)] ^= 1;
            Files.writeString(checkpoint, new String(chars));
            assertThat(AuditVerifier.export(damaged, trusted)).isNotInstanceOf(Verification.Verified.class);
            assertThat(python("export", damaged).getLast())
                    .doesNotEndWith(" verified")
                    .isNotEmpty();
        }
        PublicKeys other = io.bloodnet.audit.ledger.SigningKey.generate().publicKeys();
        assertThat(AuditVerifier.export(export, other)).isInstanceOf(Verification.Changed.class);
    }

    @Test
    void both_accept_the_proofs_of_an_entry_and_of_a_job_and_no_changed_one() throws Exception {
        assumeTrue(hasPython(), "python3 is not installed");
        AuditProofs proofs = new AuditProofs(database);
        AuditProof entry = proofs.entry(12).orElseThrow();
        AuditProof job = proofs.job("job-1").orElseThrow();
        assertThat(job.entries()).hasSizeGreaterThan(10);
        for (AuditProof proof : List.of(entry, job)) {
            AuditProof read = AuditProof.parse(proof.toJson());
            assertThat(read).isEqualTo(proof);
            assertThat(read.verify(trusted)).isInstanceOf(Verification.Verified.class);
            Path file = Files.writeString(dir.resolve("proof.json"), proof.toJson());
            assertThat(python("proof", file)).isEqualTo(read.verify(trusted).lines());
        }
        String forged =
                entry.toJson().replace("\\\"outcome\\\":\\\"MINOR_FAILURE\\\"", "\\\"outcome\\\":\\\"SUCCESS\\\"");
        assertThat(forged).isNotEqualTo(entry.toJson());
        assertThat(AuditProof.parse(forged).verify(trusted)).isInstanceOf(Verification.Changed.class);
        Path file = Files.writeString(dir.resolve("proof.json"), forged);
        assertThat(python("proof", file).getLast()).isEqualTo("NOT verified, first bad entry: 12");
        assertThat(proofs.entry(ENTRIES)).isEmpty();
        assertThat(proofs.job("no such job")).isEmpty();
    }

    private Path copy(boolean withLeaves) throws IOException {
        ExportFiles from = ExportFiles.of(export);
        ExportFiles to = ExportFiles.of(dir.resolve("damaged.ndjson"));
        Files.write(to.entries(), Files.readAllBytes(from.entries()));
        Files.write(to.checkpoint(), Files.readAllBytes(from.checkpoint()));
        Files.deleteIfExists(to.leaves());
        if (withLeaves) {
            Files.write(to.leaves(), Files.readAllBytes(from.leaves()));
        }
        return to.entries();
    }

    private static String damage(Random random, List<String> whole, int kind) {
        List<String> lines = new ArrayList<>(whole);
        int at = random.nextInt(lines.size());
        int other = (at + 1 + random.nextInt(lines.size() - 1)) % lines.size();
        switch (kind % 7) {
            case 0 -> lines.remove(at);
            case 1 -> lines.add(at, lines.get(other));
            case 2 -> java.util.Collections.swap(lines, at, other);
            case 3 -> lines.subList(at, lines.size()).clear();
            case 4 -> lines.set(at, lines.get(other));
            case 5 -> lines.add(lines.getLast().replace("\"seq\":" + (ENTRIES - 1), "\"seq\":" + ENTRIES));
            default -> {
                char[] chars = lines.get(at).toCharArray();
                chars[random.nextInt(chars.length)] ^= (char) (1 << random.nextInt(4));
                lines.set(at, new String(chars));
            }
        }
        return lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
    }

    private List<String> python(String what, Path file) throws Exception {
        Path verifier = Path.of(System.getProperty("bloodnet.root", ".."), "audit", "verifier", "verify.py");
        Process process = new ProcessBuilder(
                        "python3",
                        verifier.toString(),
                        what,
                        file.toString(),
                        "--public-key",
                        dir.resolve("key.pub").toString())
                .redirectErrorStream(true)
                .start();
        List<String> lines;
        try (var reader = process.inputReader(StandardCharsets.UTF_8)) {
            lines = reader.lines().toList();
        }
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        int expected =
                lines.getLast().endsWith(" verified") ? 0 : lines.getLast().startsWith("NOT") ? 1 : 2;
        assertThat(process.exitValue()).as(lines.toString()).isEqualTo(expected);
        return lines;
    }

    private static boolean hasPython() throws InterruptedException {
        try {
            return new ProcessBuilder("python3", "--version").start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
