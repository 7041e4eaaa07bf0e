package io.bloodnet.hl7.mllp;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.audit.testing.RecordingAuditLog;
import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.hl7.Messages;
import io.bloodnet.hl7.RawPeer;
import io.bloodnet.hl7.orderin.OrderReceiver;
import io.bloodnet.imaging.order.IncomingMessage;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderInbox;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The rows of C-MLLP that could fill a heap, against a listener with the default limits in a process of its own with 256 MB: it lives, and
 * the next good message is answered. {@code -Dbloodnet.long=true} makes it 1,000 idle links and 400 MB without an end.
 */
@Timeout(300)
class HostileLinksTest {

    private static final boolean LONG = Boolean.getBoolean("bloodnet.long");
    private static final int IDLE_LINKS = LONG ? 1_000 : 200;
    private static final int ENDLESS_MB = LONG ? 400 : 40;
    private static final int HALF_LINKS = 60;
    private static final int REPLY_MS = 20_000;

    private Process process;
    private int port;

    /** The process: says its port, and ends when its input does. */
    static final class Server {
        public static void main(String[] arguments) throws IOException {
            try (MllpListener listener = new MllpListener(
                    Hl7Config.Listen.plain("127.0.0.1", 0),
                    new OrderReceiver(new Forgetful(), Hl7Config.Site.defaults(), InstantSource.system()),
                    new RecordingAuditLog(),
                    InstantSource.system())) {
                listener.start();
                System.out.println(listener.port());
                System.out.flush();
                while (System.in.read() >= 0) {
                    // until the test is done
                }
            }
        }
    }

    private static final class Forgetful implements OrderInbox {
        @Override
        public Receipt receive(IncomingMessage message, List<OrderEvent> events, OrderEvent.Reply reply) {
            List<OrderEvent.Outcome> outcomes = events.stream()
                    .map(e -> (OrderEvent.Outcome) new OrderEvent.Outcome.Applied("none"))
                    .toList();
            return new Receipt.Recorded(reply.write(outcomes), outcomes);
        }

        @Override
        public void refuse(IncomingMessage message, String reason, String reply) {
            // forgotten too
        }
    }

    @BeforeEach
    void start() throws IOException {
        ProcessBuilder java = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+ExitOnOutOfMemoryError",
                Server.class.getName());
        java.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        process = java.redirectError(ProcessBuilder.Redirect.DISCARD).start();
        BufferedReader said =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        port = Integer.parseInt(said.readLine());
    }

    @AfterEach
    void stop() {
        process.destroy();
    }

    private void stillServes() throws IOException {
        assertThat(process.isAlive()).isTrue();
        try (RawPeer good = new RawPeer(port)) {
            assertThat(RawPeer.msa(good.send(RawPeer.framed(Messages.orm("G"))).reply(REPLY_MS)))
                    .isEqualTo("AA G");
        }
    }

    @Test
    void a_busy_link_is_served_beside_many_idle_ones() throws IOException {
        List<RawPeer> idle = new ArrayList<>();
        try (RawPeer busy = new RawPeer(port)) {
            for (int i = 0; i < IDLE_LINKS; i++) {
                idle.add(new RawPeer(port));
            }
            for (int i = 0; i < 50; i++) {
                assertThat(RawPeer.msa(
                                busy.send(RawPeer.framed(Messages.orm("B" + i))).reply(REPLY_MS)))
                        .isEqualTo("AA B" + i);
            }
            assertThat(RawPeer.msa(idle.getLast()
                            .send(RawPeer.framed(Messages.orm("I")))
                            .reply(REPLY_MS)))
                    .isEqualTo("AA I");
        } finally {
            for (RawPeer link : idle) {
                link.close();
            }
        }
        stillServes();
    }

    @Test
    void a_message_without_an_end_takes_no_more_than_its_limit() throws IOException {
        byte[] megabyte = new byte[1 << 20];
        Arrays.fill(megabyte, (byte) 'A');
        try (RawPeer endless = new RawPeer(port)) {
            endless.send("\u000bMSH|^~\\&|RIS|HOSP|BLOODNET|HOSP|||ORM^O01|1|P|2.5.1\rNTE|1||");
            for (int i = 0; i < ENDLESS_MB; i++) {
                endless.send(megabyte);
            }
        } catch (IOException e) {
            assertThat(e).as("closed while we still wrote").isNotNull();
        }
        stillServes();
    }

    @Test
    void many_half_messages_share_the_room_that_there_is() throws IOException {
        byte[] half = new byte[1_000_000];
        Arrays.fill(half, (byte) 'A');
        List<RawPeer> links = new ArrayList<>();
        try {
            for (int i = 0; i < HALF_LINKS; i++) {
                RawPeer link = new RawPeer(port);
                links.add(link);
                try {
                    link.send("\u000bMSH|^~\\&|").send(half);
                } catch (IOException e) {
                    assertThat(e).as("no room: closed").isNotNull();
                }
            }
            stillServes();
        } finally {
            for (RawPeer link : links) {
                link.close();
            }
        }
    }

    @Test
    void a_million_separators_in_the_largest_message_are_answered() throws IOException {
        String begin = Messages.msh("ORM^O01", "2.5.1", "1") + "\r" + Messages.PID + "\r";
        for (String filling : new String[] {"\r", "|", "^", "~", "&", "\\"}) {
            String message = begin + "NTE|" + filling.repeat((1 << 20) - begin.length() - 10) + "\r";
            try (RawPeer link = new RawPeer(port)) {
                String reply = link.send(RawPeer.framed(message.getBytes(StandardCharsets.US_ASCII)))
                        .reply(REPLY_MS);
                assertThat(RawPeer.msa(reply)).isEqualTo("AR 1");
            }
        }
        stillServes();
    }
}
