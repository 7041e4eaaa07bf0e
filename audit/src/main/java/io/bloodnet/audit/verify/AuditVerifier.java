package io.bloodnet.audit.verify;

import io.bloodnet.audit.ledger.MalformedNoteException;
import io.bloodnet.audit.ledger.PublicKeys;
import io.bloodnet.audit.ledger.SignedNote;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;

/** Checks that a log is what was signed. Needs no running server and changes nothing. Safe for all threads. */
public final class AuditVerifier {

    private AuditVerifier() {}

    /**
     * Checks the log in a database, running server or not.
     *
     * @param trusted the keys that the caller trusts, from a file beside the database, never from it
     * @param anchors checkpoints that were kept outside the database; without them nobody can tell a log that was cut short, or replaced
     *     by an older state of itself
     */
    public static Verification database(DataSource database, PublicKeys trusted, List<SignedNote> anchors) {
        try {
            return Snapshot.<Verification, RuntimeException>read(
                    database,
                    connection -> new DatabaseVerifier(new VerifierTables(connection), trusted, anchors).run());
        } catch (SQLException | MalformedNoteException e) {
            return new Verification.Unreadable(e.getMessage() == null ? e.toString() : e.getMessage());
        }
    }

    /**
     * Checks an export: {@code FILE}, {@code FILE.checkpoint}, and {@code FILE.leaves} where it exists.
     *
     * @param trusted the keys that the caller trusts; a key that the export brings along proves nothing
     */
    public static Verification export(Path file, PublicKeys trusted) {
        try {
            Verification verification = new ExportVerifier(file, trusted, false).run();
            return verification instanceof Verification.Changed
                    ? new ExportVerifier(file, trusted, true).run()
                    : verification;
        } catch (IOException | UncheckedIOException | MalformedNoteException e) {
            return new Verification.Unreadable(e.getMessage() == null ? e.toString() : e.getMessage());
        }
    }
}
