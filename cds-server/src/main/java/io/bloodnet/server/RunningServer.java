package io.bloodnet.server;

import io.bloodnet.server.config.Closing;
import io.bloodnet.server.trace.OrderTimes;

/**
 * A server that takes orders until it is closed.
 *
 * @param httpPort where it listens for HTTP
 * @param hl7Port where it listens for MLLP
 * @param host the address of HTTP
 * @param tls whether that is HTTPS
 * @param times where the time of the newest orders went
 */
public record RunningServer(int httpPort, int hl7Port, String host, boolean tls, OrderTimes times, Closing closing)
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
