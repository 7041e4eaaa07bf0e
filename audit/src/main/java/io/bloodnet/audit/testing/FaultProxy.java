package io.bloodnet.audit.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Bad weather between a client and a real server, for tests: a TCP proxy on loopback whose {@link Weather} changes at any time, for open
 * connections too. The client dials {@link #port}. Safe for all threads.
 */
public final class FaultProxy implements AutoCloseable {

    private static final int BUFFER_BYTES = 16 * 1024;
    private static final int CONNECT_MAX_MS = 5_000;
    /** Open connections at most: more is a fault of the test. */
    private static final int OPEN_MAX = 1_000;

    /** What happens to bytes. */
    public sealed interface Weather {

        /** Everything passes. */
        record Fair() implements Weather {}

        /** Everything passes, each piece this much later. */
        record Slow(Duration delay) implements Weather {}

        /**
         * Nothing passes either way, connections are still accepted, and nothing is lost: when the weather changes, what was held goes on.
         * A stopped process looks like this.
         */
        record Frozen() implements Weather {}

        /**
         * What is sent is swallowed, both ways, and connections are still accepted. A connection that was swallowed from stays useless. A
         * cable that was cut looks like this.
         */
        record Blackhole() implements Weather {}

        /** Answers of the server pass at this rate, bytes a second. */
        record Drip(int bytesPerSecond) implements Weather {
            /** Refuses a rate below 1. */
            public Drip {
                if (bytesPerSecond < 1) {
                    throw new IllegalArgumentException("bytesPerSecond is at least 1");
                }
            }
        }

        /** Each connection ends in order after this many more bytes of answer, counted from when the weather began. */
        record Cut(long answerBytes) implements Weather {}

        /** Open connections are reset at once, new ones as soon as they are accepted. */
        record Reset() implements Weather {}

        /** What is sent reaches the server; in place of its answer the client sees the end of the stream, and may send on. */
        record HalfClosed() implements Weather {}

        /** Nobody listens: new connections are refused, open ones go on. The port stays ours when the weather changes. */
        record Refused() implements Weather {}
    }

    private final InetSocketAddress target;
    private final int port;
    private volatile ServerSocket listener;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();
    private final AtomicLong toTarget = new AtomicLong();
    private final AtomicLong toClient = new AtomicLong();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private Weather weather = new Weather.Fair();
    private boolean closed;

    /** Listens on a free port of loopback, in fair weather, before the server at this port of loopback. */
    public FaultProxy(int targetPort) {
        this(new InetSocketAddress(InetAddress.getLoopbackAddress(), targetPort));
    }

    /** Listens on a free port of loopback, in fair weather, before this server. */
    public FaultProxy(InetSocketAddress target) {
        this.target = target;
        listener = listen(0);
        port = listener.getLocalPort();
    }

    private ServerSocket listen(int at) {
        try {
            ServerSocket opened = new ServerSocket(at, OPEN_MAX, InetAddress.getLoopbackAddress());
            Thread.ofVirtual().name("fault-proxy").start(() -> accept(opened));
            return opened;
        } catch (IOException e) {
            throw new UncheckedIOException("no port for the proxy", e);
        }
    }

    /** Where clients connect. */
    public int port() {
        return port;
    }

    /** Changes the weather for all connections, open and to come. */
    public void set(Weather next) {
        lock.lock();
        try {
            weather = next;
            if (next instanceof Weather.Refused) {
                quietly(listener);
            } else if (listener.isClosed() && !closed) {
                listener = listen(port);
            }
            links.forEach(link -> link.answered.set(0));
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (next instanceof Weather.Reset) {
            links.forEach(Link::reset);
        }
    }

    /** Resets the connections that are open now; the weather stays. */
    public void resetOpen() {
        links.forEach(Link::reset);
    }

    /** Connections accepted so far. */
    public int accepted() {
        return accepted.get();
    }

    /** Connections open now. */
    public int open() {
        return links.size();
    }

    /** Bytes that reached the server so far. */
    public long bytesToTarget() {
        return toTarget.get();
    }

    /** Bytes that reached clients so far. */
    public long bytesToClient() {
        return toClient.get();
    }

    private void accept(ServerSocket at) {
        while (!at.isClosed()) {
            try {
                Socket client = at.accept();
                accepted.incrementAndGet();
                Thread.ofVirtual().name("fault-proxy-link").start(() -> link(client));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void link(Socket client) {
        Link link = new Link(client);
        links.add(link);
        try {
            if (now() instanceof Weather.Reset || links.size() > OPEN_MAX) {
                link.reset();
                return;
            }
            link.server.connect(target, CONNECT_MAX_MS);
            Thread up = Thread.ofVirtual().start(() -> link.carry(client, link.server, false));
            link.carry(link.server, client, true);
            up.join();
        } catch (IOException e) {
            link.reset(); // the server is away: so are we
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            link.end();
            links.remove(link);
        }
    }

    private Weather now() {
        lock.lock();
        try {
            return weather;
        } finally {
            lock.unlock();
        }
    }

    /** The weather as soon as it lets anything pass. */
    private Weather passable() throws InterruptedException {
        lock.lock();
        try {
            while (weather instanceof Weather.Frozen && !closed) {
                changed.await();
            }
            return weather;
        } finally {
            lock.unlock();
        }
    }

    /** Waits while the weather stays as it is. */
    private void pause(Duration time) throws InterruptedException {
        lock.lock();
        try {
            Weather before = weather;
            long left = time.toNanos();
            while (weather == before && !closed && left > 0) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private final class Link {
        private final Socket client;
        private final Socket server = new Socket();
        private final AtomicLong answered = new AtomicLong();

        Link(Socket client) {
            this.client = client;
        }

        void carry(Socket from, Socket to, boolean answer) {
            byte[] buffer = new byte[BUFFER_BYTES];
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                passable();
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    if (!pass(buffer, n, out, answer)) {
                        end();
                        return;
                    }
                    passable(); // what comes in frozen weather stays with its sender
                }
                passable();
                to.shutdownOutput();
            } catch (IOException e) {
                end(); // one side is gone: so is the other
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        /** False when the connection ends here. */
        private boolean pass(byte[] bytes, int n, OutputStream out, boolean answer)
                throws IOException, InterruptedException {
            return switch (passable()) {
                case Weather.Fair fair -> write(bytes, n, out, answer);
                case Weather.Refused open -> write(bytes, n, out, answer);
                case Weather.HalfClosed half -> {
                    if (!answer) {
                        yield write(bytes, n, out, false);
                    }
                    if (!client.isOutputShutdown()) {
                        client.shutdownOutput();
                    }
                    yield true;
                }
                case Weather.Frozen closing -> false;
                case Weather.Reset reset -> false;
                case Weather.Blackhole hole -> true;
                case Weather.Slow slow -> {
                    pause(slow.delay());
                    yield write(bytes, n, out, answer);
                }
                case Weather.Drip drip -> answer ? drip(bytes, n, out, drip) : write(bytes, n, out, false);
                case Weather.Cut cut -> {
                    if (!answer) {
                        yield write(bytes, n, out, false);
                    }
                    long left = cut.answerBytes() - answered.getAndAdd(n);
                    yield write(bytes, Math.clamp(left, 0, n), out, true) && left > n;
                }
            };
        }

        private boolean drip(byte[] bytes, int n, OutputStream out, Weather.Drip drip)
                throws IOException, InterruptedException {
            Duration each = Duration.ofSeconds(1).dividedBy(drip.bytesPerSecond());
            for (int i = 0; i < n; i++) {
                if (now() == drip) {
                    pause(each);
                }
                passable();
                out.write(bytes, i, 1);
                toClient.incrementAndGet();
            }
            return true;
        }

        private boolean write(byte[] bytes, int n, OutputStream out, boolean answer) throws IOException {
            out.write(bytes, 0, n);
            (answer ? toClient : toTarget).addAndGet(n);
            return true;
        }

        void reset() {
            try {
                client.setSoLinger(true, 0); // close() sends RST
                server.setSoLinger(true, 0);
            } catch (SocketException e) {
                // closed already
            }
            end();
        }

        void end() {
            quietly(client);
            quietly(server);
        }
    }

    private static void quietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            // a test that ends does not care
        }
    }

    /** Ends all connections and listens no more. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        quietly(listener);
        links.forEach(Link::end);
    }
}
