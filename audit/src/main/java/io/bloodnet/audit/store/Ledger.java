package io.bloodnet.audit.store;

import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditFault;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.audit.AuditUnavailableException;
import io.bloodnet.audit.Outcome;
import io.bloodnet.audit.ledger.EntryLine;
import io.bloodnet.audit.ledger.SignedNote;
import io.bloodnet.audit.ledger.SigningKey;
import io.bloodnet.audit.store.Sequencer.Result;
import io.bloodnet.audit.store.Sequencer.Signing;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The audit log in a database that several servers may share. {@link #append} leaves the event in {@code audit_pending} with the caller's
 * commit; {@link #record} hands it to the writer thread. That thread, under the database's one lock, gives events their places in the
 * Merkle tree, commits them together, signs a checkpoint at least every second or 1,000 entries, and hands checkpoints to the anchors.
 *
 * <p>When that cannot be done the log is closed until it can again: nothing is accepted that would not be signed. A log that contradicts
 * its own checkpoints or an anchor stays closed until a person has decided.
 */
public final class Ledger implements AuditLog, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Ledger.class);

    private final LedgerSettings settings;
    private final InstantSource clock;
    private final LogKeys keys;
    private final Sequencer sequencer;
    private final Anchoring anchoring;
    private final Arrivals queue = new Arrivals();
    /** Held while the sequencer works, so that only one thread is in it. */
    private final ReentrantLock sequencing = new ReentrantLock();

    private final Thread writer;

    /** How many events the next commit can take when all who were just answered come back; known to the writer thread alone. */
    private int expected;

    private volatile long lastRunNanos;
    private volatile Result last;
    private volatile @Nullable Instant signedAt;
    private volatile boolean closed;
    /** Stays until restart: the log contradicts its checkpoints. */
    private volatile @Nullable AuditUnavailableException broken;
    /** Since when, and why, sequencing fails; null when it works. */
    private volatile @Nullable Stall stall;

    /** Since when the sequencer has been at the database; 0 when it is not. */
    private volatile long busySinceNanos;
    /** Since when entries have waited for a signature; null when none does. */
    private volatile @Nullable Instant unsignedSince;

    private record Stall(long sinceNanos, AuditUnavailableException cause) {}

    private Ledger(DataSource database, LedgerSettings settings, InstantSource clock, LogKeys keys) {
        this.settings = settings;
        this.clock = clock;
        this.keys = keys;
        sequencer = new Sequencer(database, clock, keys);
        anchoring = new Anchoring(database, settings.anchors(), this::close);
        last = new Result(0, 0, null);
        writer = Thread.ofPlatform().name("audit-writer").daemon(true).unstarted(this::write);
    }

    /**
     * Opens the log: reads or makes its key, checks that the newest checkpoint, the anchors and the entries agree, and signs what a crash
     * left unsigned. The tables must exist.
     *
     * @throws AuditUnavailableException the server must not start
     */
    public static Ledger open(DataSource database, LedgerSettings settings, InstantSource clock) {
        LogKeys keys = openKeys(database, settings, clock);
        Ledger ledger = new Ledger(database, settings, clock, keys);
        try {
            ledger.run(List.of(), Signing.NOW, null);
            AnchorCheck.requireConsistent(database, settings.anchors(), keys);
        } catch (RuntimeException e) {
            ledger.sequencer.close();
            throw e;
        }
        ledger.anchoring.start();
        ledger.writer.start();
        LOG.info("audit log open: {} entries, next: take events", ledger.last.size());
        return ledger;
    }

    private static LogKeys openKeys(DataSource database, LedgerSettings settings, InstantSource clock) {
        try (Connection connection = database.getConnection()) {
            AppendOnly.prepare(connection, settings.requireAppendOnly());
            connection.setAutoCommit(false);
            LedgerTables tables = new LedgerTables(connection);
            tables.lock();
            Optional<String> known = tables.origin();
            String origin = known.orElseGet(LogKeys::newOrigin);
            if (known.isEmpty()) {
                tables.insertOrigin(origin, clock.instant());
            }
            LogKeys keys = LogKeys.open(
                    settings.keyFile(), origin, tables.newestCheckpoint().orElse(null));
            connection.commit();
            return keys;
        } catch (SQLException e) {
            throw new AuditUnavailableException(AuditFault.DATABASE, "cannot open the audit log", e);
        }
    }

    @Override
    public void append(Connection transaction, AuditEvent event) {
        append(transaction, List.of(event));
    }

    @Override
    public void append(Connection transaction, List<AuditEvent> events) {
        requireWritable();
        if (events.isEmpty()) {
            return;
        }
        List<String> bodies = events.stream()
                .map(event -> EntryLine.body(settings.node(), event))
                .toList();
        try {
            if (transaction.getAutoCommit()) {
                throw new IllegalArgumentException("append needs a transaction: switch auto-commit off");
            }
            LedgerTables.insertPending(transaction, bodies);
        } catch (SQLException e) {
            throw new AuditUnavailableException(AuditFault.DATABASE, "the events were not taken", e);
        }
    }

    @Override
    public void record(AuditEvent event) {
        requireWritable();
        WaitingEvent waiting = new WaitingEvent(Unplaced.of(settings.node(), event));
        if (!queue.offer(waiting)) {
            throw new AuditUnavailableException(
                    AuditFault.OVERLOADED, LedgerSettings.QUEUE_MAX + " events are waiting already");
        }
        waiting.await(LedgerSettings.RECORD_TIMEOUT);
    }

    /** Gives places to everything committed so far, signs a checkpoint over it, and waits until the anchors were told. */
    public void flush() {
        run(List.of(), Signing.NOW, null);
        try {
            anchoring.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * From now on another key signs. The entry that says so is under a checkpoint that both keys signed; the old private key is deleted.
     * Its public key stays in the {@code .pub} file.
     *
     * @param user who ordered it
     */
    public void rotateKey(String user) {
        sequencing.lock();
        try {
            requireWritable();
            SigningKey old = keys.reread();
            SigningKey next = settings.keyFile().createNext();
            AuditEvent rotated = new AuditEvent.KeyRotated(
                    clock.instant(),
                    About.user(user),
                    Outcome.SUCCESS,
                    old.keyId(keys.origin()),
                    next.keyId(keys.origin()),
                    next.publicKey().base64());
            run(List.of(Unplaced.of(settings.node(), rotated)), Signing.NOW, next);
            keys.use(next);
            LOG.info("audit key rotated; give the new public key to the auditors");
        } finally {
            sequencing.unlock();
        }
    }

    public LedgerStatus status() {
        Result result = last;
        AuditUnavailableException unavailable = unavailable();
        return new LedgerStatus(
                keys.origin(),
                result.size(),
                result.signedSize(),
                signedAt,
                unavailable == null ? null : unavailable.fault(),
                anchoring.states(),
                unsigned());
    }

    private Duration unsigned() {
        long busySince = busySinceNanos;
        Instant since = unsignedSince;
        return Stream.of(
                        queue.oldest(),
                        busySince == 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - busySince),
                        since == null ? Duration.ZERO : Duration.between(since, clock.instant()))
                .reduce(Duration.ZERO, (one, other) -> one.compareTo(other) > 0 ? one : other);
    }

    /** The newest checkpoint that this server signed since it started; empty before. */
    public Optional<SignedNote> checkpoint() {
        return Optional.ofNullable(last.signed());
    }

    private void requireWritable() {
        AuditUnavailableException unavailable = unavailable();
        if (unavailable != null) {
            throw new AuditUnavailableException(unavailable.fault(), "the audit log is closed", unavailable);
        }
    }

    private @Nullable AuditUnavailableException unavailable() {
        if (broken != null) {
            return broken;
        }
        if (closed) {
            return new AuditUnavailableException(AuditFault.CLOSED, "the server is stopping");
        }
        long busySince = busySinceNanos;
        if (busySince != 0 && System.nanoTime() - busySince > LedgerSettings.STALL_MAX.toNanos()) {
            return new AuditUnavailableException(AuditFault.DATABASE, "the database has not answered for long");
        }
        Stall failing = stall;
        boolean tooLong =
                failing != null && System.nanoTime() - failing.sinceNanos() > LedgerSettings.STALL_MAX.toNanos();
        // A missing key cannot heal by itself within the second that entries may stay unsigned.
        boolean keyGone = failing != null && failing.cause().fault() == AuditFault.KEY;
        return failing != null && (tooLong || keyGone) ? failing.cause() : null;
    }

    /** The writer thread. */
    private void write() {
        while (!closed) {
            List<WaitingEvent> batch = nextBatch();
            try {
                if (!batch.isEmpty() || hasWork()) {
                    run(batch.stream().map(WaitingEvent::unplaced).toList(), Signing.WHEN_DUE, null);
                }
                batch.forEach(WaitingEvent::done);
                expected = batch.size() + queue.size();
            } catch (AuditUnavailableException e) {
                batch.forEach(waiting -> waiting.failed(e));
            } catch (RuntimeException | Error e) {
                LOG.error("audit writer failed; the log is closed until restart", e);
                AuditUnavailableException failure =
                        new AuditUnavailableException(AuditFault.DATABASE, "the audit writer failed", e);
                close(failure);
                batch.forEach(waiting -> waiting.failed(failure));
            }
        }
    }

    private List<WaitingEvent> nextBatch() {
        Duration companyWait = Duration.ofNanos(Math.min(LedgerSettings.COMPANY_WAIT_MAX.toNanos(), lastRunNanos / 4));
        try {
            return queue.take(expected, companyWait, LedgerSettings.POLL_INTERVAL).stream()
                    .filter(WaitingEvent::take)
                    .toList();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    private boolean hasWork() {
        sequencing.lock();
        busy();
        try {
            return sequencer.hasWork();
        } catch (SQLException e) {
            throw stalled(new AuditUnavailableException(AuditFault.DATABASE, "the database does not answer", e));
        } finally {
            busySinceNanos = 0;
            sequencing.unlock();
        }
    }

    private void run(List<Unplaced> events, Signing signing, @Nullable SigningKey nextKey) {
        sequencing.lock();
        busy();
        try {
            if (broken != null) {
                throw broken;
            }
            long start = System.nanoTime();
            Result result = sequencer.run(events, signing, nextKey);
            lastRunNanos = System.nanoTime() - start;
            recovered(result);
        } catch (SQLException e) {
            throw stalled(new AuditUnavailableException(AuditFault.DATABASE, "the database took no entries", e));
        } catch (AuditUnavailableException e) {
            throw stalled(e);
        } finally {
            busySinceNanos = 0;
            sequencing.unlock();
        }
    }

    private void busy() {
        long now = System.nanoTime();
        busySinceNanos = now == 0 ? 1 : now;
    }

    private void recovered(Result result) {
        if (stall != null) {
            LOG.info("audit log works again, next: take events");
            stall = null;
        }
        SignedNote signed = result.signed() == null ? last.signed() : result.signed();
        last = new Result(result.size(), result.signedSize(), signed);
        if (result.size() == result.signedSize()) {
            unsignedSince = null;
        } else if (unsignedSince == null) {
            unsignedSince = clock.instant();
        }
        if (result.signed() != null) {
            signedAt = clock.instant();
            anchoring.offer(result.signed());
        }
    }

    private AuditUnavailableException stalled(AuditUnavailableException cause) {
        Stall before = stall;
        if (cause.fault() == AuditFault.TAMPERED) {
            LOG.error("audit log contradicts itself; it is closed until a person decides", cause);
            close(cause);
        } else if (before == null) {
            LOG.error(
                    "audit log cannot be written ({}); trying again, actions that need it are not done",
                    cause.fault(),
                    cause);
        }
        stall = new Stall(before == null ? System.nanoTime() : before.sinceNanos(), cause);
        return cause;
    }

    private void close(AuditUnavailableException why) {
        broken = why;
    }

    /** Takes nothing more, writes and signs what was taken, and tells the anchors. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            writer.join(LedgerSettings.RECORD_TIMEOUT.plus(Duration.ofSeconds(1)));
            queue.drain()
                    .forEach(waiting ->
                            waiting.failed(new AuditUnavailableException(AuditFault.CLOSED, "the server is stopping")));
            run(List.of(), Signing.NOW, null);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (AuditUnavailableException e) {
            LOG.error("audit log closed with unsigned entries; the next start signs them", e);
        } finally {
            anchoring.close();
            sequencer.close();
        }
    }
}
