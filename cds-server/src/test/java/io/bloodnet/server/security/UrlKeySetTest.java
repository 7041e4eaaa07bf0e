package io.bloodnet.server.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpServer;
import io.bloodnet.audit.testing.DrippingHandshake;
import io.bloodnet.audit.testing.PeerTrouble;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Reading a key set from a server in trouble ends in time. */
class UrlKeySetTest {

    private static final Duration LIMIT = Duration.ofSeconds(1);

    @Test
    void a_server_in_trouble_is_given_up_in_time_and_read_again() throws Exception {
        byte[] keys = "{\"keys\":[]}".getBytes(StandardCharsets.UTF_8);
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, keys.length);
            exchange.getResponseBody().write(keys);
            exchange.close();
        });
        server.setExecutor(java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor());
        server.start();
        try {
            assertThat(PeerTrouble.table(List.of(new PeerTrouble.Peer(
                            "key set", server.getAddress().getPort(), LIMIT, port -> {
                                UrlKeySet set = new UrlKeySet(URI.create("http://127.0.0.1:" + port + "/"), LIMIT);
                                return () -> set.read().contains("keys");
                            }))))
                    .isEmpty();
        } finally {
            server.stop(0);
        }
    }

    @Test
    void a_handshake_that_drips_ends_with_the_limit() {
        try (DrippingHandshake server = new DrippingHandshake()) {
            UrlKeySet set = new UrlKeySet(URI.create("https://localhost:" + server.port() + "/"), LIMIT);
            long began = System.nanoTime();
            assertThatExceptionOfType(IOException.class).isThrownBy(set::read);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(LIMIT.multipliedBy(3));
        }
    }
}
