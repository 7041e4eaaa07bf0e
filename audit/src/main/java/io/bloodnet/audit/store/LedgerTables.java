package io.bloodnet.audit.store;

import io.bloodnet.audit.ledger.Hash;
import io.bloodnet.audit.ledger.LineFields;
import io.bloodnet.audit.ledger.SignedNote;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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

    static void insertPending(Connection transaction, String body) throws SQLException {
        try (PreparedStatement insert = transaction.prepareStatement("insert into audit_pending (body) values (?)")) {
            insert.setString(1, body);
            insert.executeUpdate();
        }
    }

    /** Waits until no other server gives places. */
    void lock() throws SQLException {
        try (PreparedStatement select =
                        connection.prepareStatement("select id from audit_lock where id = 1 for update");
                ResultSet row = select.executeQuery()) {
            if (!row.next()) {
                throw new SQLException("audit_lock has lost its row");
            }
        }
    }

    Tail tail() throws SQLException {
        String sql = "select coalesce((select max(seq) + 1 from audit_entry), 0),"
                + " coalesce((select max(size) from audit_checkpoint), 0)";
        try (PreparedStatement select = connection.prepareStatement(sql);
                ResultSet row = select.executeQuery()) {
            row.next();
            return new Tail(row.getLong(1), row.getLong(2));
        }
    }

    boolean anyWaiting() throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                        "select id from audit_pending order by id fetch first 1 rows only");
                ResultSet row = select.executeQuery()) {
            return row.next();
        }
    }

    List<Waiting> waiting(int max) throws SQLException {
        String sql = "select id, body from audit_pending order by id fetch first " + max + " rows only";
        List<Waiting> waiting = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(sql);
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                waiting.add(new Waiting(rows.getLong(1), rows.getString(2)));
            }
        }
        return waiting;
    }

    // By id, never by range: a transaction with a smaller id may have committed since they were read.
    void deletePending(List<Waiting> done) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement("delete from audit_pending where id = ?")) {
            for (Waiting event : done) {
                delete.setLong(1, event.id());
                delete.addBatch();
            }
            delete.executeBatch();
        }
    }

    void insertEntries(long firstSeq, List<String> lines, List<Hash> leafHashes) throws SQLException {
        String sql = "insert into audit_entry (seq, line, leaf_hash, happened_at, type, outcome, job_id, study_uid,"
                + " patient_id, user_name) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            for (int i = 0; i < lines.size(); i++) {
                LineFields fields = LineFields.of(lines.get(i));
                insert.setLong(1, firstSeq + i);
                insert.setString(2, lines.get(i));
                insert.setString(3, leafHashes.get(i).hex());
                insert.setObject(4, fields.happenedAt().atOffset(ZoneOffset.UTC));
                insert.setString(5, fields.type());
                insert.setString(6, fields.outcome());
                insert.setString(7, fields.jobId());
                insert.setString(8, fields.studyUid());
                insert.setString(9, fields.patientId());
                insert.setString(10, fields.user());
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    void insertNode(int level, long index, Hash hash) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement("insert into audit_node (level, idx, hash) values (?, ?, ?)")) {
            insert.setInt(1, level);
            insert.setLong(2, index);
            insert.setString(3, hash.hex());
            insert.executeUpdate();
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
