package io.bloodnet.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The watchers' own listener. */
class ProbesTest {

    private static final int WAIT_MS = 10_000;

    @Test
    void answers_watchers_and_nothing_else_and_closes_when_asked_to() throws IOException {
        HealthRoutes health = new HealthRoutes(Map.of("works", Optional::empty), Map.of(), InstantSource.system());
        try (Probes probes = new Probes("127.0.0.1", 0, health, new Metrics())) {
            assertThat(ask(probes, "/health/live")).startsWith("HTTP/1.1 200").contains("UP");
            assertThat(ask(probes, "/health/ready")).startsWith("HTTP/1.1 200");
            assertThat(ask(probes, "/metrics")).startsWith("HTTP/1.1 200").contains("process_uptime_seconds");
            assertThat(ask(probes, "/api/worklist")).startsWith("HTTP/1.1 404");
        }
    }

    /** The whole answer, up to the end of the connection: it ends since {@code Connection: close} was asked for. */
    private static String ask(Probes probes, String path) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), probes.port())) {
            socket.setSoTimeout(WAIT_MS);
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
