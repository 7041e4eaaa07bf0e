package io.bloodnet.hl7.message;

import io.bloodnet.hl7.er7.Condition;
import io.bloodnet.hl7.er7.Delimiters;
import io.bloodnet.hl7.er7.Er7Message;
import io.bloodnet.hl7.er7.Er7Segment;
import io.bloodnet.hl7.er7.MessageCharset;
import io.bloodnet.hl7.er7.MessageRefusedException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * A message's bytes with its header, read before the rest is decoded: the header says in which character set. What does not begin as ER7
 * does, is refused here, before a parser sees it: XML above all.
 *
 * @param bytes the whole message
 * @param delimiters MSH-1 and MSH-2
 * @param header as far as it can be read without the character set
 */
public record Envelope(byte[] bytes, Delimiters delimiters, Header header) {

    /** Longest header segment, bytes. */
    static final int HEADER_BYTES_MAX = 8 << 10;

    /** @throws MessageRefusedException when it is no HL7 v2 message in ER7 */
    public static Envelope open(byte[] bytes) {
        String begin = new String(bytes, 0, Math.min(bytes.length, HEADER_BYTES_MAX), StandardCharsets.ISO_8859_1);
        if (begin.stripLeading().startsWith("<") || begin.startsWith("\u00ef\u00bb\u00bf<")) {
            throw refuse(Condition.UNSUPPORTED_MESSAGE_TYPE, "XML is not taken, only ER7");
        }
        if (!begin.startsWith("MSH")) {
            throw refuse(Condition.SEGMENT_SEQUENCE, "the message does not begin with MSH");
        }
        int end = begin.indexOf('\r');
        String line = end < 0 ? begin : begin.substring(0, end);
        if (line.indexOf('\n') >= 0) {
            throw refuse(Condition.SEGMENT_SEQUENCE, "segments must end with CR, not with LF");
        }
        if (end < 0 && bytes.length > HEADER_BYTES_MAX) {
            throw refuse(Condition.DATA_TYPE, "the header segment is over " + HEADER_BYTES_MAX + " bytes");
        }
        Delimiters delimiters = Delimiters.of(line);
        Er7Segment header = Er7Message.parse(line, delimiters).header();
        return new Envelope(bytes, delimiters, Header.of(header, MessageCharset.only(StandardCharsets.UTF_8)));
    }

    /** The envelope with its header decoded, and in the character set that the whole message decodes in. */
    public Decoded decode(Charset siteDefault) {
        MessageCharset charset = MessageCharset.of(header.msh(), siteDefault);
        String text = charset.decode(bytes, delimiters.escape()).orElse(null);
        if (text == null && !charset.declared()) { // nothing was promised: every byte means a character in ISO 8859-1
            charset = new MessageCharset(StandardCharsets.ISO_8859_1, charset.several(), false);
            text = charset.decode(bytes, delimiters.escape()).orElse(null);
        }
        if (text == null) {
            throw MessageRefusedException.of(
                    Condition.DATA_TYPE, "MSH-18", "the message's bytes are not in the character sets that it names");
        }
        if (text.indexOf('\0') >= 0) {
            throw refuse(Condition.DATA_TYPE, "the message holds a NUL byte");
        }
        Er7Message message = Er7Message.parse(text, delimiters);
        return new Decoded(header.in(charset, message.header()), message);
    }

    /** A message that was read. */
    public record Decoded(Header header, Er7Message message) {}

    private static MessageRefusedException refuse(Condition condition, String text) {
        return MessageRefusedException.of(condition, null, text);
    }
}
