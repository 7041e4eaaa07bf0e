package io.bloodnet.audit.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

/** What the disk allows: lines appended to a file by many threads, one fdatasync for all that wait. No places, no hashes, no search. */
final class BareFile implements AutoCloseable {

    private record Line(byte[] bytes, CompletableFuture<Boolean> durable) {}

    private static final Line LAST = new Line(new byte[0], new CompletableFuture<>());

    private final FileChannel file;
    private final BlockingQueue<Line> queue = new LinkedBlockingQueue<>();
    private final Thread writer = Thread.ofPlatform().name("bare-file").unstarted(this::write);

    private BareFile(FileChannel file) {
        this.file = file;
    }

    static BareFile open(Path path) throws IOException {
        BareFile opened = new BareFile(FileChannel.open(
                path, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE));
        opened.writer.start();
        return opened;
    }

    void record(String line) throws Exception {
        Line waiting = new Line((line + "\n").getBytes(StandardCharsets.UTF_8), new CompletableFuture<>());
        queue.add(waiting);
        waiting.durable().get();
    }

    private void write() {
        List<Line> batch = new ArrayList<>();
        try {
            do {
                batch.clear();
                batch.add(queue.take());
                queue.drainTo(batch);
                ByteBuffer all = ByteBuffer.allocate(
                        batch.stream().mapToInt(line -> line.bytes().length).sum());
                batch.forEach(line -> all.put(line.bytes()));
                all.flip();
                while (all.hasRemaining()) {
                    file.write(all);
                }
                file.force(false);
                batch.forEach(line -> line.durable().complete(true));
            } while (!batch.contains(LAST));
        } catch (IOException | InterruptedException e) {
            batch.forEach(line -> line.durable().completeExceptionally(e));
        }
    }

    @Override
    public void close() throws IOException {
        queue.add(LAST);
        try {
            writer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        file.close();
    }
}
