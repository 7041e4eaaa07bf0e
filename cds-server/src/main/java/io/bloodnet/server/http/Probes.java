package io.bloodnet.server.http;

import io.helidon.webserver.WebServer;
import java.time.Duration;

/**
 * A listener of its own for {@code /health} and {@code /metrics}: callers that use up the connections of the public one (each may hold its own half-sent)
 * do not make a server that works look dead, which would be restarted and take the HL7 links down with it. Asks for no token, and says
 * nothing of patients: it belongs where only the watchers reach it.
 */
public final class Probes implements AutoCloseable {

    /** Watchers are few; each asks for one thing at a time. */
    static final int CONNECTIONS_MAX = 100;
    /** A watcher sends its question at once. */
    private static final Duration HEAD_MAX = Duration.ofSeconds(5);

    private static final Duration IDLE_MAX = Duration.ofSeconds(10);

    private final HeadTime time = new HeadTime(HEAD_MAX, IDLE_MAX);
    private final WebServer web;

    /**
     * Listens from now on.
     *
     * @param port 0 takes any free one
     */
    public Probes(String host, int port, HealthRoutes health, Metrics metrics) {
        this.web = time.on(WebServer.builder())
                .maxTcpConnections(CONNECTIONS_MAX)
                .host(host)
                .port(port)
                .shutdownHook(false)
                .routing(routing -> routing.addFilter(new CloseWhenAsked())
                        .register("/health", health)
                        .get("/metrics", metrics::scrape))
                .build()
                .start();
    }

    /** Where it listens. */
    public int port() {
        return web.port();
    }

    @Override
    public void close() {
        web.stop();
        time.close();
    }
}
