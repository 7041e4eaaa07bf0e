package io.bloodnet.server.bench;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Sends prepared HTTP/1.1 requests over kept-open loopback connections, each answer read before the next request. */
final class HttpLoad {

    private static final int TIMEOUT_MS = 30_000;

    private HttpLoad() {}

    /**
     * What came out.
     *
     * @param perSecond answers a second
     * @param wrong answers that were not 200 or held no card
     * @param nanos time of each call, ascending
     */
    record Result(double perSecond, int wrong, long[] nanos) {
        /** The time below which that share of the calls stayed, in ms. */
        double percentileMs(double share) {
            return nanos[Math.min(nanos.length - 1, (int) (nanos.length * share))] / 1e6;
        }
    }

    /** Sends each request once, shared among the connections. */
    static Result run(int port, List<byte[]> requests, int connections) throws IOException, InterruptedException {
        AtomicInteger next = new AtomicInteger();
        AtomicInteger wrong = new AtomicInteger();
        long[] nanos = new long[requests.size()];
        long began = System.nanoTime();
        try (ExecutorService threads = Executors.newFixedThreadPool(connections)) {
            List<Future<?>> all = new ArrayList<>();
            for (int c = 0; c < connections; c++) {
                all.add(threads.submit(() -> {
                    sendAll(port, requests, next, wrong, nanos);
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        } catch (ExecutionException e) {
            throw new IOException("a connection broke", e.getCause());
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        Arrays.sort(nanos);
        return new Result(requests.size() / seconds, wrong.get(), nanos);
    }

    private static void sendAll(int port, List<byte[]> requests, AtomicInteger next, AtomicInteger wrong, long[] nanos)
            throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(TIMEOUT_MS);
            InputStream in = new BufferedInputStream(socket.getInputStream(), 16 * 1024);
            for (int i = next.getAndIncrement(); i < requests.size(); i = next.getAndIncrement()) {
                long began = System.nanoTime();
                socket.getOutputStream().write(requests.get(i));
                String body = readAnswer(in);
                nanos[i] = System.nanoTime() - began;
                if (!body.contains("\"uuid\"")) {
                    wrong.incrementAndGet();
                }
            }
        }
    }

    /** The body of a 200 with a Content-Length; empty for any other status. */
    private static String readAnswer(InputStream in) throws IOException {
        String status = readLine(in);
        int length = 0;
        for (String line = readLine(in); !line.isEmpty(); line = readLine(in)) {
            if (line.regionMatches(true, 0, "content-length:", 0, 15)) {
                length = Integer.parseInt(line.substring(15).strip());
            }
        }
        byte[] body = in.readNBytes(length);
        return status.startsWith("HTTP/1.1 200") ? new String(body, StandardCharsets.UTF_8) : "";
    }

    private static String readLine(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("the connection was closed");
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }
}
