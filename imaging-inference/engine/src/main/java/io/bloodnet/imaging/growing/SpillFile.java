package io.bloodnet.imaging.growing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A temporary file that only this process can read: its name is deleted as soon as it is open, so that nothing is left on disk however the
 * process ends. Where a system does not delete open files, it goes when it is closed. Guarded by its owner.
 */
final class SpillFile implements AutoCloseable {

    private final FileChannel channel;
    private long end;

    private SpillFile(FileChannel channel) {
        this.channel = channel;
    }

    static SpillFile open() throws IOException {
        Path path = Files.createTempFile("bloodnet-images-", ".part"); // readable by its owner alone
        FileChannel channel = FileChannel.open(
                path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        try {
            Files.delete(path);
        } catch (IOException e) {
            path.toFile().deleteOnExit();
        }
        return new SpillFile(channel);
    }

    /** Adds bytes. Returns where they begin. */
    long add(byte[] bytes) throws IOException {
        long start = end;
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer, start + buffer.position());
        }
        end = start + bytes.length;
        return start;
    }

    byte[] read(long start, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, start + buffer.position()) < 0) {
                throw new IOException("the temporary file is shorter than what was written to it");
            }
        }
        return buffer.array();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
