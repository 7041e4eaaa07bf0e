package io.bloodnet.server.http;

import io.helidon.common.buffers.DataReader;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much memory the bodies of all requests may take together while they are read and worked on. A limit for each body alone does not hold
 * the server up: 2,000 connections that stop in the middle of 4 MiB are 8 GiB. Who comes when it is used up is told to come again. Safe for
 * all threads.
 */
public final class BodyBudget {

    /** Of the heap: the rest is for the images. */
    private static final int HEAP_SHARE = 10;

    private static final long BYTES_MIN = 16L << 20;
    private static final int CHUNK = 16 << 10;
    /** While a body grows it lies in memory twice. */
    private static final int COPIES = 2;
    /** What is read and thrown away of a body that nobody wants, so that the sender gets to read our answer. */
    private static final long DISCARD_BYTES_MAX = 64L << 20;

    private final long bytesMax;
    private final AtomicLong used = new AtomicLong();

    /** @param bytesMax of all bodies together */
    public BodyBudget(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    /** A tenth of the heap, at least 16 MiB. */
    public static BodyBudget ofHeap() {
        return new BodyBudget(Math.max(BYTES_MIN, Runtime.getRuntime().maxMemory() / HEAP_SHARE));
    }

    /** The budget is used up: answer {@link Status#SERVICE_UNAVAILABLE_503}. */
    public static final class UsedUpException extends IOException {
        UsedUpException() {
            super("the memory for bodies is used up");
        }
    }

    /** A body, which counts until it is closed. */
    public final class Body implements AutoCloseable {

        private byte[] bytes = new byte[0];
        private long held;

        private Body() {}

        /** What was read. */
        public byte[] bytes() {
            return bytes;
        }

        private void hold(long more) throws UsedUpException {
            if (used.addAndGet(more) > bytesMax) {
                used.addAndGet(-more);
                throw new UsedUpException();
            }
            held += more;
        }

        @Override
        public void close() {
            used.addAndGet(-held);
            held = 0;
        }
    }

    /**
     * Reads a request's body.
     *
     * @param bytesMax at most so many bytes are read
     * @throws UsedUpException when all bodies together would be too large
     * @throws IOException when the body breaks off
     */
    public Body read(ServerRequest request, int bytesMax) throws IOException {
        Body body = new Body();
        if (!request.content().hasEntity()) {
            return body;
        }
        try {
            fill(body, request.content().inputStream(), bytesMax);
            return body;
        } catch (IOException | RuntimeException e) {
            body.close();
            throw e;
        }
    }

    private static void fill(Body body, InputStream in, int bytesMax) throws IOException {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        byte[] chunk = new byte[CHUNK];
        while (read.size() < bytesMax) {
            int n = in.read(chunk, 0, Math.min(chunk.length, bytesMax - read.size()));
            if (n < 0) {
                break;
            }
            body.hold((long) n * COPIES);
            read.write(chunk, 0, n);
        }
        body.bytes = read.toByteArray();
    }

    /** Bytes that are held now. */
    long used() {
        return used.get();
    }

    /**
     * Reads what is left of a body and throws it away, piece by piece, after the answer was sent; where that is very much, the connection
     * ends. What is held of it is one piece.
     */
    public static void discard(ServerRequest request) {
        if (!request.content().hasEntity() || request.content().consumed()) {
            return;
        }
        byte[] chunk = new byte[CHUNK];
        long discarded = 0;
        try {
            InputStream in = request.content().inputStream();
            for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
                discarded += n;
                if (discarded > DISCARD_BYTES_MAX) {
                    throw new CloseConnectionException("more body than anybody wants");
                }
            }
        } catch (IOException | DataReader.InsufficientDataAvailableException | NumberFormatException e) {
            throw new CloseConnectionException("the request broke off", e);
        }
    }
}
