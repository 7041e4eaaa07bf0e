package io.bloodnet.audit.atna;

import io.bloodnet.audit.store.AuditEntry;
import io.bloodnet.audit.store.FeedPosition;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends every entry to an audit repository: IHE ITI-20, syslog over TLS (RFC 5425), in the order of the log. How far it came is in the
 * database, so that a restart goes on there; of several servers one sends at a time.
 *
 * <p>Syslog knows no acknowledgement. So each connection carries one batch and ends with TLS' close_notify in both directions (RFC 5425
 * 4.4): a receiver answers it when it has read everything before it. One that stops earlier says so before it is asked, or resets the
 * connection. Then the batch is sent again, which a receiver recognizes by the entries' places: nothing is lost, and something may arrive
 * twice. {@link #start} runs it in a thread of its own.
 */
public final class SyslogFeed implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SyslogFeed.class);

    /** Entries that one connection carries. */
    static final int BATCH_MAX = 500;

    private static final Duration LOOK_INTERVAL = Duration.ofSeconds(1);
    private static final Duration PAUSE_MAX = Duration.ofSeconds(60);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    /** A batch takes no longer: then its connection is cut. Less than the database lets us hold our position. */
    private static final Duration SEND_MAX = Duration.ofSeconds(60);
    /** After a batch: long enough for it to be at the receiver. */
    private static final Duration SILENCE = Duration.ofMillis(200);

    private final DataSource database;
    private final Receiver receiver;
    private final String host;
    private final Duration timeout;
    private final Duration sendMax;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread = Thread.ofVirtual().name("audit-syslog").unstarted(this::run);

    private volatile FeedStatus status;

    /** Where to: an audit repository and the certificates of both sides. */
    public record Receiver(String host, int port, SSLContext tls) {
        /** The name of its row in the database, and of its line on the integrity page. */
        public String name() {
            return "syslog " + host + ":" + port;
        }
    }

    /** How far it is: entries before {@code next} have arrived; {@code problem} is absent when all is well. */
    public record FeedStatus(
            String name, long next, @Nullable String problem) {}

    /** @param host this machine's name, for the messages */
    public SyslogFeed(DataSource database, Receiver receiver, String host) {
        this(database, receiver, host, TIMEOUT, SEND_MAX);
    }

    /**
     * @param timeout for connecting, and for each read
     * @param sendMax for a batch with its connection, from the first to the last byte
     */
    SyslogFeed(DataSource database, Receiver receiver, String host, Duration timeout, Duration sendMax) {
        this.timeout = timeout;
        this.sendMax = sendMax;
        this.database = database;
        this.receiver = receiver;
        this.host = host;
        this.status = new FeedStatus(receiver.name(), 0, null);
    }

    /** Sends until closed. */
    public SyslogFeed start() {
        thread.start();
        return this;
    }

    public FeedStatus status() {
        return status;
    }

    private void run() {
        Duration pause = LOOK_INTERVAL;
        while (true) {
            try {
                while (sendOnce() == BATCH_MAX && closing.getCount() > 0) {
                    LOG.debug("audit syslog sent a full batch, next: the following entries");
                }
                pause = LOOK_INTERVAL;
            } catch (IOException | SQLException | RuntimeException e) {
                if (status.problem() == null) {
                    LOG.warn("audit syslog: the receiver takes no entries; trying again, entries wait in the log", e);
                }
                status = new FeedStatus(receiver.name(), status.next(), "away");
                pause = pause.multipliedBy(2).compareTo(PAUSE_MAX) < 0 ? pause.multipliedBy(2) : PAUSE_MAX;
            }
            try {
                if (closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /**
     * Sends the next entries over one connection and remembers that they arrived.
     *
     * @return how many; 0 when there are none, or another server is sending
     * @throws IOException the receiver did not take them all; the same are sent next time
     */
    public int sendOnce() throws IOException, SQLException {
        try (FeedPosition position = FeedPosition.take(database, receiver.name())) {
            if (!position.isOurs()) {
                return 0;
            }
            List<AuditEntry> entries = position.entries(BATCH_MAX);
            if (!entries.isEmpty()) {
                send(position.origin(), entries);
                position.moveTo(entries.getLast().seq() + 1);
            }
            if (status.problem() != null) {
                LOG.info("audit syslog works again, next: entry {}", position.next());
            }
            status = new FeedStatus(receiver.name(), position.next(), null);
            return entries.size();
        }
    }

    private void send(String origin, List<AuditEntry> entries) throws IOException {
        CountDownLatch sent = new CountDownLatch(1);
        try (Socket plain = new Socket()) {
            // A receiver that reads nothing blocks our writes, which know no timeout.
            Thread.ofVirtual().name("audit-syslog-deadline").start(() -> cutUnless(sent, plain));
            plain.connect(new InetSocketAddress(receiver.host(), receiver.port()), (int) timeout.toMillis());
            plain.setSoTimeout((int) timeout.toMillis());
            SSLSocket socket = secured(plain);
            OutputStream out = new BufferedOutputStream(socket.getOutputStream(), SyslogFrame.BYTES_MAX);
            for (AuditEntry entry : entries) {
                out.write(SyslogFrame.of(origin, host, entry));
            }
            out.flush();
            requireSilence(socket);
            socket.shutdownOutput();
            requireEnd(socket.getInputStream());
            // Below TLS: a receiver that closed with something unread resets the connection instead of ending it.
            requireEnd(plain.getInputStream());
        } finally {
            sent.countDown();
        }
    }

    private void cutUnless(CountDownLatch sent, Socket plain) {
        try {
            if (!sent.await(sendMax.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("audit syslog: a batch takes longer than {} s, its connection is cut", sendMax.toSeconds());
                plain.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.debug("closing the connection of a slow batch failed", e);
        }
    }

    /** A receiver that stops in the midst of a batch says so unasked. */
    private void requireSilence(SSLSocket socket) throws IOException {
        socket.setSoTimeout((int) SILENCE.toMillis());
        try {
            int said = socket.getInputStream().read();
            throw new IOException(said < 0 ? "the receiver ended the connection" : "the receiver is not silent");
        } catch (SocketTimeoutException e) {
            socket.setSoTimeout((int) timeout.toMillis());
        }
    }

    private static void requireEnd(InputStream in) throws IOException {
        if (in.read() >= 0) {
            throw new IOException("the receiver is not silent");
        }
    }

    private SSLSocket secured(Socket plain) throws IOException {
        SSLSocket socket = (SSLSocket)
                receiver.tls().getSocketFactory().createSocket(plain, receiver.host(), receiver.port(), false);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    /** Ends after the batch in hand. */
    @Override
    public void close() {
        closing.countDown();
        try {
            thread.join(TIMEOUT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
