package io.bloodnet.server;

import io.bloodnet.server.config.Closing;

/**
 * A server that takes orders until it is closed.
 *
 * @param httpPort where it listens for HTTP
 * @param hl7Port where it listens for MLLP
 * @param host the address of HTTP
 * @param tls whether that is HTTPS
 */
public record RunningServer(int httpPort, int hl7Port, String host, boolean tls, Closing closing)
        implements AutoCloseable {

    /** Address of the web pages. */
    public String url() {
        return (tls ? "https://" : "http://") + (host.contains(":") ? "[" + host + "]" : host) + ":" + httpPort;
    }

    /** Takes no more, finishes or hands back what runs, closes everything. */
    @Override
    public void close() {
        closing.close();
    }
}
