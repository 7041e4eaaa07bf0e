package io.bloodnet.audit.verify;

import io.bloodnet.audit.ledger.MalformedNoteException;
import io.bloodnet.audit.ledger.PublicKeys;
import io.bloodnet.audit.ledger.SignedNote;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
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
        return database(database, trusted, anchors, Map.of());
    }

    /**
     * As {@link #database(DataSource, PublicKeys, List)}; each witness must have cosigned, too.
     *
     * @param witnesses the public keys of each witness by its name
     */
    public static Verification database(
            DataSource database, PublicKeys trusted, List<SignedNote> anchors, Map<String, PublicKeys> witnesses) {
        try {
            return Snapshot.<Verification, RuntimeException>read(
                    database,
                    connection ->
                            new DatabaseVerifier(new VerifierTables(connection), trusted, anchors, witnesses).run());
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
        return export(file, trusted, Map.of());
    }

    /** As {@link #export(Path, PublicKeys)}; each of these witnesses, keys by name, must have cosigned the export's checkpoint, too. */
    public static Verification export(Path file, PublicKeys trusted, Map<String, PublicKeys> witnesses) {
        try {
            Verification verification = new ExportVerifier(file, trusted, witnesses, false).run();
            return verification instanceof Verification.Changed
                    ? new ExportVerifier(file, trusted, witnesses, true).run()
                    : verification;
        } catch (IOException | UncheckedIOException | MalformedNoteException e) {
            return new Verification.Unreadable(e.getMessage() == null ? e.toString() : e.getMessage());
        }
    }
}
