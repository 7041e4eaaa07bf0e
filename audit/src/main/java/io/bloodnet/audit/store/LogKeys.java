package io.bloodnet.audit.store;

import io.bloodnet.audit.AuditFault;
import io.bloodnet.audit.AuditUnavailableException;
import io.bloodnet.audit.ledger.KeyFile;
import io.bloodnet.audit.ledger.MalformedNoteException;
import io.bloodnet.audit.ledger.SignedNote;
import io.bloodnet.audit.ledger.SigningKey;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The log's name and the key that signs for it. Used by the one thread that sequences. */
final class LogKeys {

    private static final String ORIGIN_START = "bloodnet-cds/audit/";

    private final KeyFile file;
    private final String origin;
    private SigningKey current;

    private LogKeys(KeyFile file, String origin, SigningKey current) {
        this.file = file;
        this.origin = origin;
        this.current = current;
    }

    /** A name for a new log that no other log has. */
    static String newOrigin() {
        byte[] random = new byte[8];
        new SecureRandom().nextBytes(random);
        return ORIGIN_START + HexFormat.of().formatHex(random);
    }

    /**
     * Reads the key, makes the first one for a log that never signed, and ends a rotation that was cut off.
     *
     * @throws AuditUnavailableException when the key is missing or is not the one that signed the newest checkpoint
     */
    static LogKeys open(KeyFile file, String origin, @Nullable SignedNote newest) {
        try {
            file.readNext().ifPresent(next -> endRotation(file, origin, newest, next));
            Optional<SigningKey> key = file.read();
            if (key.isEmpty() && newest != null) {
                throw keyFault("the log is signed and the signing key is missing");
            }
            LogKeys keys = new LogKeys(file, origin, key.orElseGet(file::create));
            if (newest != null) {
                keys.requireSignedByCurrent(newest);
            }
            return keys;
        } catch (UncheckedIOException | MalformedNoteException e) {
            throw new AuditUnavailableException(AuditFault.KEY, "the signing key cannot be read or made", e);
        }
    }

    private static void endRotation(KeyFile file, String origin, @Nullable SignedNote newest, SigningKey next) {
        if (newest != null && next.publicKeys().signed(newest, origin)) {
            file.useNext(next);
        } else {
            file.discardNext();
        }
    }

    String origin() {
        return origin;
    }

    /**
     * The key as the file has it now: a key that was taken away signs nothing more, and one that another server rotated to is used.
     *
     * @throws AuditUnavailableException when it is missing or unreadable
     */
    SigningKey reread() {
        try {
            current = file.read().orElseThrow(() -> keyFault("the signing key is missing"));
            return current;
        } catch (UncheckedIOException | MalformedNoteException e) {
            throw new AuditUnavailableException(AuditFault.KEY, "the signing key cannot be read", e);
        }
    }

    KeyFile file() {
        return file;
    }

    void use(SigningKey next) {
        file.useNext(next);
        current = next;
    }

    /** Another server may have rotated the key: then the file has the new one. */
    void requireSignedByCurrent(SignedNote note) {
        if (current.publicKeys().signed(note, origin)) {
            return;
        }
        Optional<SigningKey> reread = file.read();
        if (reread.isPresent() && reread.get().publicKeys().signed(note, origin)) {
            current = reread.get();
            return;
        }
        // An older checkpoint of ours, read before the one with which another server rotated the key.
        boolean ours = file.publicKeys().filter(all -> all.signed(note, origin)).isPresent();
        if (!ours) {
            throw keyFault("the newest checkpoint is not signed by this log's key");
        }
    }

    private static AuditUnavailableException keyFault(String message) {
        return new AuditUnavailableException(AuditFault.KEY, message);
    }
}
