package io.bloodnet.server.http;

import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How long a request's body may take to arrive: one that trickles, or stops in the middle, must not hold a connection, its thread and what
 * was read for hours. The web server's own read timeout is without effect on its channels (Helidon 4.5), so the reading thread is
 * interrupted, which closes the connection.
 */
public final class BodyTime implements Filter {

    /** 4 MiB in this time is 1.1 Mbit/s. */
    public static final Duration USUAL = Duration.ofSeconds(30);

    private final Duration max;

    /** @param max from the first read of a body to its last byte */
    public BodyTime(Duration max) {
        this.max = max;
    }

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        request.streamFilter(body -> new Timed(body, max)); // before anybody asks for the content, or it has no effect
        chain.proceed();
    }

    /** A body with an end. Read by one thread; the watch, a virtual thread, touches only what is guarded. */
    private static final class Timed extends FilterInputStream {

        private final Duration max;
        private final CountDownLatch ended = new CountDownLatch(1);
        private final Object lock = new Object();
        /** Guarded by {@link #lock}: the thread that is inside a read, null between reads. */
        private @Nullable Thread reading;
        /** Guarded by {@link #lock}. */
        private boolean late;

        private boolean watched;

        Timed(InputStream body, Duration max) {
            super(body);
            this.max = max;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            int length = read(one, 0, 1);
            return length < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (!watched) {
                watched = true;
                Thread.ofVirtual().name("body-time").start(this::watch);
            }
            begin();
            int read;
            try {
                read = in.read(into, offset, length);
            } catch (IOException | RuntimeException e) {
                ended.countDown();
                end();
                throw e;
            }
            if (read < 0) {
                ended.countDown();
            }
            end();
            return read;
        }

        @Override
        public void close() throws IOException {
            ended.countDown();
            super.close();
        }

        private void begin() {
            synchronized (lock) {
                refuseLate();
                reading = Thread.currentThread();
            }
        }

        private void end() {
            synchronized (lock) {
                reading = null;
                refuseLate();
            }
        }

        private void refuseLate() {
            if (late) {
                throw new CloseConnectionException("the body takes longer than " + max);
            }
        }

        private void watch() {
            try {
                if (ended.await(max.toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            synchronized (lock) {
                late = true;
                if (reading != null) {
                    reading.interrupt();
                }
            }
        }
    }
}
