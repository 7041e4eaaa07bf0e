package io.bloodnet.audit.ledger;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A private key on disk, readable by its owner only, and beside it {@code FILE.pub}: the public keys of this log from the first to the
 * one in use. While keys are rotated, {@code FILE.next} holds the key to come. Used by one thread at a time.
 */
public final class KeyFile {

    private static final int BYTES_MAX = 64 * 1024;

    private final Path path;
    /** What {@link #read()} found last: to find the public key of a private one takes as long as to sign. */
    private @Nullable Parsed parsed;

    private record Parsed(String pem, SigningKey key) {}

    public KeyFile(Path path) {
        this.path = path.toAbsolutePath();
    }

    public Path path() {
        return path;
    }

    /** The key in use; empty when there is no file. */
    public Optional<SigningKey> read() {
        return read(path).map(this::parse);
    }

    private SigningKey parse(String pem) {
        Parsed before = parsed;
        if (before != null && before.pem().equals(pem)) {
            return before.key();
        }
        SigningKey key = SigningKey.parsePem(pem);
        parsed = new Parsed(pem, key);
        return key;
    }

    /** Makes the first key. */
    public SigningKey create() {
        SigningKey key = SigningKey.generate();
        write(path, key.pem(), true);
        rememberPublic(key);
        return key;
    }

    /** The key that a rotation in progress goes to; empty when there is none. */
    public Optional<SigningKey> readNext() {
        return read(next()).map(SigningKey::parsePem);
    }

    /** Makes the key to come, durable before anything speaks of it. */
    public SigningKey createNext() {
        SigningKey key = SigningKey.generate();
        write(next(), key.pem(), true);
        return key;
    }

    /** The log now speaks for the key to come: it takes the old one's place. The old private key is gone. */
    public void useNext(SigningKey next) {
        rememberPublic(next);
        move(next(), path);
    }

    /** The rotation did not reach the log. */
    public void discardNext() {
        try {
            Files.deleteIfExists(next());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Every public key this log has had, newest last; the key in use is always among them. */
    public Optional<PublicKeys> publicKeys() {
        List<Hash> keys = new ArrayList<>();
        read(publicPath()).ifPresent(pem -> keys.addAll(PublicKeys.parsePem(pem).raw()));
        read().map(SigningKey::publicKey).filter(key -> !keys.contains(key)).ifPresent(keys::add);
        return keys.isEmpty() ? Optional.empty() : Optional.of(new PublicKeys(keys));
    }

    /** Where the public keys are: what an auditor is given. */
    public Path publicPath() {
        return path.resolveSibling(path.getFileName() + ".pub");
    }

    private Path next() {
        return path.resolveSibling(path.getFileName() + ".next");
    }

    private void rememberPublic(SigningKey key) {
        String known = read(publicPath()).orElse("");
        String pem = PublicKeys.pem(key.publicKey());
        if (!known.contains(pem)) {
            write(publicPath(), known + pem, false);
        }
    }

    private static Optional<String> read(Path file) {
        try {
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            if (Files.size(file) > BYTES_MAX) {
                throw new MalformedNoteException("a key file has at most " + BYTES_MAX + " bytes");
            }
            return Optional.of(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path file, String text, boolean secret) {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try {
            Files.createDirectories(file.getParent());
            Files.deleteIfExists(part);
            Files.createFile(part, secret && isPosix(file) ? ownerOnly() : new FileAttribute<?>[0]);
            try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        move(part, file);
    }

    private static void move(Path from, Path to) {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isPosix(Path file) {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    private static FileAttribute<?>[] ownerOnly() {
        return new FileAttribute<?>[] {
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        };
    }
}
