package io.bloodnet.hl7.mllp;

import io.bloodnet.audit.AuditLog;
import io.bloodnet.hl7.Hl7Config;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for MLLP links, one virtual thread each. No link can hold up another: reads, writes and handshakes have their own deadlines, large
 * messages share a budget, and at the limit of links the oldest that never brought a message makes room. Safe for all threads.
 */
public final class MllpListener implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(MllpListener.class);
    private static final int BACKLOG = 512;
    private static final long WATCH_NS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long ACCEPT_AGAIN_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Hl7Config.Listen config;
    private final Conversations conversations;
    private final LinkAudit audit;
    private final FrameBudget budget;
    private final @Nullable TlsLinks tls;
    private final Map<Link, Thread> links = new ConcurrentHashMap<>();
    private volatile @Nullable ServerSocket server;
    private volatile boolean closed;

    /**
     * Does no I/O but reading the TLS stores.
     *
     * @throws IllegalArgumentException when a TLS store cannot be read
     */
    public MllpListener(Hl7Config.Listen config, Conversations conversations, AuditLog audit, InstantSource clock) {
        this.config = config;
        this.conversations = conversations;
        this.audit = new LinkAudit(audit, clock);
        this.budget = new FrameBudget(config.limits().bufferedBytesMax());
        this.tls = config.tls() == null ? null : TlsLinks.of(config.tls());
    }

    /** Binds and begins to accept. @throws UncheckedIOException when the address cannot be bound */
    public synchronized void start() {
        if (server != null || closed) {
            throw new IllegalStateException("the listener was started before");
        }
        try {
            ServerSocket socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.setReceiveBufferSize(Link.SOCKET_BUFFER_BYTES);
            socket.bind(new InetSocketAddress(InetAddress.getByName(config.host()), config.port()), BACKLOG);
            server = socket;
            Thread.ofVirtual().name("mllp-accept").start(() -> accept(socket));
            Thread.ofVirtual().name("mllp-watch").start(this::watch);
            LOG.info("mllp listening on port {}{}", socket.getLocalPort(), tls == null ? "" : " with TLS");
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "hl7.listen: cannot bind " + config.host() + " port " + config.port() + ": " + e.getMessage(), e);
        }
    }

    /** The port bound. @throws IllegalStateException before the start */
    public int port() {
        ServerSocket socket = server;
        if (socket == null) {
            throw new IllegalStateException("the listener was not started");
        }
        return socket.getLocalPort();
    }

    /** Whether links are accepted now. */
    public boolean isListening() {
        ServerSocket socket = server;
        return socket != null && !socket.isClosed();
    }

    /** Open links. */
    public int links() {
        return links.size();
    }

    /** Accepts no more, ends idle links at once, others after the reply that is being made, all within the drain timeout. */
    @Override
    public void close() {
        closed = true;
        ServerSocket socket = server;
        if (socket != null) {
            closeQuietly(socket);
        }
        links.keySet().forEach(Link::finish);
        long deadline = System.nanoTime() + config.limits().drainTimeout().toNanos();
        for (Thread thread : List.copyOf(links.values())) {
            join(thread, deadline);
        }
        links.keySet().forEach(Link::close);
    }

    private static void join(Thread thread, long deadline) {
        try {
            long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (millis > 0) {
                thread.join(millis);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void accept(ServerSocket socket) {
        while (!closed) {
            try {
                admit(socket.accept());
            } catch (IOException e) {
                if (!closed) {
                    LOG.error("mllp accept failed: {}, next: trying again", e.getMessage());
                    LockSupport.parkNanos(ACCEPT_AGAIN_NS);
                }
            }
        }
    }

    private void admit(Socket socket) {
        if (links.size() >= config.limits().linksMax() && !makeRoom()) {
            audit.refused(
                    new Peer(socket.getInetAddress().getHostAddress(), List.of()),
                    "all " + config.limits().linksMax() + " links are in use");
            closeQuietly(socket);
            return;
        }
        Link link = new Link(socket, tls, conversations, config.limits(), budget, audit);
        Thread thread = Thread.ofVirtual().name("mllp-link").unstarted(() -> {
            try {
                link.run();
            } finally {
                links.remove(link);
            }
        });
        links.put(link, thread);
        thread.start();
        if (closed) {
            link.finish();
        }
    }

    private boolean makeRoom() {
        long now = System.nanoTime();
        Optional<Link> oldest =
                links.keySet().stream().filter(Link::unproven).max(Comparator.comparingLong(l -> l.ageNs(now)));
        oldest.ifPresent(link -> {
            links.remove(link);
            link.finish();
        });
        return oldest.isPresent();
    }

    private void watch() {
        while (!closed || !links.isEmpty()) {
            long now = System.nanoTime();
            for (Link link : links.keySet()) {
                if (link.overdue(now)) {
                    LOG.warn("mllp peer takes no reply or does not finish its handshake, next: closing the link");
                    link.close();
                } else if (link.idleTooLong(now)) {
                    link.finish(); // not close: a message that is answered by now keeps its link until the reply is out
                }
            }
            LockSupport.parkNanos(WATCH_NS);
        }
    }

    private static void closeQuietly(AutoCloseable socket) {
        try {
            socket.close();
        } catch (Exception e) {
            LOG.debug("close failed: {}", e.getClass().getSimpleName());
        }
    }
}
