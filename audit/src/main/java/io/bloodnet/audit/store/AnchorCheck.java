package io.bloodnet.audit.store;

import io.bloodnet.audit.AuditFault;
import io.bloodnet.audit.AuditUnavailableException;
import io.bloodnet.audit.anchor.Anchor;
import io.bloodnet.audit.anchor.AnchorUnavailableException;
import io.bloodnet.audit.ledger.Checkpoint;
import io.bloodnet.audit.ledger.Hash;
import io.bloodnet.audit.ledger.MalformedNoteException;
import io.bloodnet.audit.ledger.MerkleProofs;
import io.bloodnet.audit.ledger.SignedNote;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** At the start: the log must contain what its anchors remember, or an older state of the database was put in its place. */
final class AnchorCheck {

    private static final Logger LOG = LoggerFactory.getLogger(AnchorCheck.class);

    private AnchorCheck() {}

    static void requireConsistent(DataSource database, List<Anchor> anchors, LogKeys keys) {
        try (Connection connection = database.getConnection()) {
            for (Anchor anchor : anchors) {
                check(connection, anchor, keys);
            }
        } catch (SQLException e) {
            throw new AuditUnavailableException(AuditFault.DATABASE, "cannot compare the log with its anchors", e);
        }
    }

    private static void check(Connection connection, Anchor anchor, LogKeys keys) throws SQLException {
        try {
            SignedNote note = anchor.newest().orElse(null);
            if (note == null) {
                return;
            }
            Checkpoint remembered = Checkpoint.parse(note.text());
            if (!remembered.origin().equals(keys.origin())) {
                throw tampered(anchor, "remembers another log");
            }
            if (new LedgerTables(connection).tail().size() < remembered.size()) {
                throw tampered(anchor, "remembers " + remembered.size() + " entries, the log has fewer");
            }
            Hash root = MerkleProofs.root(remembered.size(), new TableNodes(connection));
            if (!root.equals(remembered.root())) {
                throw tampered(anchor, "remembers other entries up to " + remembered.size());
            }
        } catch (AnchorUnavailableException | MalformedNoteException e) {
            LOG.warn("audit anchor unreadable at start: {}; going on without it", anchor.name(), e);
        }
    }

    private static AuditUnavailableException tampered(Anchor anchor, String message) {
        return new AuditUnavailableException(
                AuditFault.TAMPERED,
                anchor.name() + " " + message
                        + ": an older or another database? A person must decide; run audit verify, and when a copy was"
                        + " restored on purpose audit accept-restore --by NAME");
    }
}
