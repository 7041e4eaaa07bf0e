package io.bloodnet.audit.anchor;

import io.bloodnet.audit.ledger.Checkpoint;
import io.bloodnet.audit.ledger.SignedNote;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** Keeps the newest checkpoint in a file, which is replaced in one step. Put it on another disk or machine than the database. */
public final class FileAnchor implements Anchor {

    private final Path file;

    public FileAnchor(Path file) {
        this.file = file.toAbsolutePath();
    }

    @Override
    public String name() {
        return "file " + file.getFileName();
    }

    /** @throws io.bloodnet.audit.ledger.MalformedNoteException when the file is no checkpoint */
    @Override
    public Optional<SignedNote> newest() {
        try {
            return Files.exists(file) ? Optional.of(SignedNote.parse(Files.readString(file))) : Optional.empty();
        } catch (IOException e) {
            throw new AnchorUnavailableException("cannot read the checkpoint file", e);
        }
    }

    @Override
    public Answer keep(SignedNote checkpoint, Growth growth) {
        // Another server of this log may have been here with a newer one.
        if (newest().map(FileAnchor::size).orElse(0L) < size(checkpoint)) {
            write(checkpoint);
        }
        return new Answer.Kept();
    }

    /**
     * Gives what it remembers another name, so that it can be shown later, and remembers nothing any more.
     *
     * @return the file that has it now
     * @throws AnchorUnavailableException when that cannot be done
     */
    public Path setAside() {
        long size = newest().map(FileAnchor::size).orElse(0L);
        Path aside = file.resolveSibling(file.getFileName() + ".set-aside-" + size);
        try {
            for (int again = 2; Files.exists(aside); again++) {
                aside = file.resolveSibling(file.getFileName() + ".set-aside-" + size + "-" + again);
            }
            return Files.move(file, aside, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new AnchorUnavailableException("cannot set the checkpoint file aside", e);
        }
    }

    /** Durable when it returns. @throws AnchorUnavailableException when it cannot be written */
    public void write(SignedNote checkpoint) {
        try {
            Files.createDirectories(file.getParent());
            Path part = Files.createTempFile(file.getParent(), String.valueOf(file.getFileName()), ".part");
            try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(checkpoint.format().getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new AnchorUnavailableException("cannot write the checkpoint file", e);
        }
    }

    private static long size(SignedNote note) {
        return Checkpoint.parse(note.text()).size();
    }
}
