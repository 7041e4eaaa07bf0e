package io.bloodnet.audit.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A TLS server, for tests, that begins each handshake and never ends it: a record of 16 kB comes, a byte each 100 ms. Safe for all threads. */
public final class DrippingHandshake implements AutoCloseable {

    /** Handshake, TLS 1.2, 16,384 bytes (RFC 8446 5.1). */
    private static final byte[] RECORD = {0x16, 0x03, 0x03, 0x40, 0x00};

    private static final int EACH_MS = 100;

    private final ServerSocket listener;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    /** Listens on a free port of loopback. */
    public DrippingHandshake() {
        try {
            listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException("no port", e);
        }
        Thread.ofVirtual().name("dripping-handshake").start(this::accept);
    }

    /** Where it listens. */
    public int port() {
        return listener.getLocalPort();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                open.add(client);
                Thread.ofVirtual().start(() -> drip(client));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void drip(Socket client) {
        try (client;
                OutputStream out = client.getOutputStream()) {
            out.write(RECORD);
            while (true) {
                out.write(0);
                Thread.sleep(EACH_MS);
            }
        } catch (IOException e) {
            open.remove(client); // the client has had enough
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (Socket client : open) {
                client.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("not closed", e);
        }
    }
}
