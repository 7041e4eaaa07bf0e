package io.bloodnet.audit.bench;

import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.Outcome;
import io.bloodnet.audit.ledger.EntryLine;
import io.bloodnet.audit.ledger.PublicKeys;
import io.bloodnet.audit.store.Ledger;
import io.bloodnet.audit.store.LedgerSettings;
import io.bloodnet.audit.verify.AuditExport;
import io.bloodnet.audit.verify.AuditVerifier;
import io.bloodnet.audit.verify.Verification;
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
import java.util.function.Consumer;
import javax.sql.DataSource;

/**
 * Measures writing and verifying the log, in one run beside its peers: the same events one commit each, and a bare file on the same disk.
 * Leaves a log with many entries in the database it is given: that must be an empty one with the log's tables.
 */
public final class AuditBench {

    private static final int PRODUCERS = 32;
    private static final int LATENCY_EVENTS = 200;

    private final DataSource database;
    private final Path directory;
    private final Duration each;
    private final Consumer<String> out;

    /**
     * @param database an empty database with the log's tables and connections for {@value #PRODUCERS} threads
     * @param directory for keys, exports and the bare file; on the disk that the database is on
     * @param each how long each writing measurement takes, after a warm-up as long as a third of it
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
        }
        verifying(settings.keyFile().publicKeys().orElseThrow());
    }

    private void writing(Ledger ledger, BareFile file) throws Exception {
        double grouped = eventsPerSecond(PRODUCERS, ledger::record);
        double alone = eventsPerSecond(1, ledger::record);
        double callers = eventsPerSecond(PRODUCERS, event -> commit(ledger, event));
        double bare = eventsPerSecond(PRODUCERS, event -> file.record(EntryLine.body("bench", event)));
        print("write, %d producers, group commit: %.0f events/s", PRODUCERS, grouped);
        print("  / one commit per event (%.0f events/s): %.2f", alone, grouped / alone);
        print("  / bare file with fdatasync, group commit (%.0f events/s): %.2f", bare, grouped / bare);
        print("append in %d callers' own transactions: %.0f events/s", PRODUCERS, callers);
    }

    private void commit(Ledger ledger, AuditEvent event) throws SQLException {
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            ledger.append(connection, event);
            connection.commit();
        }
    }

    private void latency(Ledger ledger, BareFile file) throws Exception {
        double recorded = medianMs(ledger::record);
        double bare = medianMs(event -> file.record(EntryLine.body("bench", event)));
        print(
                "latency of one event, idle: %.2f ms; / bare file with fdatasync (%.2f ms): %.2f",
                recorded, bare, recorded / bare);
    }

    private void verifying(PublicKeys trusted) {
        long start = System.nanoTime();
        Verification verification = AuditVerifier.database(database, trusted, List.of());
        double databaseSeconds = seconds(start);
        if (!(verification instanceof Verification.Verified verified)) {
            throw new IllegalStateException("the bench's own log does not verify: "
                    + verification.lines().getLast());
        }
        print(
                "verify in the database: %.0f events/s (%d events)",
                verified.entries() / databaseSeconds, verified.entries());
        Path file = AuditExport.write(database, directory.resolve("bench.ndjson"))
                .files()
                .entries();
        AuditVerifier.export(file, trusted);
        start = System.nanoTime();
        AuditVerifier.export(file, trusted);
        print("verify an export: %.0f leaves/s", verified.entries() / seconds(start));
    }

    private interface Action {
        void on(AuditEvent event) throws Exception;
    }

    private double eventsPerSecond(int producers, Action action) throws Exception {
        count(producers, action, each.dividedBy(3));
        long start = System.nanoTime();
        return count(producers, action, each) / seconds(start);
    }

    private static long count(int producers, Action action, Duration length) throws Exception {
        long end = System.nanoTime() + length.toNanos();
        long[] counts = new long[producers];
        List<Thread> threads = new ArrayList<>();
        List<Exception> failures = java.util.Collections.synchronizedList(new ArrayList<>());
        for (int producer = 0; producer < producers; producer++) {
            int number = producer;
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    while (System.nanoTime() < end) {
                        action.on(event(counts[number]++));
                    }
                } catch (Exception e) {
                    failures.add(e);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        if (!failures.isEmpty()) {
            throw failures.getFirst();
        }
        return Arrays.stream(counts).sum();
    }

    private static double medianMs(Action action) throws Exception {
        double[] times = new double[LATENCY_EVENTS];
        for (int i = 0; i < times.length; i++) {
            long start = System.nanoTime();
            action.on(event(i));
            times[i] = seconds(start) * 1000;
        }
        Arrays.sort(times);
        return times[times.length / 2];
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
