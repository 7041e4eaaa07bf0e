package io.bloodnet.audit.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bloodnet.audit.testing.FaultProxy.Weather;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a server that says back what it is told. */
class FaultProxyTest {

    private static final int SOON_MS = 5_000;
    private static final int NOT_NOW_MS = 150;

    private ServerSocket echo;
    private FaultProxy proxy;
    private Socket client;

    @BeforeEach
    void connect() throws IOException {
        echo = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::serve);
        proxy = new FaultProxy(echo.getLocalPort());
        client = dial();
        assertThat(says("fair")).isEqualTo("fair");
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        proxy.close();
        echo.close();
    }

    @Test
    void frozen_bytes_arrive_when_it_thaws() throws IOException {
        proxy.set(new Weather.Frozen());
        send("later");
        assertNothingComes(client);
        assertThat(proxy.bytesToTarget()).as("only what was said before").isEqualTo(4);
        proxy.set(new Weather.Fair());
        assertThat(read(5)).isEqualTo("later");
    }

    @Test
    void what_a_black_hole_swallowed_never_arrives() throws IOException {
        proxy.set(new Weather.Blackhole());
        send("gone");
        assertNothingComes(client);
        proxy.set(new Weather.Fair());
        assertThat(says("here")).isEqualTo("here");
    }

    @Test
    void in_frozen_weather_and_in_a_black_hole_new_connections_are_accepted_and_hear_nothing() throws IOException {
        for (Weather weather : new Weather[] {new Weather.Frozen(), new Weather.Blackhole()}) {
            proxy.set(weather);
            try (Socket another = dial()) {
                another.getOutputStream().write('x');
                assertNothingComes(another);
            }
        }
    }

    @Test
    void a_reset_is_seen_by_open_connections_and_by_new_ones() throws IOException {
        proxy.set(new Weather.Reset());
        assertThatThrownBy(() -> read(1)).isInstanceOf(SocketException.class);
        assertThatThrownBy(() -> {
                    try (Socket another = dial()) {
                        another.getInputStream().read();
                    }
                })
                .isInstanceOf(SocketException.class);
    }

    @Test
    void an_answer_is_cut_after_so_many_bytes() throws IOException {
        proxy.set(new Weather.Cut(3));
        send("whole answer");
        assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                .isEqualTo("who");
    }

    @Test
    void slow_and_dripping_answers_arrive_late_and_whole() throws IOException {
        proxy.set(new Weather.Slow(Duration.ofMillis(60)));
        long begin = System.nanoTime();
        assertThat(says("slow")).isEqualTo("slow");
        assertThat(System.nanoTime() - begin)
                .isGreaterThanOrEqualTo(Duration.ofMillis(120).toNanos());
        proxy.set(new Weather.Drip(100));
        begin = System.nanoTime();
        assertThat(says("dripping")).isEqualTo("dripping");
        assertThat(System.nanoTime() - begin)
                .isGreaterThanOrEqualTo(Duration.ofMillis(80).toNanos());
    }

    private void serve() {
        while (!echo.isClosed()) {
            try {
                Socket socket = echo.accept();
                Thread.ofVirtual().start(() -> {
                    try (socket) {
                        socket.getInputStream().transferTo(socket.getOutputStream());
                    } catch (IOException e) {
                        // the test cut it
                    }
                });
            } catch (IOException e) {
                return;
            }
        }
    }

    private Socket dial() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        socket.setSoTimeout(SOON_MS);
        return socket;
    }

    private String says(String words) throws IOException {
        send(words);
        return read(words.length());
    }

    private void send(String words) throws IOException {
        client.getOutputStream().write(words.getBytes(StandardCharsets.US_ASCII));
    }

    private String read(int bytes) throws IOException {
        return new String(client.getInputStream().readNBytes(bytes), StandardCharsets.US_ASCII);
    }

    private static void assertNothingComes(Socket socket) throws IOException {
        socket.setSoTimeout(NOT_NOW_MS);
        assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        socket.setSoTimeout(SOON_MS);
    }
}
