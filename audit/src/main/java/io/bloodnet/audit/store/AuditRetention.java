package io.bloodnet.audit.store;

import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditFault;
import io.bloodnet.audit.AuditUnavailableException;
import io.bloodnet.audit.Outcome;
import io.bloodnet.audit.ledger.Frontier;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves old entries from the database to a file. The roots of their subtrees stay, so that everything newer is proven and verified as
 * before, and proofs that were given for the old entries still hold. The files of all closed parts and an export of the rest, one after
 * another, are the whole log again. Done by a person as the owner of the tables, not by the server.
 */
public final class AuditRetention {

    private static final Logger LOG = LoggerFactory.getLogger(AuditRetention.class);

    /** Parts end where a kept subtree ends. */
    private static final long PART = 1L << Frontier.KEPT_LEVELS;

    private static final int BATCH = 4_096;

    private AuditRetention() {}

    /** The entries that were moved. */
    public record Closed(long first, long last, String archiveSha256) {}

    /**
     * Closes the part before a time, as far as it is signed, was sent to every audit repository, and fills whole subtrees of {@value Frontier#KEPT_LEVELS} levels. The file is
     * durable, and the entry {@code PartClosed} signed, before anything is deleted.
     *
     * @param owner the database as the owner of the tables
     * @param ledger the open log
     * @param archive a file that does not exist yet
     * @param user who ordered it
     * @return what was moved; empty when there is nothing to move
     * @throws AuditUnavailableException when the log cannot be read or written
     * @throws UncheckedIOException when the file exists or cannot be written: nothing was deleted then
     */
    public static Optional<Closed> close(DataSource owner, Ledger ledger, Instant before, Path archive, String user) {
        ledger.flush();
        try (Connection connection = owner.getConnection()) {
            long first = number(connection, "select coalesce(min(seq), 0) from audit_entry");
            long end = end(connection, before, ledger.status().signedSize());
            if (end <= first) {
                return Optional.empty();
            }
            Closed closed = new Closed(first, end - 1, write(connection, first, end, archive));
            ledger.record(new AuditEvent.PartClosed(
                    Instant.now(), About.user(user), Outcome.SUCCESS, first, end - 1, closed.archiveSha256()));
            ledger.flush();
            delete(connection, end);
            LOG.info("audit entries {} to {} moved to an archive; keep it", first, end - 1);
            return Optional.of(closed);
        } catch (SQLException e) {
            throw new AuditUnavailableException(AuditFault.DATABASE, "cannot close a part of the log", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long end(Connection connection, Instant before, long signedSize) throws SQLException {
        String sql = "select coalesce(min(seq), " + Long.MAX_VALUE + ") from audit_entry where happened_at >= ?";
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setObject(1, before.atOffset(ZoneOffset.UTC));
            try (ResultSet row = select.executeQuery()) {
                row.next();
                long fed = number(connection, "select coalesce(min(next_seq), " + Long.MAX_VALUE + ") from audit_feed");
                return Math.min(Math.min(row.getLong(1), signedSize), fed) / PART * PART;
            }
        }
    }

    private static String write(Connection connection, long first, long end, Path archive)
            throws SQLException, IOException {
        MessageDigest sha256 = sha256();
        try (FileChannel file = FileChannel.open(archive, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                OutputStream out = new DigestOutputStream(
                        new BufferedOutputStream(Channels.newOutputStream(file), 1 << 18), sha256)) {
            LedgerTables tables = new LedgerTables(connection);
            for (long from = first; from < end; from += BATCH) {
                for (var entry : tables.entriesFrom(from, (int) Math.min(BATCH, end - from))) {
                    out.write(entry.line().getBytes(StandardCharsets.UTF_8));
                    out.write('\n');
                }
            }
            out.flush();
            file.force(true);
        }
        return HexFormat.of().formatHex(sha256.digest());
    }

    private static void delete(Connection connection, long end) throws SQLException {
        boolean postgres = AppendOnly.isPostgres(connection);
        List<String> statements = postgres
                ? List.of(
                        "alter table audit_entry disable trigger audit_entry_append_only",
                        "delete from audit_entry where seq < " + end,
                        "alter table audit_entry enable trigger audit_entry_append_only")
                : List.of("drop trigger audit_entry_append_only", "delete from audit_entry where seq < " + end);
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
        connection.commit();
        connection.setAutoCommit(true);
        AppendOnly.prepare(connection, false);
    }

    private static long number(Connection connection, String sql) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(sql);
                ResultSet row = select.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
