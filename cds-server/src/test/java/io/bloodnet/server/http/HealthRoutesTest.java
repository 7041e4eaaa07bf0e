package io.bloodnet.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.webserver.WebServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Health is progress: what waits too long makes the server unready, in words. */
class HealthRoutesTest {

    private final AtomicReference<Duration> oldest = new AtomicReference<>(Duration.ZERO);
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-29T03:00:00Z"));
    private final AtomicInteger asked = new AtomicInteger();
    private WebServer server;

    @BeforeEach
    void start() {
        HealthRoutes health = new HealthRoutes(
                Map.of("intake", Check.progress("a message", oldest::get)),
                Map.of("pacs", () -> asked.incrementAndGet() > 0),
                now::get);
        server = WebServer.builder()
                .host("127.0.0.1")
                .shutdownHook(false)
                .routing(routing -> routing.register("/health", health))
                .build()
                .start();
    }

    @AfterEach
    void stop() {
        server.stop();
    }

    @Test
    void a_message_that_waits_too_long_makes_it_unready_and_says_so() throws Exception {
        assertThat(get("/health/ready").statusCode()).isEqualTo(200);
        oldest.set(Duration.ofSeconds(14));
        HttpResponse<String> answer = get("/health/ready");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).contains("\"intake\":\"DOWN\"", "a message has waited 14 s for the database");
        assertThat(get("/health/live").statusCode())
                .as("a restart would not help")
                .isEqualTo(200);
        oldest.set(Duration.ZERO);
        assertThat(get("/health/ready").statusCode()).isEqualTo(200);
    }

    @Test
    void peers_are_asked_once_in_ten_seconds_however_often_health_is() throws Exception {
        for (int i = 0; i < 5; i++) {
            assertThat(get("/health").body()).contains("\"pacs\":\"UP\"");
        }
        assertThat(asked.get()).isEqualTo(1);
        now.updateAndGet(instant -> instant.plusSeconds(10));
        assertThat(get("/health").body()).contains("\"pacs\":\"UP\"");
        assertThat(asked.get()).isEqualTo(2);
    }

    private HttpResponse<String> get(String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                            .timeout(Duration.ofSeconds(10))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }
}
