package io.bloodnet.fhir;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** The pretend server itself: a test that says "the EHR is away" must be able to rely on it. */
class MiniHttpTest {

    private static final int ROUNDS = 50;
    private static final byte[] REQUEST = "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private static final String ANSWER = "HTTP/1.1 200 x\r\nContent-Length: 0\r\n\r\n";

    /** Has nothing to say. */
    private static final class Brief extends MiniHttp {
        Brief() {
            start();
        }

        @Override
        protected Reply reply(Request request) {
            return new Reply(200, Map.of(), new byte[0]);
        }
    }

    @Test
    void after_close_nothing_is_answered_though_its_threads_hear_of_it_late() throws Exception {
        for (int round = 1; round <= ROUNDS; round++) {
            Brief server = new Brief();
            int port = server.root().getPort();
            AtomicBoolean late = new AtomicBoolean();
            List<Socket> links = new ArrayList<>(List.of(ask(port)));
            assertThat(answer(links.getFirst())).isEqualTo(ANSWER);
            occupyVirtualThreads(late);
            server.close();
            try {
                links.getFirst().getOutputStream().write(REQUEST);
                links.add(ask(port));
            } catch (IOException e) {
                // refused: as it should be
            }
            late.set(true);
            for (Socket link : links) {
                assertThat(answer(link)).as("round %d", round).isEmpty();
                link.close();
            }
        }
    }

    /** So that the threads of the server cannot run until it is late. */
    private static void occupyVirtualThreads(AtomicBoolean late) throws InterruptedException {
        int carriers = Runtime.getRuntime().availableProcessors();
        CountDownLatch busy = new CountDownLatch(carriers);
        for (int i = 0; i < carriers; i++) {
            Thread.ofVirtual().start(() -> {
                busy.countDown();
                while (!late.get()) {
                    Thread.onSpinWait();
                }
            });
        }
        busy.await();
    }

    private static Socket ask(int port) throws IOException {
        Socket link = new Socket(InetAddress.getLoopbackAddress(), port);
        link.setSoTimeout(5_000);
        link.getOutputStream().write(REQUEST);
        return link;
    }

    /** What is answered; nothing when the link was cut. */
    private static String answer(Socket link) {
        try {
            return new String(link.getInputStream().readNBytes(ANSWER.length()), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            return e instanceof java.net.SocketTimeoutException ? "neither answered nor cut" : "";
        }
    }
}
