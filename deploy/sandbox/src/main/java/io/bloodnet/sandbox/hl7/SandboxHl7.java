package io.bloodnet.sandbox.hl7;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pretend hospital's HL7 v2 receiver: takes results over MLLP, remembers and acknowledges them, and misbehaves when told to. Loopback
 * only. One virtual thread per connection; all methods are safe for many threads. An independent peer: it shares no code with the product.
 */
public final class SandboxHl7 implements AutoCloseable {

    /** Messages remembered; older ones are forgotten. */
    public static final int MESSAGES_MAX = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger(SandboxHl7.class);
    private static final int BACKLOG = 128;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss").withZone(ZoneOffset.UTC);

    private final ServerSocket listener;
    private final InstantSource clock;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Object lock = new Object();
    private final Deque<ReceivedMessage> received = new ArrayDeque<>();
    private final Deque<AckMode> next = new ArrayDeque<>();
    private AckMode usual = AckMode.ACCEPT;
    private Duration lateBy = Duration.ofSeconds(2);
    private long acks;

    /**
     * Listens at once.
     *
     * @param port TCP port on loopback; 0 takes any free one
     */
    public SandboxHl7(int port, InstantSource clock) {
        this.clock = clock;
        try {
            listener = new ServerSocket(port, BACKLOG, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException("HL7 receiver cannot listen on port " + port, e);
        }
        Thread.ofVirtual().name("sandbox-hl7-accept").start(this::accept);
    }

    /** The port in use. */
    public int port() {
        return listener.getLocalPort();
    }

    /** How each message is treated from now on, unless {@link #answerNext} says otherwise. */
    public void answer(AckMode mode) {
        synchronized (lock) {
            usual = mode;
        }
    }

    /** How the next messages are treated, one mode each. */
    public void answerNext(AckMode... modes) {
        synchronized (lock) {
            next.addAll(List.of(modes));
        }
    }

    /** How late {@link AckMode#LATE} is. */
    public void lateBy(Duration delay) {
        synchronized (lock) {
            lateBy = delay;
        }
    }

    /** The messages taken so far, oldest first. */
    public List<ReceivedMessage> received() {
        synchronized (lock) {
            return List.copyOf(received);
        }
    }

    /**
     * Waits until messages that fit are there.
     *
     * @param count how many
     * @param limit how long to wait at most
     * @return those there are, fewer than {@code count} when the time is over
     */
    public List<ReceivedMessage> await(int count, Predicate<ReceivedMessage> wanted, Duration limit)
            throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        synchronized (lock) {
            while (true) {
                List<ReceivedMessage> fitting = received.stream().filter(wanted).toList();
                long leftMs = (end - System.nanoTime()) / 1_000_000;
                if (fitting.size() >= count || leftMs <= 0) {
                    return fitting;
                }
                lock.wait(leftMs);
            }
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                open.add(socket);
                if (closing.getCount() == 0) { // accept() may still give one after close(), which did not see it
                    closeQuietly(socket);
                    return;
                }
                Thread.ofVirtual().name("sandbox-hl7-link").start(() -> serve(socket));
            } catch (IOException e) {
                if (!listener.isClosed()) {
                    LOG.warn("sandbox HL7 receiver: accept failed, goes on: {}", e.getMessage());
                }
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            MllpStream frames = new MllpStream(socket);
            boolean goOn = true;
            while (goOn) {
                String text = frames.read();
                goOn = text != null && treat(new ReceivedMessage(text), frames);
            }
        } catch (IOException e) {
            LOG.debug("sandbox HL7 receiver: link ends: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(socket);
        }
    }

    /** @return whether the connection stays open */
    private boolean treat(ReceivedMessage message, MllpStream frames) throws IOException, InterruptedException {
        AckMode mode = takeMode();
        switch (mode) {
            case ACCEPT -> {
                keep(message);
                frames.write(ack(message, good(message), message.controlId()));
            }
            case ERROR -> frames.write(ack(message, "AE", message.controlId()));
            case REJECT -> frames.write(ack(message, "AR", message.controlId()));
            case SILENT -> keep(message);
            case LATE -> {
                keep(message);
                if (closing.await(delayMs(), TimeUnit.MILLISECONDS)) {
                    return false;
                }
                frames.write(ack(message, good(message), message.controlId()));
            }
            case WRONG_CONTROL_ID -> {
                keep(message);
                frames.write(ack(message, good(message), "NOT-" + message.controlId()));
            }
            case CLOSE_AFTER -> keep(message);
            case CLOSE_BEFORE -> LOG.debug("sandbox HL7 receiver: cuts the link as told");
        }
        return mode != AckMode.CLOSE_AFTER && mode != AckMode.CLOSE_BEFORE;
    }

    /** CA where the sender asked for a commit acknowledgement (HL7 v2.5.1 2.9.3), else AA. */
    private static String good(ReceivedMessage message) {
        String wanted = message.first("MSH", 15);
        return wanted.equals("AL") || wanted.equals("SU") ? "CA" : "AA";
    }

    private AckMode takeMode() {
        synchronized (lock) {
            AckMode told = next.poll();
            return told == null ? usual : told;
        }
    }

    private long delayMs() {
        synchronized (lock) {
            return lateBy.toMillis();
        }
    }

    private void keep(ReceivedMessage message) {
        synchronized (lock) {
            if (received.size() == MESSAGES_MAX) {
                received.removeFirst();
            }
            received.addLast(message);
            lock.notifyAll();
        }
    }

    private String ack(ReceivedMessage message, String code, String about) {
        long number;
        synchronized (lock) {
            number = ++acks;
        }
        String event = message.type().contains("^") ? message.type().split("\\^", -1)[1] : "R01";
        return "MSH|^~\\&|SANDBOX|HOSP|" + message.first("MSH", 3) + "|" + message.first("MSH", 4) + "|"
                + TIME.format(clock.instant()) + "||ACK^" + event + "^ACK|SBX" + number + "|P|2.5.1\rMSA|" + code + "|"
                + about + "\r";
    }

    /** Stops listening and cuts all connections. */
    @Override
    public void close() {
        closing.countDown();
        closeQuietly(listener);
        open.forEach(SandboxHl7::closeQuietly);
    }

    private static void closeQuietly(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            LOG.debug("sandbox HL7 receiver: close failed: {}", e.getMessage());
        }
    }
}
