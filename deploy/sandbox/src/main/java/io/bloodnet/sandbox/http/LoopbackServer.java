package io.bloodnet.sandbox.http;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.Handler;

/** An HTTP/1.1 server on loopback, one virtual thread per connection, with a single handler for every method and path. */
public final class LoopbackServer implements AutoCloseable {

    private static final String HOST = "127.0.0.1";

    private final WebServer server;

    /**
     * Listens at once.
     *
     * @param port TCP port; 0 takes any free one
     * @param bodyBytesMax largest request body
     */
    public LoopbackServer(int port, long bodyBytesMax, Handler handler) {
        server = WebServer.builder()
                .host(HOST)
                .port(port)
                .maxPayloadSize(bodyBytesMax)
                .shutdownHook(false)
                .featuresDiscoverServices(false)
                .routing(routing -> routing.any(handler))
                .build()
                .start();
    }

    /** The port in use. */
    public int port() {
        return server.port();
    }

    /** {@code http://127.0.0.1:PORT}. */
    public String origin() {
        return "http://" + HOST + ":" + port();
    }

    @Override
    public void close() {
        server.stop();
    }
}
