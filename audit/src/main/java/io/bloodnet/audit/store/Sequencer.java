package io.bloodnet.audit.store;

import io.bloodnet.audit.AuditFault;
import io.bloodnet.audit.AuditUnavailableException;
import io.bloodnet.audit.ledger.Checkpoint;
import io.bloodnet.audit.ledger.EntryLine;
import io.bloodnet.audit.ledger.Frontier;
import io.bloodnet.audit.ledger.Hash;
import io.bloodnet.audit.ledger.SignedNote;
import io.bloodnet.audit.ledger.SigningKey;
import io.bloodnet.audit.ledger.TreeHasher;
import io.bloodnet.audit.store.LedgerTables.Head;
import io.bloodnet.audit.store.LedgerTables.NewEntry;
import io.bloodnet.audit.store.LedgerTables.NewNode;
import io.bloodnet.audit.store.LedgerTables.Stored;
import io.bloodnet.audit.store.LedgerTables.Tail;
import io.bloodnet.audit.store.LedgerTables.Waiting;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Gives events their places, one transaction at a time over all servers of the database: takes over what others wrote, then what callers
 * committed, then the events it is handed, and signs when due. What it knows of the tree changes only after the commit. Not safe for
 * several threads: {@link Ledger} lets one in.
 */
final class Sequencer implements AutoCloseable {

    private final DataSource database;
    private final InstantSource clock;
    private final LogKeys keys;
    private final TreeHasher hasher = new TreeHasher();

    private @Nullable Connection connection;
    /** The tree as last committed; null when that has to be read first. */
    private @Nullable Frontier known;

    private long signedSize;
    private Instant signedAt = Instant.MIN;

    Sequencer(DataSource database, InstantSource clock, LogKeys keys) {
        this.database = database;
        this.clock = clock;
        this.keys = keys;
    }

    /** How often to sign. */
    enum Signing {
        WHEN_DUE,
        NOW
    }

    /** What one run left behind; {@code signed} is the newest checkpoint when this run signed one. */
    record Result(long size, long signedSize, @Nullable SignedNote signed) {}

    /** True when there may be something to do without new events: unsequenced events, or unsigned entries whose second is over. */
    boolean hasWork() throws SQLException {
        try {
            LedgerTables tables = new LedgerTables(connection());
            Tail tail = tables.tail();
            boolean work =
                    tables.anyWaiting() || tail.size() > tail.signedSize() && due(tail.size(), tail.signedSize());
            connection().rollback();
            return work;
        } catch (SQLException | RuntimeException e) {
            forget();
            throw e;
        }
    }

    /**
     * Gives places to everything that callers committed so far and then to these events, durably.
     *
     * @param nextKey signs the checkpoint over them as well; absent but while keys are rotated
     * @throws SQLException nothing of this batch is in the log, as far as the database told
     */
    Result run(List<Unplaced> events, Signing signing, @Nullable SigningKey nextKey) throws SQLException {
        try {
            long signedBefore = signedSize;
            long sizeBefore = known == null ? -1 : known.size();
            Result result = MORE_WAITING;
            while (result == MORE_WAITING) {
                result = pass(events, signing, nextKey);
            }
            if (result.size() != sizeBefore || result.signedSize() != signedBefore) {
                new LedgerTables(connection()).sync();
            }
            return result;
        } catch (SQLException | RuntimeException e) {
            forget();
            throw e;
        }
    }

    private static final Result MORE_WAITING = new Result(-1, -1, null);

    private Result pass(List<Unplaced> events, Signing signing, @Nullable SigningKey nextKey) throws SQLException {
        Connection transaction = connection();
        LedgerTables tables = new LedgerTables(transaction);
        Head head = tables.lockAndRead(LedgerSettings.BATCH_MAX);
        Frontier tree = upToDate(transaction, tables, head.tail());
        List<Waiting> waiting = head.waiting();
        boolean moreWaiting = waiting.size() == LedgerSettings.BATCH_MAX;
        List<Unplaced> taken = new ArrayList<>(events.size() + waiting.size());
        waiting.forEach(event -> taken.add(new Unplaced(event.body(), null)));
        if (!moreWaiting) {
            // Only now, so that an event recorded after another was committed never comes before it.
            taken.addAll(events);
        }
        write(tables, tree, taken);
        if (!waiting.isEmpty()) {
            tables.deletePending(waiting);
        }
        boolean sign = tree.size() > signedSize
                && !moreWaiting
                && (signing == Signing.NOW || nextKey != null || due(tree.size(), signedSize));
        SignedNote note = sign ? sign(tables, tree, nextKey) : null;
        transaction.commit();
        known = tree;
        if (note != null) {
            signed(tree.size());
        }
        return moreWaiting ? MORE_WAITING : new Result(tree.size(), signedSize, note);
    }

    private void write(LedgerTables tables, Frontier tree, List<Unplaced> events) throws SQLException {
        if (events.isEmpty()) {
            return;
        }
        List<NewEntry> entries = new ArrayList<>(events.size());
        List<NewNode> nodes = new ArrayList<>();
        for (Unplaced event : events) {
            String line = EntryLine.at(tree.size(), event.body());
            Hash leafHash = hasher.leaf(line.getBytes(StandardCharsets.UTF_8));
            entries.add(new NewEntry(line, leafHash, event.fields(tree.size(), line)));
            tree.append(leafHash, (level, index, hash) -> nodes.add(new NewNode(level, index, hash)));
        }
        tables.insertEntries(entries);
        if (!nodes.isEmpty()) {
            tables.insertNodes(nodes);
        }
    }

    private SignedNote sign(LedgerTables tables, Frontier tree, @Nullable SigningKey nextKey) throws SQLException {
        Checkpoint checkpoint = new Checkpoint(keys.origin(), tree.size(), tree.root());
        SignedNote note = keys.reread().sign(checkpoint);
        if (nextKey != null) {
            note = note.with(nextKey.sign(checkpoint.origin(), checkpoint.text()));
        }
        tables.insertCheckpoint(tree.size(), note, clock.instant());
        return note;
    }

    private boolean due(long size, long signed) {
        return size - signed >= LedgerSettings.CHECKPOINT_ENTRIES
                || !clock.instant().isBefore(signedAt.plus(LedgerSettings.CHECKPOINT_INTERVAL));
    }

    private void signed(long size) {
        signedSize = size;
        signedAt = clock.instant();
    }

    /** The tree as the database has it now, after checking that it only grew and that every checkpoint on the way holds. */
    private Frontier upToDate(Connection transaction, LedgerTables tables, Tail tail) throws SQLException {
        Frontier tree = known == null ? atNewestCheckpoint(transaction, tables) : known.copy();
        if (tail.size() < tree.size() || tail.signedSize() < signedSize) {
            throw tampered("the log has " + tail.size() + " entries, it had " + tree.size());
        }
        if (tail.size() == tree.size() && tail.signedSize() == signedSize) {
            return tree;
        }
        List<SignedNote> checkpoints = tables.checkpointsAfter(signedSize);
        long checked = signedSize;
        for (SignedNote note : checkpoints) {
            checked = Checkpoint.parse(note.text()).size();
            readOn(tables, tree, checked);
            check(note, tree);
        }
        readOn(tables, tree, tail.size());
        if (!checkpoints.isEmpty()) {
            signed(checked);
        }
        return tree;
    }

    private Frontier atNewestCheckpoint(Connection transaction, LedgerTables tables) throws SQLException {
        SignedNote note = tables.newestCheckpoint().orElse(null);
        if (note == null) {
            signedSize = 0;
            return Frontier.empty();
        }
        long size = Checkpoint.parse(note.text()).size();
        Frontier tree = Frontier.of(size, new TableNodes(transaction));
        check(note, tree);
        signedSize = size;
        return tree;
    }

    /** Appends what others wrote, line by line, until the tree has this size. */
    private void readOn(LedgerTables tables, Frontier tree, long size) throws SQLException {
        while (tree.size() < size) {
            List<Stored> entries =
                    tables.entriesFrom(tree.size(), (int) Math.min(size - tree.size(), LedgerSettings.BATCH_MAX));
            if (entries.isEmpty()) {
                throw tampered("entry " + tree.size() + " is missing");
            }
            for (Stored entry : entries) {
                Hash leafHash = hasher.leaf(entry.line().getBytes(StandardCharsets.UTF_8));
                if (entry.seq() != tree.size() || !leafHash.equals(entry.leafHash())) {
                    throw tampered("entry " + tree.size() + " is missing or was changed");
                }
                tree.append(leafHash, Frontier.NodeListener.NONE);
            }
        }
    }

    private void check(SignedNote note, Frontier tree) {
        Checkpoint checkpoint = Checkpoint.parse(note.text());
        if (!checkpoint.origin().equals(keys.origin())
                || checkpoint.size() != tree.size()
                || !checkpoint.root().equals(tree.root())) {
            throw tampered("the entries do not add up to the checkpoint over " + checkpoint.size());
        }
        keys.requireSignedByCurrent(note);
    }

    private static AuditUnavailableException tampered(String message) {
        return new AuditUnavailableException(AuditFault.TAMPERED, message + "; run audit verify");
    }

    private Connection connection() throws SQLException {
        Connection open = connection;
        if (open == null) {
            open = database.getConnection();
            connection = open;
            open.setAutoCommit(false);
            open.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
        }
        return open;
    }

    /** After a failure nothing is known: not whether the commit happened, not whether the connection still works. */
    private void forget() {
        known = null;
        signedSize = 0;
        close();
    }

    @Override
    public void close() {
        Connection open = connection;
        connection = null;
        if (open == null) {
            return;
        }
        try (open) {
            open.rollback();
        } catch (SQLException e) {
            // Closing a broken connection tells nothing new: the failure that led here is already reported.
        }
    }
}
