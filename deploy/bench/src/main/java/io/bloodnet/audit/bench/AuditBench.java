package io.bloodnet.audit.bench;

import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.Outcome;
import io.bloodnet.audit.ledger.EntryLine;
import io.bloodnet.audit.ledger.PublicKeys;
import io.bloodnet.audit.ledger.TreeHasher;
import io.bloodnet.audit.store.Ledger;
import io.bloodnet.audit.store.LedgerSettings;
import io.bloodnet.audit.verify.AuditExport;
import io.bloodnet.audit.verify.AuditVerifier;
import io.bloodnet.audit.verify.Verification;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.sql.DataSource;

/**
 * Measures writing and verifying the log, in slots that take turns with its peers: the same events one commit each, and a bare file on the
 * same disk. Leaves a log with many entries in the database it is given: that must be an empty one with the log's tables.
 */
public final class AuditBench {

    private static final int PRODUCERS = 32;
    private static final int LATENCY_EVENTS = 200;
    /** Slots of each writing measurement, after those to warm up. */
    private static final int ROUNDS = 5;

    private static final int WARM_UP_ROUNDS = 2;

    private static final int FILLERS = 1_000;
    private static final int VERIFIED_ENTRIES = 100_000;
    private static final int VERIFY_ROUNDS = 4;

    private final DataSource database;
    private final Path directory;
    private final Duration each;
    private final Consumer<String> out;

    /**
     * @param database an empty database with the log's tables and connections for {@value #PRODUCERS} threads
     * @param directory for keys, exports and the bare file; on the disk that the database is on
     * @param each how long each writing measurement takes, after a warm-up of two fifths of it
     * @param out takes the lines of the result
     */
    public AuditBench(DataSource database, Path directory, Duration each, Consumer<String> out) {
        this.database = database;
        this.directory = directory;
        this.each = each;
        this.out = out;
    }

    public void run() throws Exception {
        LedgerSettings settings = LedgerSettings.of("bench", directory.resolve("bench-key.pem"));
        try (Ledger ledger = Ledger.open(database, settings, InstantSource.system());
                BareFile file = BareFile.open(directory.resolve("bare.ndjson"))) {
            writing(ledger, file);
            latency(ledger, file);
            fill(ledger);
        }
        verifying(settings.keyFile().publicKeys().orElseThrow());
    }

    private void writing(Ledger ledger, BareFile file) throws Exception {
        Rate grouped = new Rate(PRODUCERS, ledger::record);
        Rate alone = new Rate(1, ledger::record);
        Rate callers = new Rate(PRODUCERS, event -> commit(ledger, event));
        Rate bare = new Rate(PRODUCERS, event -> file.record(EntryLine.body("bench", event)));
        inTurns(grouped, alone, bare);
        // By itself: rows that were taken out of the waiting table slow readers of it until the database has swept.
        inTurns(callers);
        print("write, %d producers, group commit: %.0f events/s", PRODUCERS, grouped.perSecond());
        print(
                "  / one commit per event (%.0f events/s): %.2f (goal >= 15)",
                alone.perSecond(), grouped.perSecond() / alone.perSecond());
        print(
                "  / bare file with fdatasync, group commit (%.0f events/s): %.2f (goal >= 0.4)",
                bare.perSecond(), grouped.perSecond() / bare.perSecond());
        print("append in %d callers' own transactions: %.0f events/s", PRODUCERS, callers.perSecond());
    }

    private void inTurns(Rate... slots) throws Exception {
        for (int round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
            for (Rate slot : slots) {
                slot.run(each.dividedBy(ROUNDS), round >= 0);
            }
        }
    }

    private void commit(Ledger ledger, AuditEvent event) throws SQLException {
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            ledger.append(connection, event);
            connection.commit();
        }
    }

    /** One event at a time, each beside one line of the bare file: a busy moment of the machine slows both. */
    private void latency(Ledger ledger, BareFile file) throws Exception {
        double[] recorded = new double[LATENCY_EVENTS];
        double[] appended = new double[LATENCY_EVENTS];
        double[] bare = new double[LATENCY_EVENTS];
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            for (int i = 0; i < LATENCY_EVENTS; i++) {
                AuditEvent event = event(i);
                recorded[i] = ms(() -> ledger.record(event));
                bare[i] = ms(() -> file.record(EntryLine.body("bench", event)));
                appended[i] = ms(() -> ledger.append(connection, event));
                connection.commit();
            }
        }
        double sync = median(bare);
        print("added to an action that commits anyway: %.2f ms", median(appended));
        print("  / bare file with fdatasync (%.2f ms): %.2f (goal <= 1.5)", sync, median(appended) / sync);
        print("one event alone, in a transaction of its own: %.2f ms", median(recorded));
        print("  / bare file with fdatasync: %.2f", median(recorded) / sync);
    }

    /** A log that takes long enough to verify. */
    private static void fill(Ledger ledger) throws Exception {
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> filling = new ArrayList<>();
            for (int caller = 0; caller < FILLERS; caller++) {
                filling.add(callers.submit(() -> {
                    for (int i = 0; i < VERIFIED_ENTRIES / FILLERS; i++) {
                        ledger.record(event(i));
                    }
                }));
            }
            for (Future<?> caller : filling) {
                caller.get();
            }
        }
    }

    private void verifying(PublicKeys trusted) throws Exception {
        Path file = AuditExport.write(database, directory.resolve("bench.ndjson"))
                .files()
                .entries();
        double databaseBest = 0;
        double exportBest = 0;
        double ceilingBest = 0;
        for (int round = 0; round < VERIFY_ROUNDS; round++) {
            databaseBest =
                    Math.max(databaseBest, perSecond(() -> AuditVerifier.database(database, trusted, List.of())));
            exportBest = Math.max(exportBest, perSecond(() -> AuditVerifier.export(file, trusted)));
            ceilingBest = Math.max(ceilingBest, hashedPerSecond(file));
        }
        print("verify in the database: %.0f events/s (goal >= 150000)", databaseBest);
        print("verify an export: %.0f leaves/s (goal >= 1000000)", exportBest);
        print(
                "  / plain SHA-256 of the same lines in one thread (%.0f lines/s): %.2f",
                ceilingBest, exportBest / ceilingBest);
    }

    private static double perSecond(Supplier<Verification> verifying) {
        long start = System.nanoTime();
        if (!(verifying.get() instanceof Verification.Verified verified)) {
            throw new IllegalStateException("the bench's own log does not verify");
        }
        return verified.entries() / seconds(start);
    }

    private static double hashedPerSecond(Path file) throws IOException {
        List<byte[]> lines = new ArrayList<>();
        Files.readAllLines(file).forEach(line -> lines.add(line.getBytes(StandardCharsets.UTF_8)));
        TreeHasher hasher = new TreeHasher();
        long start = System.nanoTime();
        lines.forEach(hasher::leaf);
        return lines.size() / seconds(start);
    }

    private interface Action {
        void on(AuditEvent event) throws Exception;
    }

    /** What producers reach who do one action after another; measured in slots between those of the others. */
    private static final class Rate {
        private final int producers;
        private final Action action;
        private long events;
        private double seconds;

        Rate(int producers, Action action) {
            this.producers = producers;
            this.action = action;
        }

        void run(Duration length, boolean counted) throws Exception {
            long start = System.nanoTime();
            long done = count(producers, action, length);
            if (counted) {
                events += done;
                seconds += AuditBench.seconds(start);
            }
        }

        double perSecond() {
            return events / seconds;
        }
    }

    // Virtual threads, as the server's own callers are.
    private static long count(int producers, Action action, Duration length) throws Exception {
        long end = System.nanoTime() + length.toNanos();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Long>> counts = new ArrayList<>();
            for (int producer = 0; producer < producers; producer++) {
                counts.add(threads.submit(() -> {
                    long done = 0;
                    while (System.nanoTime() < end) {
                        action.on(event(done++));
                    }
                    return done;
                }));
            }
            long all = 0;
            for (Future<Long> count : counts) {
                all += count.get();
            }
            return all;
        }
    }

    private interface Step {
        void run() throws Exception;
    }

    private static double ms(Step step) throws Exception {
        long start = System.nanoTime();
        step.run();
        return seconds(start) * 1000;
    }

    private static double median(double[] times) {
        double[] sorted = times.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static AuditEvent event(long n) {
        About about =
                new About("job-" + n % 1000, "ACC" + n % 1000, "1.2.840.113619.2." + n % 1000, "PAT-" + n % 500, null);
        return new AuditEvent.StudyFetched(
                Instant.now(), about, Outcome.SUCCESS, "pacs", 36, 18_874_368L, "ab".repeat(32), null);
    }

    private static double seconds(long startNanos) {
        return (System.nanoTime() - startNanos) / 1e9;
    }

    private void print(String format, Object... values) {
        out.accept(String.format(Locale.ROOT, format, values));
    }
}
