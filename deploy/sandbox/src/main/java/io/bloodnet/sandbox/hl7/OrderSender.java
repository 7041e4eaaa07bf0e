package io.bloodnet.sandbox.hl7;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;

/** The pretend hospital's interface engine: sends a message over MLLP and waits for its acknowledgement. */
public final class OrderSender {

    private OrderSender() {}

    /**
     * Sends one message on a connection of its own.
     *
     * @param limit for connecting and for the acknowledgement, each
     * @return the acknowledgement
     * @throws IOException when there is none in time
     */
    public static ReceivedMessage send(InetSocketAddress server, String message, Duration limit) throws IOException {
        int limitMs = Math.toIntExact(limit.toMillis());
        try (Socket socket = new Socket()) {
            socket.connect(server, limitMs);
            socket.setSoTimeout(limitMs);
            MllpStream frames = new MllpStream(socket);
            frames.write(message);
            String ack = frames.read();
            if (ack == null) {
                throw new IOException("connection ended before the acknowledgement");
            }
            return new ReceivedMessage(ack);
        }
    }
}
