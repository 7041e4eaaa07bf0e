package io.bloodnet.hl7.mllp;

/** What a link brought. */
sealed interface Frame {

    /** VT, starts a message. */
    byte START = 0x0b;
    /** FS, ends it; a CR follows. */
    byte END = 0x1c;
    /** CR. */
    byte RETURN = 0x0d;

    /** A whole message. */
    record Message(byte[] bytes) implements Frame {}

    /** The peer closed the link between two messages. */
    record Closed() implements Frame {}

    /** Nothing came within the idle timeout. */
    record Idle() implements Frame {}

    /** No whole message; {@code head} is what there was of it, at most {@value FrameReader#HEAD_BYTES_MAX} bytes. */
    record Fault(FrameFault fault, byte[] head) implements Frame {}

    /** The message between its start and end blocks. */
    static byte[] around(byte[] message) {
        byte[] framed = new byte[message.length + 3];
        framed[0] = START;
        System.arraycopy(message, 0, framed, 1, message.length);
        framed[message.length + 1] = END;
        framed[message.length + 2] = RETURN;
        return framed;
    }
}
