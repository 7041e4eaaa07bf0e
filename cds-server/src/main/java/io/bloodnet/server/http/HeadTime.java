package io.bloodnet.server.http;

import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionListener;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How long a client may take to say what it wants. A connection that brings nothing, or stops or trickles within its first line, is cut
 * off by the web server, which takes it for idle; headers that trickle or stop it would wait for without end (Helidon 4.5), so they are
 * watched here: the reading thread is interrupted, which closes the connection. {@link BodyTime} limits what comes after them.
 */
public final class HeadTime implements Http1ConnectionListener, AutoCloseable {

    /** From the end of the first line to the end of the headers. They fit in a few packets. */
    public static final Duration USUAL = Duration.ofSeconds(30);

    /** Between two requests, and for the first line. Java's own client keeps a connection for 30 s; proxies usually for 60 s. */
    public static final Duration IDLE = Duration.ofMinutes(1);

    /**
     * Connections at once; the next ones wait to be accepted. Without a limit the process runs out of file descriptors, and then the web
     * server stops listening for good.
     */
    public static final int CONNECTIONS_MAX = 2_000;

    /** A limit is looked after this often while it lasts, so it may be exceeded by a tenth. */
    private static final int LOOKS = 10;

    private final Duration max;
    private final Duration idle;
    /** Threads that read headers, and when (nanoTime) each must be done. Who removes an entry decides: ended, or late. */
    private final Map<Thread, Long> reading = new ConcurrentHashMap<>();

    private final Thread watch;

    /**
     * Starts the watch, a virtual thread.
     *
     * @param max for the headers
     * @param idle for the first line, and between requests
     */
    public HeadTime(Duration max, Duration idle) {
        this.max = max;
        this.idle = idle;
        this.watch = Thread.ofVirtual().name("head-time").start(this::watch);
    }

    /** Puts these limits on a web server, which then speaks HTTP/1.1 only: with one protocol to choose from, silence is watched too. */
    public WebServerConfig.Builder on(WebServerConfig.Builder web) {
        return web.maxTcpConnections(CONNECTIONS_MAX)
                .idleConnectionTimeout(idle)
                .idleConnectionPeriod(idle.dividedBy(LOOKS))
                .protocolsDiscoverServices(false)
                .addProtocol(Http1Config.builder().addReceiveListener(this).build());
    }

    @Override
    public void prologue(ConnectionContext connection, HttpPrologue prologue) {
        reading.put(Thread.currentThread(), System.nanoTime() + max.toNanos());
    }

    @Override
    public void headers(ConnectionContext connection, Headers headers) {
        if (reading.remove(Thread.currentThread()) == null) {
            throw new CloseConnectionException("the headers take longer than " + max);
        }
    }

    /** Malformed headers never end; their thread does, and interrupting it then is without effect. */
    private void cutOffLate() {
        long now = System.nanoTime();
        reading.forEach((thread, until) -> {
            if (now - until > 0 && reading.remove(thread, until)) {
                thread.interrupt();
            }
        });
    }

    private void watch() {
        try {
            while (true) {
                Thread.sleep(max.dividedBy(LOOKS));
                cutOffLate();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    @Override
    public void close() {
        watch.interrupt();
    }
}
