package io.bloodnet.audit.verify;

import io.bloodnet.audit.AuditFault;
import io.bloodnet.audit.AuditUnavailableException;
import io.bloodnet.audit.ledger.Checkpoint;
import io.bloodnet.audit.ledger.Hash;
import io.bloodnet.audit.ledger.MerkleProofs;
import io.bloodnet.audit.ledger.SignedNote;
import io.bloodnet.audit.store.TableNodes;
import io.bloodnet.audit.verify.AuditProof.Proven;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * Makes proofs from the database, against its newest checkpoint. They are as good as the database: whoever gets one checks it. Safe for
 * all threads; everything throws {@link AuditUnavailableException} when the database cannot be read.
 */
public final class AuditProofs {

    private static final int COSIGNATURES_MAX = 8;

    private final DataSource database;

    public AuditProofs(DataSource database) {
        this.database = database;
    }

    /** The newest signed checkpoint; empty before the first. */
    public Optional<SignedNote> checkpoint() {
        return read(AuditProofs::newest);
    }

    /** Proof of one entry; empty when no checkpoint covers it (yet). */
    public Optional<AuditProof> entry(long seq) {
        return read(connection -> proof(connection, "entry " + seq, "seq = ?", select -> select.setLong(1, seq)));
    }

    /** The whole life of one order with its proofs, as far as checkpoints cover it; empty when there is nothing of it. */
    public Optional<AuditProof> job(String jobId) {
        return read(
                connection -> proof(connection, "job " + jobId, "job_id = ?", select -> select.setString(1, jobId)));
    }

    /**
     * The proof that the log of {@code to} entries begins with the log of {@code from} entries.
     *
     * @throws IllegalArgumentException when from is over to, or to is over what the newest checkpoint covers
     */
    public List<Hash> growth(long from, long to) {
        return read(connection -> {
            long signed = newest(connection)
                    .map(note -> Checkpoint.parse(note.text()).size())
                    .orElse(0L);
            if (to > signed) {
                throw new IllegalArgumentException("the newest checkpoint covers " + signed + " entries");
            }
            return MerkleProofs.consistency(from, to, new TableNodes(connection));
        });
    }

    private interface Parameters {
        void set(PreparedStatement select) throws SQLException;
    }

    private static Optional<AuditProof> proof(
            Connection connection, String subject, String condition, Parameters parameters) throws SQLException {
        SignedNote note = newest(connection).orElse(null);
        if (note == null) {
            return Optional.empty();
        }
        long size = Checkpoint.parse(note.text()).size();
        TableNodes nodes = new TableNodes(connection);
        List<Proven> entries = new ArrayList<>();
        String sql = "select seq, line from audit_entry where " + condition + " and seq < " + size
                + " order by seq fetch first " + AuditProof.ENTRIES_MAX + " rows only";
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            parameters.set(select);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    long seq = rows.getLong(1);
                    entries.add(new Proven(seq, rows.getString(2), MerkleProofs.inclusion(seq, size, nodes)));
                }
            }
        }
        return entries.isEmpty() ? Optional.empty() : Optional.of(new AuditProof(subject, note, entries));
    }

    static Optional<SignedNote> newest(Connection connection) throws SQLException {
        String sql = "select note from audit_checkpoint order by size desc fetch first 1 rows only";
        try (PreparedStatement select = connection.prepareStatement(sql);
                ResultSet row = select.executeQuery()) {
            return row.next()
                    ? Optional.of(cosigned(connection, SignedNote.parse(row.getString(1))))
                    : Optional.empty();
        }
    }

    /** With the lines of the witnesses who cosigned it by now. */
    private static SignedNote cosigned(Connection connection, SignedNote signed) throws SQLException {
        SignedNote note = signed;
        String sql = "select line from audit_cosignature where size = ? order by witness fetch first "
                + COSIGNATURES_MAX + " rows only";
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setLong(1, Checkpoint.parse(signed.text()).size());
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    note = note.with(SignedNote.Signature.parse(rows.getString(1)));
                }
            }
        }
        return note;
    }

    private interface Reading<T> {
        T from(Connection connection) throws SQLException;
    }

    private <T> T read(Reading<T> reading) {
        try (Connection connection = database.getConnection()) {
            return reading.from(connection);
        } catch (SQLException e) {
            throw new AuditUnavailableException(AuditFault.DATABASE, "cannot read the log", e);
        }
    }
}
