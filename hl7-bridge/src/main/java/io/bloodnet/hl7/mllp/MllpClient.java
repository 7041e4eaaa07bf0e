package io.bloodnet.hl7.mllp;

import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.hl7.er7.CharacterSets;
import io.bloodnet.hl7.er7.Delimiters;
import io.bloodnet.hl7.er7.Er7Message;
import io.bloodnet.hl7.er7.Er7Segment;
import io.bloodnet.hl7.er7.MessageRefusedException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One link to one receiver, with one message under way at a time. The link is opened when it is needed and kept; after anything but a
 * clean acknowledgement it is closed, so that an acknowledgement that comes late dies with its link. Only an acknowledgement whose MSA-2 is
 * the message's own MSH-10 counts. Safe for many threads: they wait for each other.
 */
public final class MllpClient implements AutoCloseable {

    /** Frames that are not the acknowledgement and are passed over, for one message. */
    static final int OTHER_FRAMES_MAX = 100;
    /** An acknowledgement has some hundred bytes. */
    private static final int ACK_BYTES_MAX = 64 << 10;

    private static final Logger LOG = LoggerFactory.getLogger(MllpClient.class);

    private final Hl7Config.Results config;
    private final @Nullable TlsLinks tls;
    private final ReentrantLock oneAtATime = new ReentrantLock(true);
    /** What is talked over: the plain link, or TLS on it. */
    private @Nullable Socket socket;
    /** The link below. It is what is closed: closing TLS would say goodbye first, and block behind whoever writes to a peer that reads nothing. */
    private volatile @Nullable Socket plain;

    private @Nullable FrameReader reader;
    private boolean lineFeedsNoted;

    /**
     * Does no I/O but reading the TLS stores.
     *
     * @throws IllegalArgumentException when a TLS store cannot be read
     */
    public MllpClient(Hl7Config.Results config) {
        this.config = config;
        this.tls = config.tls() == null ? null : TlsLinks.of(config.tls());
    }

    /** What became of a message. */
    public sealed interface Answer {
        /**
         * Acknowledged.
         *
         * @param code MSA-1
         * @param errorCode ERR-3.1 or ERR-1.4.1, empty when there is none
         * @param text the whole acknowledgement; it may name the patient
         */
        record Acknowledged(String code, String errorCode, String text) implements Answer {}

        /** No acknowledgement of this message; whether the receiver has it is not known. */
        record Failed(Failure why) implements Answer {}
    }

    /** Why there is no acknowledgement. */
    public enum Failure {
        /** Nobody listens there. */
        CONNECT,
        /** Certificates or protocol do not fit. */
        TLS,
        /** The link broke. */
        LINK_BROKEN,
        /** Nothing came in time. */
        ACK_TIMEOUT,
        /** Something came that acknowledges another message, or nothing at all. */
        WRONG_ACK
    }

    /**
     * Sends a message and waits for what {@link Hl7Config.Results#mode} asks for. Until the link stands, with TLS, it takes at most the
     * connect timeout, from then to each acknowledgement at most the acknowledgement timeout, however the receiver drips; a caller waits no
     * longer than that for those before it.
     *
     * @param message without its frame
     * @param controlId its MSH-10
     */
    public Answer send(byte[] message, String controlId) {
        if (!isMyTurn()) {
            return new Answer.Failed(Failure.ACK_TIMEOUT);
        }
        try {
            Answer answer = sendAlone(message, controlId);
            if (answer instanceof Answer.Failed) {
                disconnect();
            }
            return answer;
        } finally {
            oneAtATime.unlock();
        }
    }

    /** Closes the link; the next message opens it again. */
    @Override
    public void close() {
        closeQuietly(plain); // not under the lock: whoever waits for an acknowledgement fails at once
    }

    private boolean isMyTurn() {
        Duration whole = config.connectTimeout().plus(config.ackTimeout().multipliedBy(2));
        try {
            return oneAtATime.tryLock(whole.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Answer sendAlone(byte[] message, String controlId) {
        Failure failure = connected();
        if (failure != null) {
            return new Answer.Failed(failure);
        }
        Answer first;
        try (Cut cut = new Cut(config.ackTimeout())) {
            long deadline = System.nanoTime() + config.ackTimeout().toNanos();
            first = write(message) ? await(controlId, deadline) : new Answer.Failed(Failure.LINK_BROKEN);
            first = cut.made() ? new Answer.Failed(Failure.ACK_TIMEOUT) : first;
        }
        boolean more = config.mode() == Hl7Config.AckMode.APPLICATION
                && first instanceof Answer.Acknowledged(String code, String _, String _)
                && code.equals("CA");
        if (!more) {
            return first;
        }
        try (Cut cut = new Cut(config.ackTimeout())) {
            Answer second =
                    await(controlId, System.nanoTime() + config.ackTimeout().toNanos());
            return cut.made() ? new Answer.Failed(Failure.ACK_TIMEOUT) : second;
        }
    }

    private @Nullable Failure connected() {
        try (Cut cut = new Cut(config.connectTimeout())) {
            dropStale();
            Failure failure = connect(); // a handshake that drips knows no timeout of its own
            return cut.made() ? Failure.CONNECT : failure;
        }
    }

    /**
     * Closes the link when a step takes too long: timeouts of a socket hold for one read each, and for no write. A little later than they,
     * which tell more exactly what went wrong.
     */
    private final class Cut implements AutoCloseable {
        private static final Duration GRACE = Duration.ofMillis(250);
        private final AtomicBoolean over = new AtomicBoolean();
        private volatile boolean made;
        private final Thread thread;

        Cut(Duration limit) {
            thread = Thread.ofVirtual().name("mllp-cut").start(() -> cutAfter(limit.plus(GRACE)));
        }

        private void cutAfter(Duration time) {
            try {
                Thread.sleep(time);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // it ended in time
                return;
            }
            if (over.compareAndSet(false, true)) {
                made = true;
                closeQuietly(plain);
            }
        }

        /** Whether the link was closed under the step; from now on it is not. */
        boolean made() {
            return !over.compareAndSet(false, true) && made;
        }

        @Override
        public void close() {
            over.set(true);
            thread.interrupt();
        }
    }

    /** Closes a kept link that the receiver has closed, or on which something waits that cannot belong to the next message. */
    private void dropStale() {
        Socket open = socket;
        if (open == null) {
            return;
        }
        if (reader == null || reader.holdsMore()) {
            disconnect();
            return;
        }
        try {
            open.setSoTimeout(1);
            open.getInputStream().read();
            disconnect();
        } catch (SocketTimeoutException e) {
            // quiet, as a link between two messages should be
        } catch (IOException e) {
            disconnect();
        }
    }

    private Answer await(String controlId, long deadline) {
        FrameReader from = reader;
        if (from == null) {
            return new Answer.Failed(Failure.LINK_BROKEN);
        }
        try {
            for (int others = 0; others < OTHER_FRAMES_MAX; others++) {
                from.waitAtMost(Duration.ofNanos(deadline - System.nanoTime()));
                switch (from.next()) {
                    case Frame.Message(byte[] bytes) -> {
                        Optional<Answer> answer = read(bytes, controlId);
                        if (answer.isPresent()) {
                            return answer.get();
                        }
                    }
                    case Frame.Closed() -> {
                        return new Answer.Failed(others > 0 ? Failure.WRONG_ACK : Failure.LINK_BROKEN);
                    }
                    case Frame.Idle() -> {
                        return new Answer.Failed(others > 0 ? Failure.WRONG_ACK : Failure.ACK_TIMEOUT);
                    }
                    case Frame.Fault(FrameFault fault, byte[] _) -> {
                        return new Answer.Failed(
                                fault == FrameFault.TOO_SLOW ? Failure.ACK_TIMEOUT : Failure.WRONG_ACK);
                    }
                }
            }
            return new Answer.Failed(Failure.WRONG_ACK);
        } catch (IOException e) {
            return new Answer.Failed(Failure.LINK_BROKEN);
        }
    }

    /** Some receivers end the segments of an acknowledgement with LF or CR LF. What is meant is clear, so that it is taken, and noted. */
    private String withCarriageReturns(String text) {
        if (text.indexOf('\n') < 0) {
            return text;
        }
        if (!lineFeedsNoted) {
            lineFeedsNoted = true;
            LOG.warn("hl7 receiver ends segments of its acknowledgements with LF, HL7 asks for CR, next: taking them");
        }
        return text.replace("\r\n", "\r").replace('\n', '\r');
    }

    /** Empty when it acknowledges something else. */
    private Optional<Answer> read(byte[] bytes, String controlId) {
        try {
            String text = withCarriageReturns(CharacterSets.decode(bytes, StandardCharsets.UTF_8)
                    .orElseGet(() -> new String(bytes, StandardCharsets.ISO_8859_1)));
            Er7Message ack = Er7Message.parse(text, Delimiters.of(text));
            Optional<Er7Segment> msa = ack.first("MSA").filter(s -> s.text(2).equals(controlId));
            String error = ack.first("ERR")
                    .map(s -> s.text(3).isEmpty() ? s.text(1, 0, 4, 1) : s.text(3))
                    .orElse("");
            return msa.map(s -> new Answer.Acknowledged(s.text(1), error, text));
        } catch (MessageRefusedException e) {
            return Optional.empty();
        }
    }

    private @Nullable Failure connect() {
        if (socket != null) {
            return null;
        }
        Socket dialled = new Socket();
        plain = dialled;
        try {
            dialled.setTcpNoDelay(true);
            dialled.connect(new InetSocketAddress(config.host(), config.port()), (int)
                    config.connectTimeout().toMillis());
            Socket talking = dialled;
            if (tls != null) {
                SSLSocket secured = tls.client(dialled, config.host());
                secured.setSoTimeout((int) config.connectTimeout().toMillis());
                secured.startHandshake();
                TlsLinks.peer(secured); // its dates
                talking = secured;
            }
            reader = new FrameReader(
                    talking,
                    new FrameBudget(ACK_BYTES_MAX),
                    ACK_BYTES_MAX,
                    ACK_BYTES_MAX,
                    config.ackTimeout(),
                    config.ackTimeout(),
                    null);
            socket = talking;
            return null;
        } catch (SSLException e) {
            closeQuietly(dialled);
            return Failure.TLS;
        } catch (IOException e) {
            closeQuietly(dialled);
            return Failure.CONNECT;
        }
    }

    private boolean write(byte[] message) {
        Socket open = socket;
        if (open == null) {
            return false;
        }
        try {
            open.getOutputStream().write(Frame.around(message));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private void disconnect() {
        socket = null;
        reader = null;
        closeQuietly(plain);
    }

    private static void closeQuietly(@Nullable Socket open) {
        try {
            if (open != null) {
                open.close();
            }
        } catch (IOException e) {
            // nothing is left to be done with it
        }
    }
}
