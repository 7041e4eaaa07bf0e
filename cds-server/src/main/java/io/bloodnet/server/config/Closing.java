package io.bloodnet.server.config;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is open, closed in reverse; one that fails to close does not keep the others open. */
public final class Closing implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Closing.class);

    private record Open(String name, AutoCloseable resource) {}

    private final Deque<Open> open = new ArrayDeque<>();

    public synchronized <T extends AutoCloseable> T add(String name, T resource) {
        open.push(new Open(name, resource));
        return resource;
    }

    @Override
    public synchronized void close() {
        while (!open.isEmpty()) {
            Open next = open.pop();
            try {
                next.resource().close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                LOG.warn("interrupted while closing the {}", next.name());
            } catch (Exception e) {
                LOG.warn("closing the {} failed", next.name(), e);
            }
        }
    }
}
