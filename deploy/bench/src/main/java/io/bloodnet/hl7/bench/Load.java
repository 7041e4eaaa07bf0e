package io.bloodnet.hl7.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/** Senders that each keep one message under way, all different, and check every acknowledgement. */
final class Load {

    private static final int REPLY_BYTES_MAX = 8192;
    private static final int TIMEOUT_MS = 60_000;
    private static final long RUN = System.currentTimeMillis() / 1000;
    private static final AtomicLong NUMBER = new AtomicLong();

    private Load() {}

    /** One candidate's turn. */
    record Slot(double perSecond, double p99Ms) {}

    static Slot run(int port, int links, int millis) {
        long begin = System.nanoTime();
        long end = begin + millis * 1_000_000L;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<long[]>> all = IntStream.range(0, links)
                    .mapToObj(i -> threads.submit(() -> link(port, end)))
                    .toList();
            long[] took = new long[0];
            for (Future<long[]> one : all) {
                long[] next = one.get();
                took = Arrays.copyOf(took, took.length + next.length);
                System.arraycopy(next, 0, took, took.length - next.length, next.length);
            }
            Arrays.sort(took);
            double p99 = took.length == 0 ? Double.NaN : took[(int) (took.length * 0.99)] / 1e6;
            return new Slot(took.length * 1e9 / (System.nanoTime() - begin), p99);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a sender of the benchmark failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Nanoseconds that each message took. */
    private static long[] link(int port, long end) {
        long[] took = new long[1024];
        int count = 0;
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(TIMEOUT_MS);
            byte[] reply = new byte[REPLY_BYTES_MAX];
            for (long now = System.nanoTime(); now < end; ) {
                long number = NUMBER.incrementAndGet();
                socket.getOutputStream().write(order(number));
                int length = read(socket.getInputStream(), reply);
                if (!new String(reply, 0, length, StandardCharsets.ISO_8859_1).contains("|AA|" + id(number))) {
                    throw new IllegalStateException("message " + number + " was not acknowledged with AA");
                }
                long then = System.nanoTime();
                took = count == took.length ? Arrays.copyOf(took, 2 * count) : took;
                took[count++] = then - now;
                now = then;
            }
            return Arrays.copyOf(took, count);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int read(InputStream in, byte[] reply) throws IOException {
        int length = 0;
        while (length < 2 || reply[length - 2] != 0x1c || reply[length - 1] != '\r') {
            int count = in.read(reply, length, reply.length - length);
            if (count < 0) {
                throw new IOException("closed before the acknowledgement");
            }
            length += count;
        }
        return length;
    }

    private static String id(long number) {
        return "B" + RUN + "-" + number;
    }

    /** An order as in IHE's scheduled workflow, synthetic. */
    private static byte[] order(long number) {
        String accession = "B" + Long.toString(RUN, 36).toUpperCase(java.util.Locale.ROOT) + Long.toString(number, 36);
        String text = "\u000bMSH|^~\\&|BENCH|HOSP|BLOODNET|HOSP|20261123120000||ORM^O01|" + id(number) + "|P|2.3.1\r"
                + "PID|1||B" + number + "^^^HOSP^MR||Bench^Order||19570303|F\r"
                + "PV1|1|O\r"
                + "ORC|NW|P" + number + "^BENCH|" + accession + "^BENCH||||^^^20261123120000^^R\r"
                + "OBR|1|P" + number + "^BENCH|" + accession + "^BENCH|CTHEADWO^CT HEAD WO CONTRAST^L\r"
                + "ZDS|1.2.826.0.1.3680043.10.1389.9." + RUN + "." + number + "^BENCH^Application^DICOM\r\u001c\r";
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
