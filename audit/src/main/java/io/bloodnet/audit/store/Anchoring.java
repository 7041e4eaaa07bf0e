package io.bloodnet.audit.store;

import io.bloodnet.audit.AuditFault;
import io.bloodnet.audit.AuditUnavailableException;
import io.bloodnet.audit.anchor.Anchor;
import io.bloodnet.audit.anchor.AnchorUnavailableException;
import io.bloodnet.audit.ledger.Checkpoint;
import io.bloodnet.audit.ledger.Hash;
import io.bloodnet.audit.ledger.MerkleProofs;
import io.bloodnet.audit.ledger.SignedNote;
import io.bloodnet.audit.store.LedgerStatus.AnchorStatus;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the newest checkpoint to the anchors, in a thread of its own, so that a slow witness holds nobody up: checkpoints that grew old
 * meanwhile are skipped. An anchor that is away is reported and asked again; one that refuses stops the log.
 */
final class Anchoring implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Anchoring.class);

    private final DataSource database;
    private final List<Anchor> anchors;
    private final Consumer<AuditUnavailableException> refused;
    private final Map<String, AnchorStatus> states = new LinkedHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Thread thread;

    private @Nullable SignedNote waiting;
    private boolean busy;
    private boolean closed;

    Anchoring(DataSource database, List<Anchor> anchors, Consumer<AuditUnavailableException> refused) {
        this.database = database;
        this.anchors = anchors;
        this.refused = refused;
        anchors.forEach(anchor -> states.put(anchor.name(), new AnchorStatus(anchor.name(), 0, null)));
        thread = Thread.ofVirtual().name("audit-anchoring").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Hands over the newest checkpoint and returns at once. */
    void offer(SignedNote checkpoint) {
        lock.lock();
        try {
            waiting = checkpoint;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until all anchors were told of everything offered before. */
    void await() throws InterruptedException {
        lock.lock();
        try {
            while ((waiting != null || busy) && thread.isAlive()) {
                changed.await(10, java.util.concurrent.TimeUnit.MILLISECONDS);
            }
        } finally {
            lock.unlock();
        }
    }

    List<AnchorStatus> states() {
        lock.lock();
        try {
            return List.copyOf(states.values());
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        for (SignedNote checkpoint = next(); checkpoint != null; checkpoint = next()) {
            for (Anchor anchor : anchors) {
                AnchorStatus state = keep(anchor, checkpoint);
                lock.lock();
                try {
                    states.put(anchor.name(), state);
                } finally {
                    lock.unlock();
                }
            }
        }
    }

    private @Nullable SignedNote next() {
        lock.lock();
        try {
            busy = false;
            changed.signalAll();
            while (waiting == null && !closed) {
                changed.awaitUninterruptibly();
            }
            SignedNote next = waiting;
            waiting = null;
            busy = next != null;
            return next;
        } finally {
            lock.unlock();
        }
    }

    private AnchorStatus keep(Anchor anchor, SignedNote checkpoint) {
        long size = Checkpoint.parse(checkpoint.text()).size();
        AnchorStatus before = state(anchor);
        try {
            return switch (anchor.keep(checkpoint, new DatabaseGrowth())) {
                case Anchor.Answer.Kept kept -> new AnchorStatus(anchor.name(), size, null);
                case Anchor.Answer.Cosigned cosigned -> {
                    store(size, cosigned.signature());
                    yield new AnchorStatus(anchor.name(), size, null);
                }
                case Anchor.Answer.Refused refusal -> {
                    LOG.error(
                            "audit anchor refused the log: {}; nothing more is done until a person decides",
                            anchor.name());
                    refused.accept(new AuditUnavailableException(
                            AuditFault.TAMPERED, anchor.name() + " refused the log: " + refusal.reason()));
                    yield new AnchorStatus(anchor.name(), before.keptSize(), refusal.reason());
                }
            };
        } catch (AnchorUnavailableException | AuditUnavailableException | SQLException e) {
            if (before.problem() == null) {
                LOG.warn("audit anchor away: {}; it is asked again with the next checkpoint", anchor.name(), e);
            }
            return new AnchorStatus(anchor.name(), before.keptSize(), "away");
        }
    }

    private AnchorStatus state(Anchor anchor) {
        return states().stream()
                .filter(state -> state.name().equals(anchor.name()))
                .findFirst()
                .orElseThrow();
    }

    /** Reads proofs from the database when an anchor asks for them. */
    private final class DatabaseGrowth implements Anchor.Growth {

        @Override
        public long size() {
            return read(connection -> new LedgerTables(connection).tail().size());
        }

        @Override
        public List<Hash> proof(long from, long to) {
            return read(connection -> MerkleProofs.consistency(from, to, new TableNodes(connection)));
        }

        private <T> T read(Reading<T> reading) {
            try (Connection connection = database.getConnection()) {
                return reading.from(connection);
            } catch (SQLException e) {
                throw new AuditUnavailableException(AuditFault.DATABASE, "cannot read the log's hashes", e);
            }
        }
    }

    private interface Reading<T> {
        T from(Connection connection) throws SQLException;
    }

    private void store(long size, SignedNote.Signature signature) throws SQLException {
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(true);
            new LedgerTables(connection).insertCosignature(size, signature);
        }
    }

    /** Lets the last checkpoint reach the anchors first. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            thread.join(LedgerSettings.RECORD_TIMEOUT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
