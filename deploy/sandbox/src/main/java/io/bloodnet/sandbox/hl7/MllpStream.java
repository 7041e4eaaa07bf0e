package io.bloodnet.sandbox.hl7;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Frames on one connection: VT, message, FS, CR (HL7 MLLP release 1). Strict: anything outside a frame ends the connection. */
final class MllpStream {

    /** Largest message, bytes: an ORU with a PDF stays far below. */
    static final int MESSAGE_BYTES_MAX = 16 << 20;

    private static final int VT = 0x0B;
    private static final int FS = 0x1C;
    private static final int CR = 0x0D;

    private final InputStream in;
    private final OutputStream out;

    MllpStream(Socket socket) throws IOException {
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    /** The next message as UTF-8 text; null when the peer has closed between frames. */
    @Nullable
    String read() throws IOException {
        int first = in.read();
        if (first < 0) {
            return null;
        }
        if (first != VT) {
            throw new IOException("byte outside a frame: 0x%02X".formatted(first));
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int b = in.read(); b != FS; b = in.read()) {
            if (b < 0) {
                throw new IOException("connection ended inside a frame");
            }
            if (body.size() == MESSAGE_BYTES_MAX) {
                throw new IOException("message over " + MESSAGE_BYTES_MAX + " bytes");
            }
            body.write(b);
        }
        if (in.read() != CR) {
            throw new IOException("no CR after FS");
        }
        return body.toString(StandardCharsets.UTF_8);
    }

    void write(String message) throws IOException {
        byte[] body = message.getBytes(StandardCharsets.UTF_8);
        byte[] frame = new byte[body.length + 3];
        frame[0] = VT;
        System.arraycopy(body, 0, frame, 1, body.length);
        frame[frame.length - 2] = FS;
        frame[frame.length - 1] = CR;
        out.write(frame);
        out.flush();
    }
}
