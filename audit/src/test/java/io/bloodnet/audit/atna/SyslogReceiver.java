package io.bloodnet.audit.atna;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/** An audit repository's door: TLS, RFC 5425 framing. It keeps what it read, durably as far as tests go. */
final class SyslogReceiver implements AutoCloseable {

    private final SSLServerSocket server;
    private final List<String> received;
    private final int diesAfter;
    private final Thread thread;

    /** @param received where messages are kept @param diesAfter it drops the connection without a word after so many messages */
    SyslogReceiver(SSLContext tls, int port, List<String> received, int diesAfter) throws IOException {
        server = (SSLServerSocket)
                tls.getServerSocketFactory().createServerSocket(port, 5, InetAddress.getLoopbackAddress());
        server.setNeedClientAuth(true);
        this.received = received;
        this.diesAfter = diesAfter;
        thread = Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                SSLSocket accepted = (SSLSocket) server.accept();
                Thread.ofVirtual().start(() -> serve(accepted));
            } catch (IOException e) {
                // A sender that broke off, or the end of the test.
            }
        }
    }

    private void serve(SSLSocket accepted) {
        try (SSLSocket socket = accepted) {
            read(socket);
        } catch (IOException e) {
            // A sender that broke off.
        }
    }

    private void read(SSLSocket socket) throws IOException {
        InputStream in = new BufferedInputStream(socket.getInputStream());
        List<String> here = new ArrayList<>();
        for (String message = message(in); message != null; message = message(in)) {
            here.add(message);
            if (here.size() == diesAfter) {
                // What it read and did not keep is lost with it.
                socket.setSoLinger(true, 0);
                server.close();
                throw new IOException("dies");
            }
        }
        synchronized (received) {
            received.addAll(here);
        }
    }

    private static String message(InputStream in) throws IOException {
        int length = 0;
        for (int c = in.read(); c != ' '; c = in.read()) {
            if (c < 0) {
                return null;
            }
            length = 10 * length + Character.digit(c, 10);
        }
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new IOException("a message was cut off");
        }
        return new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
