package io.bloodnet.hl7.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * The least that can answer: reads until FS CR, finds MSH-10, sends an acknowledgement. No limits, no character sets, no meaning: what
 * sockets and threads cost alone.
 */
final class EchoServer implements AutoCloseable {

    private static final int FRAME_BYTES_MAX = 64 << 10;
    private static final int CONTROL_ID_FIELD = 9;

    private final ServerSocket server;

    EchoServer() throws IOException {
        server = new ServerSocket(0, 512, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().name("echo-accept").start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                Thread.ofVirtual().name("echo").start(() -> answer(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private static void answer(Socket accepted) {
        try (Socket socket = accepted) {
            socket.setTcpNoDelay(true);
            InputStream in = socket.getInputStream();
            byte[] frame = new byte[FRAME_BYTES_MAX];
            int length = 0;
            while (true) {
                int count = in.read(frame, length, frame.length - length);
                if (count < 0) {
                    return;
                }
                length += count;
                if (length >= 2 && frame[length - 2] == 0x1c && frame[length - 1] == '\r') {
                    String id = new String(frame, 0, length, StandardCharsets.ISO_8859_1)
                            .split("\\|", CONTROL_ID_FIELD + 2)[CONTROL_ID_FIELD];
                    socket.getOutputStream()
                            .write(("\u000bMSH|^~\\&|ECHO\rMSA|AA|" + id + "\r\u001c\r")
                                    .getBytes(StandardCharsets.ISO_8859_1));
                    length = 0;
                }
            }
        } catch (IOException e) {
            // the sender is gone
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
