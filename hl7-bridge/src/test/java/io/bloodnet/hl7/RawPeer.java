package io.bloodnet.hl7;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/** One end of a link that can misbehave in every way. Splits messages by hand: it shares no code with what it tests. */
public final class RawPeer implements AutoCloseable {

    public static final String CLOSED = "closed";
    public static final String TIMEOUT = "timeout";

    private final Socket socket;

    public RawPeer(int port) throws IOException {
        this(connected(port));
    }

    private static Socket connected(int port) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(16 << 10);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return socket;
    }

    public RawPeer(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
    }

    public static byte[] framed(byte[] message) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0x0b);
        out.writeBytes(message);
        out.write(0x1c);
        out.write(0x0d);
        return out.toByteArray();
    }

    public RawPeer send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    public RawPeer send(String latin1) throws IOException {
        return send(latin1.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Says that no more comes from this end. */
    public RawPeer endOutput() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    /** Sends a message in its frame and gives the reply. */
    public String ask(byte[] message) throws IOException {
        send(framed(message));
        return reply();
    }

    public String reply() throws IOException {
        return reply(5_000);
    }

    /** The next frame's content, or {@link #CLOSED}, or {@link #TIMEOUT}. Bytes outside a frame are an error. */
    public String reply(int timeoutMs) throws IOException {
        socket.setSoTimeout(timeoutMs);
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        int before = -1;
        try {
            while (true) {
                int b = socket.getInputStream().read();
                if (b < 0) {
                    return CLOSED;
                }
                if (frame.size() == 0 && before < 0 && b != 0x0b) {
                    throw new AssertionError("reply does not begin with VT but with " + b);
                }
                if (before == 0x1c && b == 0x0d) {
                    byte[] all = frame.toByteArray();
                    return new String(all, 1, all.length - 2, StandardCharsets.UTF_8);
                }
                frame.write(b);
                before = b;
            }
        } catch (SocketTimeoutException e) {
            return TIMEOUT;
        } catch (IOException e) {
            return CLOSED;
        }
    }

    /** A field of the reply's first segment of that name, by HL7's count; empty when absent. */
    public static String field(String message, String segment, int number) {
        for (String line : message.split("\r")) {
            if (line.startsWith(segment)) {
                String[] fields = line.split("\\|", -1);
                int index = segment.equals("MSH") ? number - 1 : number;
                return index < fields.length ? fields[index] : "";
            }
        }
        return "";
    }

    /** MSA-1 and MSA-2 as {@code AA 17}. */
    public static String msa(String message) {
        return message.equals(CLOSED) || message.equals(TIMEOUT)
                ? message
                : (field(message, "MSA", 1) + " " + field(message, "MSA", 2)).strip();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
