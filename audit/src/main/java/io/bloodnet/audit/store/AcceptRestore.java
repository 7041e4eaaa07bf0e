package io.bloodnet.audit.store;

import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditFault;
import io.bloodnet.audit.AuditUnavailableException;
import io.bloodnet.audit.Outcome;
import io.bloodnet.audit.anchor.FileAnchor;
import io.bloodnet.audit.ledger.Checkpoint;
import io.bloodnet.audit.ledger.MerkleProofs;
import io.bloodnet.audit.ledger.SignedNote;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * A person's decision to go on with a database that was restored from a copy, though the checkpoint file remembers more than it holds: no
 * server starts on such a log, since it may as well have been cut short. The decision is an entry of the log; what the file remembered is
 * set aside under another name, for whoever asks later what is missing.
 */
public final class AcceptRestore {

    private AcceptRestore() {}

    /**
     * What was accepted.
     *
     * @param remembered entries that the file remembered
     * @param size entries that the log had
     * @param aside where the old checkpoint is now
     */
    public record Accepted(long remembered, long size, Path aside) {}

    /**
     * Accepts the log as it is.
     *
     * @param settings how the log is written; its anchors are not asked
     * @param by who decides
     * @return empty when the log holds all that the file remembers: there is nothing to decide
     * @throws AuditUnavailableException when the log contradicts itself, or the file remembers another log: no restored copy looks so
     */
    public static Optional<Accepted> accept(
            DataSource database, LedgerSettings settings, FileAnchor anchor, String by, InstantSource clock) {
        Optional<SignedNote> note = anchor.newest();
        if (note.isEmpty()) {
            return Optional.empty();
        }
        Checkpoint remembered = Checkpoint.parse(note.get().text());
        try (Ledger ledger = Ledger.open(database, settings.withAnchors(List.of()), clock)) {
            LedgerStatus log = ledger.status();
            if (!remembered.origin().equals(log.origin())) {
                throw new AuditUnavailableException(
                        AuditFault.TAMPERED, anchor.name() + " remembers another log, this is no older state of it");
            }
            if (holds(database, log.size(), remembered)) {
                return Optional.empty();
            }
            ledger.record(new AuditEvent.RestoreAccepted(
                    clock.instant(),
                    About.user(by),
                    Outcome.SUCCESS,
                    anchor.name(),
                    remembered.size(),
                    remembered.root().hex(),
                    log.size()));
            ledger.flush();
            SignedNote signed = ledger.checkpoint().orElseThrow();
            Path aside = anchor.setAside();
            anchor.write(signed);
            return Optional.of(new Accepted(remembered.size(), log.size(), aside));
        }
    }

    private static boolean holds(DataSource database, long size, Checkpoint remembered) {
        if (size < remembered.size()) {
            return false;
        }
        try (Connection connection = database.getConnection()) {
            return MerkleProofs.root(remembered.size(), new TableNodes(connection))
                    .equals(remembered.root());
        } catch (SQLException e) {
            throw new AuditUnavailableException(AuditFault.DATABASE, "cannot compare the log with its anchor", e);
        }
    }
}
