package io.bloodnet.fhir;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A small HTTP/1.1 server on loopback that can misbehave on the wire, which ready-made ones cannot. */
public abstract class MiniHttp implements AutoCloseable {

    /** What happens to one request; consumed in order by requests for which {@link #faultable} holds. */
    public sealed interface Fault {
        /** This status instead of the work. */
        record Status(int status, Map<String, String> headers) implements Fault {}

        /** The connection is reset before the work. */
        record ResetBefore() implements Fault {}

        /** The work is done, then the connection is reset. */
        record ResetAfter() implements Fault {}

        /** The work is done, half the answer is sent. */
        record CutBody() implements Fault {}

        /** The work is done, the answer's body comes a byte at a time and never ends. */
        record DripAfter() implements Fault {}

        /** The work is done, the answer is HTTP/2 (RFC 9113): settings, and a stream reset. */
        record Http2ResetAfter() implements Fault {}

        /** The work is done, the answer never comes while the server lives. */
        record SilentAfter() implements Fault {}
    }

    /** One request as it came. */
    public record Request(String method, String path, String query, Map<String, String> headers, byte[] body) {
        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    /** One answer. */
    public record Reply(int status, Map<String, String> headers, byte[] body) {
        public static Reply json(int status, String json) {
            return new Reply(
                    status, Map.of("Content-Type", "application/fhir+json"), json.getBytes(StandardCharsets.UTF_8));
        }
    }

    public final List<Request> requests = new CopyOnWriteArrayList<>();
    public final Deque<Fault> faults = new ConcurrentLinkedDeque<>();
    private final ServerSocket server;
    private final CountDownLatch closed = new CountDownLatch(1);
    /** Guarded by itself, together with {@link #isOver}. */
    private final Set<Socket> open = new HashSet<>();

    private boolean isOver;

    protected MiniHttp() {
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Call at the end of the constructor of a final class. */
    protected final void start() {
        Thread.ofVirtual().start(this::accept);
    }

    protected abstract Reply reply(Request request);

    /** Which requests consume faults. */
    protected boolean faultable(Request request) {
        return true;
    }

    public URI root() {
        return URI.create("http://127.0.0.1:" + server.getLocalPort());
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                if (admit(socket)) {
                    Thread.ofVirtual().start(() -> serve(socket));
                } else {
                    socket.close();
                }
            } catch (IOException e) {
                return;
            }
        }
    }

    /** Known before it is served, and not at all after the end: a virtual thread in accept() may still get one after close(). */
    private boolean admit(Socket socket) {
        synchronized (open) {
            return !isOver && open.add(socket);
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            for (Request request = read(in); request != null; request = read(in)) {
                requests.add(request);
                Fault fault = faultable(request) ? faults.poll() : null;
                if (!answer(socket, request, fault)) {
                    return;
                }
            }
        } catch (IOException | InterruptedException e) {
            // the client went away, or the test is over
        } finally {
            synchronized (open) {
                open.remove(socket);
            }
        }
    }

    /** Whether the connection goes on. */
    private boolean answer(Socket socket, Request request, Fault fault) throws IOException, InterruptedException {
        OutputStream out = socket.getOutputStream();
        switch (fault) {
            case null -> write(out, reply(request), Integer.MAX_VALUE);
            case Fault.Status(int status, var headers) ->
                write(out, new Reply(status, headers, "{}".getBytes(StandardCharsets.UTF_8)), Integer.MAX_VALUE);
            case Fault.ResetBefore() -> {
                return reset(socket);
            }
            case Fault.ResetAfter() -> {
                reply(request);
                return reset(socket);
            }
            case Fault.CutBody() -> {
                Reply whole = reply(request);
                write(out, whole, whole.body().length / 2);
                return reset(socket);
            }
            case Fault.DripAfter() -> {
                reply(request);
                out.write("HTTP/1.1 200 x\r\nContent-Length: 1000000\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                while (!closed.await(20, TimeUnit.MILLISECONDS)) {
                    out.write(' ');
                }
                return false;
            }
            case Fault.Http2ResetAfter() -> {
                reply(request);
                out.write(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 8});
                return false;
            }
            case Fault.SilentAfter() -> {
                reply(request);
                closed.await(30, TimeUnit.SECONDS);
                return false;
            }
        }
        return true;
    }

    private static boolean reset(Socket socket) throws SocketException {
        socket.setSoLinger(true, 0);
        return false;
    }

    private static void write(OutputStream out, Reply reply, int bodyBytes) throws IOException {
        StringBuilder head = new StringBuilder(
                "HTTP/1.1 " + reply.status() + " x\r\nContent-Length: " + reply.body().length + "\r\n");
        reply.headers().forEach((k, v) -> head.append(k).append(": ").append(v).append("\r\n"));
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
        all.write(reply.body(), 0, Math.min(bodyBytes, reply.body().length));
        out.write(all.toByteArray());
    }

    private static Request read(InputStream in) throws IOException {
        String start = line(in);
        if (start == null || start.isEmpty()) {
            return null;
        }
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String line = line(in); line != null && !line.isEmpty(); line = line(in)) {
            headers.put(
                    line.substring(0, line.indexOf(':')),
                    line.substring(line.indexOf(':') + 1).strip());
        }
        byte[] body = in.readNBytes(Integer.parseInt(headers.getOrDefault("Content-Length", "0")));
        String[] parts = start.split(" ");
        int q = parts[1].indexOf('?');
        return new Request(
                parts[0],
                q < 0 ? parts[1] : parts[1].substring(0, q),
                q < 0 ? "" : parts[1].substring(q + 1),
                headers,
                body);
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                return null;
            }
            if (c != '\r') {
                line.write(c);
            }
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    /** Once it returns, no request is answered any more. */
    @Override
    public void close() throws IOException {
        List<Socket> last;
        synchronized (open) {
            isOver = true;
            last = List.copyOf(open);
        }
        closed.countDown();
        server.close();
        for (Socket socket : last) {
            socket.close();
        }
    }
}
