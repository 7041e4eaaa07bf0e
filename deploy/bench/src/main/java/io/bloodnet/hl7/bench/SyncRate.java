package io.bloodnet.hl7.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** How often a second the disk makes 4 kB durable, one after the other: what a commit costs at least. */
final class SyncRate implements AutoCloseable {

    private static final int APPEND_BYTES = 4096;

    private final Path file;
    private final FileChannel channel;

    SyncRate(Path dir) throws IOException {
        file = Files.createTempFile(dir, "bench", ".sync");
        channel = FileChannel.open(file, StandardOpenOption.WRITE);
    }

    double measure(int millis) throws IOException {
        ByteBuffer append = ByteBuffer.allocate(APPEND_BYTES);
        long begin = System.nanoTime();
        long end = begin + millis * 1_000_000L;
        int count = 0;
        while (System.nanoTime() < end) {
            channel.write(append.rewind());
            channel.force(false);
            count++;
        }
        return count * 1e9 / (System.nanoTime() - begin);
    }

    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(file);
    }
}
