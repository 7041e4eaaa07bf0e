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
    private @Nullable Socket socket;
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
     * Sends a message and waits for what {@link Hl7Config.Results#mode} asks for. Takes at most the connect timeout and two times the
     * acknowledgement timeout, and as long for each caller that waits before.
     *
     * @param message without its frame
     * @param controlId its MSH-10
     */
    public Answer send(byte[] message, String controlId) {
        oneAtATime.lock();
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
        Socket open = socket;
        if (open != null) {
            closeQuietly(open); // not under the lock: whoever waits for an acknowledgement fails at once
        }
    }

    private Answer sendAlone(byte[] message, String controlId) {
        dropStale();
        Failure failure = connect();
        if (failure != null) {
            return new Answer.Failed(failure);
        }
        return write(message) ? answer(controlId) : new Answer.Failed(Failure.LINK_BROKEN);
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

    private Answer answer(String controlId) {
        Answer first = await(controlId);
        boolean more = config.mode() == Hl7Config.AckMode.APPLICATION
                && first instanceof Answer.Acknowledged(String code, String _, String _)
                && code.equals("CA");
        return more ? await(controlId) : first;
    }

    private Answer await(String controlId) {
        FrameReader from = reader;
        if (from == null) {
            return new Answer.Failed(Failure.LINK_BROKEN);
        }
        long deadline = System.nanoTime() + config.ackTimeout().toNanos();
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
        Socket plain = new Socket();
        try {
            plain.setTcpNoDelay(true);
            plain.connect(new InetSocketAddress(config.host(), config.port()), (int)
                    config.connectTimeout().toMillis());
            Socket talking = plain;
            if (tls != null) {
                SSLSocket secured = tls.client(plain, config.host());
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
            closeQuietly(plain);
            return Failure.TLS;
        } catch (IOException e) {
            closeQuietly(plain);
            return Failure.CONNECT;
        }
    }

    private boolean write(byte[] message) {
        Socket open = socket;
        if (open == null) {
            return false;
        }
        // A receiver that reads nothing would block the write for ever: the socket is closed under it.
        Thread watch = Thread.ofVirtual().name("mllp-write-watch").start(() -> {
            try {
                TimeUnit.NANOSECONDS.sleep(config.ackTimeout().toNanos());
                closeQuietly(open);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // written in time
            }
        });
        try {
            open.getOutputStream().write(Frame.around(message));
            return true;
        } catch (IOException e) {
            return false;
        } finally {
            watch.interrupt();
        }
    }

    private void disconnect() {
        Socket open = socket;
        socket = null;
        reader = null;
        if (open != null) {
            closeQuietly(open);
        }
    }

    private static void closeQuietly(Socket open) {
        try {
            open.close();
        } catch (IOException e) {
            // nothing is left to be done with it
        }
    }
}
