package io.bloodnet.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that never finish their request's head, over real sockets: they are cut off, and the others are served meanwhile. */
class HeadTimeTest {

    private static final Duration MAX = Duration.ofSeconds(2);
    private static final String GOOD = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final int SLOW_CLIENTS = 200;

    private final HeadTime time = new HeadTime(MAX, MAX);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private WebServer server;

    @BeforeEach
    void start() {
        server = time.on(WebServer.builder())
                .host("127.0.0.1")
                .shutdownHook(false)
                .routing(routing -> routing.get("/", (request, response) -> response.send("served"))
                        .get("/long", (request, response) -> {
                            goOn.await();
                            response.send("served late");
                        }))
                .build()
                .start();
    }

    @AfterEach
    void stop() {
        server.stop();
        time.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "GE", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: h\r\nX-A: ", GOOD + "GET / HTTP/1.1\r\n"
            })
    void a_head_that_stops_is_given_up(String begin) throws IOException {
        try (Socket socket = open(begin)) {
            socket.setSoTimeout(20_000);
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            assertThat(answer).as("at most the finished request is served").matches(served(begin));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET /", "GET / HTTP/1.1\r\nHost: h\r\nX-A: ", GOOD + "GET / HTTP/1.1\r\nX-A: "})
    void a_head_that_trickles_is_given_up_and_others_are_served_meanwhile(String begin) throws IOException {
        try (Socket socket = open(begin)) {
            socket.setSoTimeout(100);
            long start = System.nanoTime();
            while (trickles(socket)) {
                assertThat(answerTo(GOOD)).contains("served");
                assertThat(Duration.ofNanos(System.nanoTime() - start))
                        .as("still taken")
                        .isLessThan(Duration.ofSeconds(20));
            }
        }
    }

    @Test
    void many_slow_clients_at_once_are_given_up_and_others_are_served_meanwhile() throws IOException {
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < SLOW_CLIENTS; i++) {
                slow.add(open("GET / HTTP/1.1\r\nX-" + i + ": "));
            }
            assertThat(answerTo(GOOD)).contains("served");
            for (Socket socket : slow) {
                socket.setSoTimeout(20_000);
                assertThat(socket.getInputStream().read()).isEqualTo(-1);
            }
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    /** Requests in less than the time each, though together they take longer. */
    @Test
    void a_connection_that_is_used_stays() throws IOException {
        try (Socket socket = open("")) {
            socket.setSoTimeout(100);
            long start = System.nanoTime();
            while (System.nanoTime() - start < MAX.multipliedBy(2).toNanos()) {
                socket.getOutputStream().write(GOOD.getBytes(StandardCharsets.ISO_8859_1));
                assertThat(readSome(socket)).contains("served");
            }
        }
    }

    /** As the worklist's events, which stay open for hours. */
    @Test
    void an_answer_that_takes_longer_is_not_cut_off() throws IOException {
        try (Socket socket = open("GET /long HTTP/1.1\r\nHost: h\r\n\r\n")) {
            socket.setSoTimeout((int) MAX.multipliedBy(2).toMillis());
            assertThat(readSome(socket)).as("nothing yet, and not closed").isEmpty();
            goOn.countDown();
            assertThat(readSome(socket)).startsWith("HTTP/1.1 200").contains("served late");
        }
    }

    private static String served(String begin) {
        return begin.startsWith(GOOD) ? "(?s)HTTP/1\\.1 200 .*served" : "";
    }

    /** One byte more; false when the server has closed. */
    private static boolean trickles(Socket socket) throws IOException {
        try {
            socket.getOutputStream().write('b');
            int read = socket.getInputStream().read();
            while (read >= 0) { // the answer to a finished request before
                read = socket.getInputStream().read();
            }
            return false;
        } catch (SocketTimeoutException e) {
            return true;
        } catch (SocketException e) {
            return false;
        }
    }

    private static String readSome(Socket socket) throws IOException {
        StringBuilder answer = new StringBuilder();
        try {
            for (int read = socket.getInputStream().read();
                    read >= 0;
                    read = socket.getInputStream().read()) {
                answer.append((char) read);
            }
            return answer + " and closed";
        } catch (SocketTimeoutException e) {
            return answer.toString();
        }
    }

    private Socket open(String begin) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        socket.getOutputStream().write(begin.getBytes(StandardCharsets.ISO_8859_1));
        return socket;
    }

    private String answerTo(String request) throws IOException {
        try (Socket socket = open(request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"))) {
            socket.setSoTimeout(5_000);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }
}
