package io.bloodnet.audit.store;

import io.bloodnet.audit.ledger.Hash;
import io.bloodnet.audit.ledger.LineFields;
import io.bloodnet.audit.ledger.SignedNote;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** All SQL that writes the log, over one connection. The same statements run on H2 and PostgreSQL. */
final class LedgerTables {

    private final Connection connection;

    LedgerTables(Connection connection) {
        this.connection = connection;
    }

    /** An event that waits for its place. */
    record Waiting(long id, String body) {}

    /** Where the log ends, and the newest checkpoint's size; both 0 when there is none. */
    record Tail(long size, long signedSize) {}

    /** An entry as stored, for taking over what another server wrote. */
    record Stored(long seq, String line, Hash leafHash) {}

    static void insertPending(Connection transaction, List<String> bodies) throws SQLException {
        String sql = "insert into audit_pending (body) select b from unnest(cast(? as varchar array)) as e(b)";
        try (PreparedStatement insert = transaction.prepareStatement(sql)) {
            insert.setArray(1, transaction.createArrayOf("varchar", bodies.toArray(String[]::new)));
            insert.executeUpdate();
        }
    }

    private static final String LOCK = "select id from audit_lock where id = 1 for update";
    private static final String TAIL = "select coalesce((select max(seq) + 1 from audit_entry), 0),"
            + " coalesce((select max(size) from audit_checkpoint), 0)";

    /** Where the log ends, and the first events that wait for their places. */
    record Head(Tail tail, List<Waiting> waiting) {}

    /** Waits until no other server gives places, then reads: on PostgreSQL in one trip, each statement seeing what the lock waited for. */
    Head lockAndRead(int waitingMax) throws SQLException {
        if (!AppendOnly.isPostgres(connection)) {
            lock();
            return new Head(tail(), waiting(waitingMax));
        }
        String sql = LOCK + ";" + TAIL + ";" + waitingSql(waitingMax);
        try (PreparedStatement three = connection.prepareStatement(sql)) {
            three.execute();
            requireLock(three.getResultSet());
            three.getMoreResults();
            Tail tail = tail(three.getResultSet());
            three.getMoreResults();
            return new Head(tail, waiting(three.getResultSet()));
        }
    }

    /** Waits until no other server gives places. */
    void lock() throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(LOCK);
                ResultSet row = select.executeQuery()) {
            requireLock(row);
        }
    }

    private static void requireLock(ResultSet row) throws SQLException {
        if (!row.next()) {
            throw new SQLException("audit_lock has lost its row");
        }
    }

    Tail tail() throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(TAIL);
                ResultSet row = select.executeQuery()) {
            return tail(row);
        }
    }

    private static Tail tail(ResultSet row) throws SQLException {
        row.next();
        return new Tail(row.getLong(1), row.getLong(2));
    }

    boolean anyWaiting() throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                        "select id from audit_pending order by id fetch first 1 rows only");
                ResultSet row = select.executeQuery()) {
            return row.next();
        }
    }

    private List<Waiting> waiting(int max) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(waitingSql(max));
                ResultSet rows = select.executeQuery()) {
            return waiting(rows);
        }
    }

    private static String waitingSql(int max) {
        return "select id, body from audit_pending order by id fetch first " + max + " rows only";
    }

    private static List<Waiting> waiting(ResultSet rows) throws SQLException {
        List<Waiting> waiting = new ArrayList<>();
        while (rows.next()) {
            waiting.add(new Waiting(rows.getLong(1), rows.getString(2)));
        }
        return waiting;
    }

    // By id, never by range: a transaction with a smaller id may have committed since they were read.
    void deletePending(List<Waiting> done) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement("delete from audit_pending where id = any(?)")) {
            delete.setArray(
                    1,
                    connection.createArrayOf(
                            "bigint", done.stream().map(Waiting::id).toArray(Long[]::new)));
            delete.executeUpdate();
        }
    }

    /** An entry with its place, its hash, and what it can be searched by. */
    record NewEntry(String line, Hash leafHash, LineFields fields) {}

    /** The root of a subtree that new entries completed. */
    record NewNode(int level, long index, Hash hash) {}

    // One statement with a column's values in an array each: a statement for each row costs both sides several times as
    // much.
    void insertEntries(List<NewEntry> entries) throws SQLException {
        String sql = "insert into audit_entry (seq, line, leaf_hash, happened_at, type, outcome, job_id, study_uid,"
                + " patient_id, user_name) select s, l, h, cast(a as timestamp(6) with time zone), t, o, j, u, p, n"
                + " from unnest(cast(? as bigint array), cast(? as varchar array), cast(? as varchar array),"
                + " cast(? as varchar array), cast(? as varchar array), cast(? as varchar array),"
                + " cast(? as varchar array), cast(? as varchar array), cast(? as varchar array),"
                + " cast(? as varchar array)) as e(s, l, h, a, t, o, j, u, p, n)";
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            insert.setArray(1, numbers(entries, entry -> entry.fields().seq()));
            insert.setArray(2, texts(entries, NewEntry::line));
            insert.setArray(3, texts(entries, entry -> entry.leafHash().hex()));
            insert.setArray(
                    4, texts(entries, entry -> entry.fields().happenedAt().toString()));
            insert.setArray(5, texts(entries, entry -> entry.fields().type()));
            insert.setArray(6, texts(entries, entry -> entry.fields().outcome()));
            insert.setArray(7, texts(entries, entry -> entry.fields().jobId()));
            insert.setArray(8, texts(entries, entry -> entry.fields().studyUid()));
            insert.setArray(9, texts(entries, entry -> entry.fields().patientId()));
            insert.setArray(10, texts(entries, entry -> entry.fields().user()));
            insert.executeUpdate();
        }
    }

    // Arrays of their own type: PostgreSQL's driver sends those as they are, an Object[] as text, character by
    // character.
    private Array texts(List<NewEntry> entries, Function<NewEntry, @Nullable String> value) throws SQLException {
        return connection.createArrayOf("varchar", entries.stream().map(value).toArray(String[]::new));
    }

    private Array numbers(List<NewEntry> entries, Function<NewEntry, Long> value) throws SQLException {
        return connection.createArrayOf("bigint", entries.stream().map(value).toArray(Long[]::new));
    }

    void insertNodes(List<NewNode> nodes) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement("insert into audit_node (level, idx, hash) values (?, ?, ?)")) {
            for (NewNode node : nodes) {
                insert.setInt(1, node.level());
                insert.setLong(2, node.index());
                insert.setString(3, node.hash().hex());
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    /** On H2 a commit is in the operating system's hands, not on the disk: this brings it there. PostgreSQL has done so itself. */
    void sync() throws SQLException {
        if (!AppendOnly.isPostgres(connection)) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("checkpoint sync");
            }
        }
    }

    /** Up to {@code max} entries from this place on. */
    List<Stored> entriesFrom(long seq, int max) throws SQLException {
        String sql = "select seq, line, leaf_hash from audit_entry where seq >= ? order by seq fetch first " + max
                + " rows only";
        List<Stored> entries = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setLong(1, seq);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    entries.add(new Stored(rows.getLong(1), rows.getString(2), Hash.ofHex(rows.getString(3))));
                }
            }
        }
        return entries;
    }

    /** The checkpoints over more than {@code size} entries, smallest first. */
    List<SignedNote> checkpointsAfter(long size) throws SQLException {
        return notes("select note from audit_checkpoint where size > ? order by size", size);
    }

    Optional<SignedNote> newestCheckpoint() throws SQLException {
        return notes("select note from audit_checkpoint where size >= ? order by size desc fetch first 1 rows only", 0)
                .stream()
                .findFirst();
    }

    private List<SignedNote> notes(String sql, long size) throws SQLException {
        List<SignedNote> notes = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setLong(1, size);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    notes.add(SignedNote.parse(rows.getString(1)));
                }
            }
        }
        return notes;
    }

    void insertCheckpoint(long size, SignedNote note, Instant signedAt) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement("insert into audit_checkpoint (size, note, signed_at) values (?, ?, ?)")) {
            insert.setLong(1, size);
            insert.setString(2, note.format());
            insert.setObject(3, signedAt.atOffset(ZoneOffset.UTC));
            insert.executeUpdate();
        }
    }

    /** Keeps the first cosignature of a witness under a checkpoint; later ones say nothing new. */
    void insertCosignature(long size, SignedNote.Signature signature) throws SQLException {
        String sql = "insert into audit_cosignature (size, witness, line)"
                + " select cast(? as bigint), cast(? as varchar(128)), cast(? as varchar(1024))"
                + " where not exists (select 1 from audit_cosignature where size = ? and witness = ?)";
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            insert.setLong(1, size);
            insert.setString(2, signature.name());
            insert.setString(3, signature.line());
            insert.setLong(4, size);
            insert.setString(5, signature.name());
            insert.executeUpdate();
        }
    }

    Optional<String> origin() throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select origin from audit_log where id = 1");
                ResultSet row = select.executeQuery()) {
            return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
        }
    }

    void insertOrigin(String origin, Instant at) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement("insert into audit_log (id, origin, created_at) values (1, ?, ?)")) {
            insert.setString(1, origin);
            insert.setObject(2, at.atOffset(ZoneOffset.UTC));
            insert.executeUpdate();
        }
    }
}
