package io.bloodnet.audit.verify;

import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.ledger.EntryLine;
import io.bloodnet.audit.ledger.LineFields;
import io.bloodnet.audit.ledger.MalformedNoteException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the log in pages, over one connection whose transaction sees one state of the database. */
final class VerifierTables {

    /** Rows that are read at once. */
    static final int PAGE = 2_048;

    private static final String ENTRIES =
            "select seq, line, leaf_hash, happened_at, type, outcome, job_id, study_uid, patient_id, user_name"
                    + " from audit_entry where seq >= ? and seq < ? order by seq";

    private final Connection connection;

    VerifierTables(Connection connection) {
        this.connection = connection;
    }

    /** A row as stored; {@code line} is its UTF-8. */
    record Entry(byte[] line, String leafHash, LineFields columns) {
        long seq() {
            return columns.seq();
        }
    }

    /** Some entries in their order, and the stored roots of the subtrees that end in their range. */
    record Page(List<Entry> entries, Map<Long, String> nodes) {
        /** The stored root of a subtree that ends in this page; null when it is missing. */
        @Nullable
        String node(int level, long index) {
            return nodes.get(key(level, index));
        }
    }

    record StoredNote(long size, String note) {}

    /** What a witness signed, and the checkpoint that the database has for it; that is empty when it is missing. */
    record StoredCosignature(long size, String note, String line) {}

    Optional<StoredCosignature> newestCosignature(String witness) throws SQLException {
        String sql = "select c.size, coalesce(k.note, ''), c.line from audit_cosignature c"
                + " left join audit_checkpoint k on k.size = c.size where c.witness = ?"
                + " order by c.size desc fetch first 1 rows only";
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, witness);
            try (ResultSet row = select.executeQuery()) {
                return row.next()
                        ? Optional.of(new StoredCosignature(row.getLong(1), row.getString(2), row.getString(3)))
                        : Optional.empty();
            }
        }
    }

    Optional<String> origin() throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("select origin from audit_log where id = 1");
                ResultSet row = select.executeQuery()) {
            return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
        }
    }

    /** One more than the last entry's place. */
    long size() throws SQLException {
        return number("select coalesce(max(seq) + 1, 0) from audit_entry");
    }

    /** The place of the first entry that is there, 0 when there is none. */
    long firstSeq() throws SQLException {
        return number("select coalesce(min(seq), 0) from audit_entry");
    }

    /** True when an entry says that the part up to this place was closed. Whether that entry is sound is found out later, as for all. */
    boolean isClosedBefore(long seq) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                        "select line from audit_entry where type = 'PartClosed' order by seq desc");
                ResultSet row = select.executeQuery()) {
            while (row.next()) {
                if (closes(row.getString(1), seq - 1)) {
                    return true;
                }
            }
            return false;
        }
    }

    private static boolean closes(String line, long last) {
        try {
            return EntryLine.parse(line).event() instanceof AuditEvent.PartClosed closed && closed.last() == last;
        } catch (MalformedNoteException e) {
            return false;
        }
    }

    @Nullable
    String readNode(int level, long index) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("select hash from audit_node where level = ? and idx = ?")) {
            select.setInt(1, level);
            select.setLong(2, index);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? row.getString(1) : null;
            }
        }
    }

    long pending() throws SQLException {
        return number("select count(*) from audit_pending");
    }

    long nodes() throws SQLException {
        return number("select count(*) from audit_node");
    }

    private long number(String sql) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(sql);
                ResultSet row = select.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    /** Entries from {@code from} to {@code to - 1}; those that are missing are left out. */
    Page page(long from, long to) throws SQLException {
        List<Entry> entries = new ArrayList<>(PAGE);
        try (PreparedStatement select = connection.prepareStatement(ENTRIES)) {
            select.setLong(1, from);
            select.setLong(2, to);
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    entries.add(entry(row));
                }
            }
        }
        return new Page(entries, nodes(from, to));
    }

    private static Entry entry(ResultSet row) throws SQLException {
        long seq = row.getLong(1);
        Instant happenedAt = row.getObject(4, OffsetDateTime.class).toInstant();
        LineFields columns = new LineFields(
                seq,
                happenedAt,
                row.getString(5),
                row.getString(6),
                row.getString(7),
                row.getString(8),
                row.getString(9),
                row.getString(10));
        return new Entry(row.getBytes(2), row.getString(3), columns);
    }

    private Map<Long, String> nodes(long from, long to) throws SQLException {
        Map<Long, String> nodes = new HashMap<>();
        for (int level = 8; level < 63 && to >> level > 0; level += 8) {
            String sql = "select idx, hash from audit_node where level = ? and idx >= ? and idx < ?";
            try (PreparedStatement select = connection.prepareStatement(sql)) {
                select.setInt(1, level);
                select.setLong(2, from >> level);
                select.setLong(3, to >> level);
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        nodes.put(key(level, row.getLong(1)), row.getString(2));
                    }
                }
            }
        }
        return nodes;
    }

    private static long key(int level, long index) {
        return index << 6 | level;
    }

    /** The next checkpoints over more than {@code size} entries, smallest first. */
    List<StoredNote> checkpointsAfter(long size) throws SQLException {
        String sql = "select size, note from audit_checkpoint where size > ? order by size fetch first 1000 rows only";
        List<StoredNote> notes = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setLong(1, size);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    notes.add(new StoredNote(rows.getLong(1), rows.getString(2)));
                }
            }
        }
        return notes;
    }
}
