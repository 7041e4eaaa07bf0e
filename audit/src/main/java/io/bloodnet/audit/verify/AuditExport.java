package io.bloodnet.audit.verify;

import io.bloodnet.audit.AuditFault;
import io.bloodnet.audit.AuditUnavailableException;
import io.bloodnet.audit.ledger.Checkpoint;
import io.bloodnet.audit.ledger.Hash;
import io.bloodnet.audit.ledger.SignedNote;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import javax.sql.DataSource;

/** Writes the log, as it stands under its newest checkpoint, to files that anybody can verify. Safe for all threads. */
public final class AuditExport {

    private static final int BUFFER_BYTES = 1 << 18;

    private AuditExport() {}

    /** What was written. */
    public record Summary(long entries, Hash root, ExportFiles files) {}

    /**
     * Writes {@code FILE}, {@code FILE.leaves} and last {@code FILE.checkpoint}. Entries of the last second, which no checkpoint covers
     * yet, are left out.
     *
     * @throws AuditUnavailableException when the log has no checkpoint or cannot be read
     * @throws UncheckedIOException when the files cannot be written
     */
    public static Summary write(DataSource database, Path file) {
        ExportFiles files = ExportFiles.of(file.toAbsolutePath());
        try {
            return Snapshot.<Summary, IOException>read(database, connection -> write(connection, files));
        } catch (SQLException e) {
            throw new AuditUnavailableException(AuditFault.DATABASE, "cannot read the log", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Summary write(Connection connection, ExportFiles files) throws SQLException, IOException {
        SignedNote note = AuditProofs.newest(connection)
                .orElseThrow(() -> new AuditUnavailableException(AuditFault.DATABASE, "the log has no checkpoint yet"));
        Checkpoint checkpoint = Checkpoint.parse(note.text());
        Files.createDirectories(files.entries().getParent());
        // The checkpoint comes last: an export that was cut off has none.
        Files.deleteIfExists(files.checkpoint());
        writeLines(connection, checkpoint.size(), files);
        Files.writeString(files.checkpoint(), note.format());
        return new Summary(checkpoint.size(), checkpoint.root(), files);
    }

    private static void writeLines(Connection connection, long size, ExportFiles files)
            throws SQLException, IOException {
        String sql = "select line, leaf_hash from audit_entry where seq >= ? and seq < ? order by seq";
        try (OutputStream lines = new BufferedOutputStream(Files.newOutputStream(files.entries()), BUFFER_BYTES);
                OutputStream leaves = new BufferedOutputStream(Files.newOutputStream(files.leaves()), BUFFER_BYTES);
                PreparedStatement select = connection.prepareStatement(sql)) {
            for (long from = 0; from < size; from += VerifierTables.PAGE) {
                select.setLong(1, from);
                select.setLong(2, Math.min(size, from + VerifierTables.PAGE));
                try (ResultSet rows = select.executeQuery()) {
                    while (rows.next()) {
                        lines.write(rows.getString(1).getBytes(StandardCharsets.UTF_8));
                        lines.write('\n');
                        leaves.write(Hash.ofHex(rows.getString(2)).bytes());
                    }
                }
            }
        }
    }
}
