package io.bloodnet.hl7;

import java.io.ByteArrayOutputStream;

/** Messages as people keep them in files: with line feeds, with or without their frame. */
public final class MessageFile {

    private MessageFile() {}

    /** The message as it is sent: without frame bytes, segments ended by CR. */
    public static byte[] message(byte[] file) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(file.length);
        int before = 0;
        for (byte b : file) {
            if (b == '\n' && before != '\r') {
                out.write('\r');
            } else if (b != '\n' && b != 0x0b && b != 0x1c) {
                out.write(b);
            }
            before = b;
        }
        return out.toByteArray();
    }
}
