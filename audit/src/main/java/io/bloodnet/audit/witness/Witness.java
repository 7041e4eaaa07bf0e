package io.bloodnet.audit.witness;

import io.bloodnet.audit.anchor.FileAnchor;
import io.bloodnet.audit.ledger.Checkpoint;
import io.bloodnet.audit.ledger.Hash;
import io.bloodnet.audit.ledger.KeyFile;
import io.bloodnet.audit.ledger.MerkleProofs;
import io.bloodnet.audit.ledger.PublicKeys;
import io.bloodnet.audit.ledger.SignedNote;
import io.bloodnet.audit.ledger.SigningKey;
import io.bloodnet.audit.ledger.TreeHasher;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Remembers the newest checkpoint of each log and cosigns only those that follow from it (C2SP tlog-witness). What it remembers is durable
 * before its signature leaves. Safe for all threads; one request at a time.
 */
public final class Witness {

    private final String name;
    private final SigningKey key;
    private final Path logKeys;
    private final Path store;
    private final InstantSource clock;

    private Witness(String name, SigningKey key, Path logKeys, Path store, InstantSource clock) {
        this.name = name;
        this.key = key;
        this.logKeys = logKeys;
        this.store = store;
        this.clock = clock;
    }

    /**
     * Opens a witness; its key is made at the first start.
     *
     * @param name under which it signs
     * @param directory its own: {@code witness-key.pem}, and a checkpoint for each log
     * @param logKeys PEM file with the public keys of the logs that it watches; read at each request, so that a rotated key can be added
     */
    public static Witness open(String name, Path directory, Path logKeys, InstantSource clock) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        KeyFile keyFile = new KeyFile(directory.resolve("witness-key.pem"));
        return new Witness(name, keyFile.read().orElseGet(keyFile::create), logKeys, directory, clock);
    }

    /** What the witness says to a checkpoint. */
    public sealed interface Answer {
        record Cosigned(SignedNote.Signature signature) implements Answer {}

        /** It is at another size than the caller thinks, or has other entries of that size: signed over {@link #refusal}. */
        record Conflict(long size, SignedNote.Signature signature) implements Answer {}

        /** The smaller size is over the larger. */
        record Malformed() implements Answer {}

        record NotSigned() implements Answer {}

        /** The checkpoint does not follow from what it remembers: signed over {@link #refusal}. */
        record NotConsistent(long size, SignedNote.Signature signature) implements Answer {}
    }

    /**
     * Lets a log that was restored from a copy begin anew: what is remembered of it gets another name and stays.
     *
     * @return where it is now; empty when nothing was remembered of that log
     */
    public static Optional<Path> setAside(Path directory, String origin) {
        FileAnchor memory = new FileAnchor(file(directory, origin));
        return memory.newest().isEmpty() ? Optional.empty() : Optional.of(memory.setAside());
    }

    /**
     * What a witness signs when it does not cosign a checkpoint. It cannot be taken for a checkpoint: the second line of one is a number.
     *
     * @param known the size that it remembers of that log
     */
    static String refusal(SignedNote refused, long known) {
        return "bloodnet-cds/witness/refusal\nknows " + known + "\n" + refused.text();
    }

    private SignedNote.Signature refuse(SignedNote note, long known) {
        return key.cosign(name, refusal(note, known), clock.instant());
    }

    public String name() {
        return name;
    }

    public PublicKeys publicKeys() {
        return key.publicKeys();
    }

    /**
     * Looks at a checkpoint.
     *
     * @param oldSize the size that the caller thinks this witness remembers
     * @param proof the consistency proof from there
     * @throws RuntimeException when the store cannot be read or written: then nothing is signed
     */
    public synchronized Answer add(long oldSize, List<Hash> proof, SignedNote note) {
        Checkpoint checkpoint = Checkpoint.parse(note.text());
        if (!readLogKeys().signed(note, checkpoint.origin())) {
            return new Answer.NotSigned();
        }
        if (oldSize > checkpoint.size()) {
            return new Answer.Malformed();
        }
        FileAnchor memory = new FileAnchor(file(checkpoint.origin()));
        Optional<Checkpoint> known = memory.newest().map(old -> Checkpoint.parse(old.text()));
        long knownSize = known.map(Checkpoint::size).orElse(0L);
        Hash knownRoot = known.map(Checkpoint::root).orElseGet(TreeHasher::emptyRoot);
        boolean forked = checkpoint.size() == knownSize && !checkpoint.root().equals(knownRoot);
        if (oldSize != knownSize || forked) {
            return new Answer.Conflict(knownSize, refuse(note, knownSize));
        }
        if (!MerkleProofs.consistent(knownSize, knownRoot, checkpoint.size(), checkpoint.root(), proof)) {
            return new Answer.NotConsistent(knownSize, refuse(note, knownSize));
        }
        memory.write(note);
        return new Answer.Cosigned(key.cosign(name, note.text(), clock.instant()));
    }

    private PublicKeys readLogKeys() {
        try {
            return PublicKeys.parsePem(Files.readString(logKeys));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path file(String origin) {
        return file(store, origin);
    }

    private static Path file(Path store, String origin) {
        return store.resolve(
                TreeHasher.plain(origin.getBytes(StandardCharsets.UTF_8)).hex() + ".checkpoint");
    }
}
