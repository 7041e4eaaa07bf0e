package io.bloodnet.hl7.mllp;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.audit.testing.DrippingHandshake;
import io.bloodnet.audit.testing.PeerTrouble;
import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.imaging.peer.TlsFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The sender of results before a receiver in each kind of trouble: it gives up in time, and goes on when the receiver is back. */
class MllpClientWeatherTest {

    private static final Duration CONNECT = Duration.ofSeconds(1);
    private static final Duration ACK = Duration.ofMillis(1_500);
    private static final Duration LATE = Duration.ofMillis(1_500);
    private static final byte[] MESSAGE =
            "MSH|^~\\&|A|B|C|D|20260301||ORU^R01|id-1|P|2.5.1\r".getBytes(StandardCharsets.UTF_8);

    private ServerSocket receiver;
    /** In place of an acknowledgement: message after message that acknowledges something else, each a byte at a time. */
    private final AtomicBoolean babbles = new AtomicBoolean();

    @BeforeEach
    void listen() throws IOException {
        receiver = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(() -> {
            while (!receiver.isClosed()) {
                try {
                    Socket link = receiver.accept();
                    Thread.ofVirtual().start(() -> serve(link));
                } catch (IOException e) {
                    return; // closed
                }
            }
        });
    }

    @AfterEach
    void close() throws IOException {
        receiver.close();
    }

    private void serve(Socket link) {
        try (link;
                InputStream in = link.getInputStream();
                OutputStream out = link.getOutputStream()) {
            for (int b = in.read(); b >= 0; b = in.read()) {
                if (b != Frame.END) {
                    continue;
                }
                while (babbles.get()) {
                    for (byte piece : ack("another")) {
                        out.write(piece);
                        Thread.sleep(10);
                    }
                }
                out.write(ack("id-1"));
            }
        } catch (IOException e) {
            // the client left
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static byte[] ack(String id) {
        return Frame.around(
                ("MSH|^~\\&|C|D|A|B|20260301||ACK|x|P|2.5.1\rMSA|AA|" + id + "\r").getBytes(StandardCharsets.UTF_8));
    }

    private static MllpClient client(int port, Hl7Config.AckMode mode, TlsFiles tls) {
        return new MllpClient(new Hl7Config.Results("localhost", port, "EHR", "HOSP", CONNECT, ACK, mode, tls, false));
    }

    @Test
    void a_receiver_in_trouble_is_given_up_in_time_and_found_again() throws Exception {
        assertThat(PeerTrouble.table(List.of(new PeerTrouble.Peer(
                        "mllp", receiver.getLocalPort(), CONNECT.plus(ACK), port -> {
                            MllpClient client = client(port, Hl7Config.AckMode.ORIGINAL, null);
                            return () -> client.send(MESSAGE, "id-1") instanceof MllpClient.Answer.Acknowledged;
                        }))))
                .isEmpty();
    }

    @Test
    void a_receiver_that_answers_something_else_for_ever_is_given_up_in_time() {
        babbles.set(true);
        try (MllpClient client = client(receiver.getLocalPort(), Hl7Config.AckMode.ORIGINAL, null)) {
            assertThat(took(client)).isLessThan(ACK.plus(LATE));
        }
        babbles.set(false);
    }

    @Test
    void callers_wait_for_each_other_no_longer_than_for_the_receiver() throws Exception {
        babbles.set(true);
        try (MllpClient client = client(receiver.getLocalPort(), Hl7Config.AckMode.ORIGINAL, null)) {
            List<Thread> callers = List.of(
                    Thread.ofVirtual().unstarted(() -> took(client)),
                    Thread.ofVirtual().unstarted(() -> took(client)),
                    Thread.ofVirtual().unstarted(() -> took(client)));
            callers.forEach(Thread::start);
            for (Thread caller : callers) {
                assertThat(caller.join(CONNECT.plus(ACK.multipliedBy(4)))).isTrue();
            }
        }
        babbles.set(false);
    }

    @Test
    void a_handshake_that_drips_ends_with_the_connect_timeout(@TempDir Path folder) throws Exception {
        try (DrippingHandshake dripping = new DrippingHandshake();
                MllpClient client = client(dripping.port(), Hl7Config.AckMode.ORIGINAL, tls(folder))) {
            assertThat(took(client)).isLessThan(CONNECT.plus(LATE));
        }
    }

    /** An empty key store and trust in nobody: no handshake gets so far that this matters. */
    private static TlsFiles tls(Path folder) throws Exception {
        Path password = Files.writeString(folder.resolve("password"), "changeit\n");
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        Path file = folder.resolve("store.p12");
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, "changeit".toCharArray());
        }
        return new TlsFiles(file, password, file, password);
    }

    private static Duration took(MllpClient client) {
        long began = System.nanoTime();
        assertThat(client.send(MESSAGE, "id-1")).isInstanceOf(MllpClient.Answer.Failed.class);
        return Duration.ofNanos(System.nanoTime() - began);
    }
}
