package io.bloodnet.imaging.dicomweb;

import io.bloodnet.imaging.study.Patience;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An answer's body as a stream that gives up when the sender stalls or sends too much. The JDK's own stream waits without limit. What is
 * not read yet is bounded: the sender is held back. One thread reads; the HTTP client's threads feed.
 */
final class BodyStream extends InputStream implements HttpResponse.BodySubscriber<BodyStream> {

    /** Pieces on the way to the reader; each is at most a few times 16 kB. */
    private static final int PIECES_MAX = 16;

    /** Each time more is asked for, the client's selector is woken: not for every piece. */
    private static final int PIECES_ASKED_AT_ONCE = PIECES_MAX / 2;

    /** How often somebody who waits asks whether to go on. */
    static final Duration STEP = Duration.ofMillis(200);

    private static final List<ByteBuffer> END = List.of(ByteBuffer.allocate(0));

    private final Limits limits;
    private final Patience patience;
    private final BlockingQueue<List<ByteBuffer>> pieces = new LinkedBlockingQueue<>();
    private final CompletableFuture<BodyStream> self = CompletableFuture.completedFuture(this);
    private volatile Flow.@Nullable Subscription subscription;
    private volatile @Nullable Throwable failure;
    private volatile boolean closed;
    private List<ByteBuffer> piece = List.of();
    private int index;
    private int taken;
    private long bytes;
    private boolean ended;

    /**
     * What a body may take.
     *
     * @param stallMax between two pieces
     * @param deadline when it must have ended, as {@link System#nanoTime} has it
     * @param bytesMax its length
     */
    record Limits(Duration stallMax, long deadline, long bytesMax) {}

    BodyStream(Limits limits, Patience patience) {
        this.limits = limits;
        this.patience = patience;
    }

    long bytesMax() {
        return limits.bytesMax();
    }

    @Override
    public CompletionStage<BodyStream> getBody() {
        return self;
    }

    @Override
    public void onSubscribe(Flow.Subscription newSubscription) {
        subscription = newSubscription;
        if (closed) {
            newSubscription.cancel();
        } else {
            newSubscription.request(PIECES_MAX);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        pieces.add(buffers);
    }

    @Override
    public void onError(Throwable error) {
        failure = error;
        pieces.add(END);
    }

    @Override
    public void onComplete() {
        pieces.add(END);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        ByteBuffer buffer = next();
        if (buffer == null) {
            return -1;
        }
        int count = Math.min(length, buffer.remaining());
        buffer.get(target, offset, count);
        bytes += count;
        patience.received(count);
        if (bytes > limits.bytesMax()) {
            close();
            throw new BodyTooLargeException(limits.bytesMax());
        }
        return count;
    }

    /** The first buffer that has something left; null at the end. */
    private @Nullable ByteBuffer next() throws IOException {
        while (!ended) {
            while (index < piece.size()) {
                if (piece.get(index).hasRemaining()) {
                    return piece.get(index);
                }
                index++;
            }
            await();
        }
        return null;
    }

    private void await() throws IOException {
        if (closed) {
            throw new IOException("the body was closed");
        }
        List<ByteBuffer> next;
        try {
            next = poll();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close();
            throw new IOException("interrupted while reading a body", e);
        }
        if (next == END) {
            ended = true;
            Throwable error = failure;
            if (error != null) {
                throw new IOException("the body broke off", error);
            }
            return;
        }
        piece = next;
        index = 0;
        taken++;
        Flow.Subscription source = subscription;
        if (source != null && taken == PIECES_ASKED_AT_ONCE) {
            source.request(taken);
            taken = 0;
        }
    }

    /** Waits in short steps, so that a body that drips ends too: at its deadline, or when patience does. */
    private List<ByteBuffer> poll() throws IOException, InterruptedException {
        List<ByteBuffer> next = pieces.poll();
        long began = System.nanoTime();
        while (next == null) {
            long stepBegan = System.nanoTime();
            next = pieces.poll(STEP.toNanos(), TimeUnit.NANOSECONDS);
            try {
                patience.waited(System.nanoTime() - stepBegan);
            } catch (HttpTimeoutException e) {
                close();
                throw e;
            }
            if (next == null && System.nanoTime() - began > limits.stallMax().toNanos()) {
                close();
                throw new HttpTimeoutException("nothing came for " + limits.stallMax());
            }
            if (System.nanoTime() - limits.deadline() > 0) {
                close();
                throw new HttpTimeoutException("the body did not end within the time of the call");
            }
        }
        return next;
    }

    /** Ends the exchange; a body that was not read to its end costs its connection. */
    @Override
    public void close() {
        closed = true;
        Flow.Subscription source = subscription;
        if (source != null && !ended) {
            source.cancel();
        }
    }

    /** The sender sent more than the limit. */
    static final class BodyTooLargeException extends IOException {

        private static final long serialVersionUID = 1L;

        BodyTooLargeException(long bytesMax) {
            super("the body has more than " + bytesMax + " bytes");
        }
    }
}
