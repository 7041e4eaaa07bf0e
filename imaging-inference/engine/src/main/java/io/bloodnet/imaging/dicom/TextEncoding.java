package io.bloodnet.imaging.dicom;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Text by Specific Character Set (PS3.3 C.12.1.1.2), code extensions included. Bytes that the set does not know become U+FFFD: a
 * damaged name must not stop an image from being read.
 */
public final class TextEncoding {

    static final TextEncoding ASCII = new TextEncoding(StandardCharsets.US_ASCII, false);
    public static final TextEncoding UTF_8 = new TextEncoding(StandardCharsets.UTF_8, false);

    private static final byte ESC = 0x1B;

    private final Charset initial;
    private final boolean extended;

    private TextEncoding(Charset initial, boolean extended) {
        this.initial = initial;
        this.extended = extended;
    }

    /** @param terms the values of Specific Character Set; the first may be empty for the default repertoire */
    static TextEncoding of(List<String> terms) {
        if (terms.isEmpty()) {
            return ASCII;
        }
        return new TextEncoding(charset(terms.getFirst()), terms.size() > 1);
    }

    String decode(Bytes bytes) {
        byte[] array = bytes.array();
        int end = bytes.offset() + bytes.length();
        if (!extended) {
            return new String(array, bytes.offset(), bytes.length(), initial);
        }
        StringBuilder text = new StringBuilder();
        Charset charset = initial;
        int from = bytes.offset();
        while (from < end) {
            int escape = from;
            while (escape < end && array[escape] != ESC) {
                escape++;
            }
            text.append(new String(array, from, escape - from, charset));
            if (escape == end) {
                break;
            }
            Escape found = Escape.at(array, escape, end, initial);
            charset = found.charset();
            from = escape + found.length();
        }
        return text.toString();
    }

    /** @throws DicomException INVALID_VALUE when the character set has no such character */
    public byte[] encode(String text, int tag) {
        try {
            ByteBuffer encoded = initial.newEncoder().encode(CharBuffer.wrap(text));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (CharacterCodingException e) {
            throw new DicomException(
                    DicomException.Code.INVALID_VALUE,
                    Tag.text(tag) + " has a character outside of the data set's character set",
                    e);
        }
    }

    private static Charset charset(String term) {
        return switch (term.replace("ISO 2022 IR", "ISO_IR")) {
            case "ISO_IR 100" -> StandardCharsets.ISO_8859_1;
            case "ISO_IR 192" -> StandardCharsets.UTF_8;
            case "ISO_IR 101" -> Charset.forName("ISO-8859-2");
            case "ISO_IR 109" -> Charset.forName("ISO-8859-3");
            case "ISO_IR 110" -> Charset.forName("ISO-8859-4");
            case "ISO_IR 144" -> Charset.forName("ISO-8859-5");
            case "ISO_IR 127" -> Charset.forName("ISO-8859-6");
            case "ISO_IR 126" -> Charset.forName("ISO-8859-7");
            case "ISO_IR 138" -> Charset.forName("ISO-8859-8");
            case "ISO_IR 148" -> Charset.forName("ISO-8859-9");
            case "ISO_IR 203" -> Charset.forName("ISO-8859-15");
            case "ISO_IR 166" -> Charset.forName("TIS-620");
            // JIS X 0201 and the half-width part of Shift_JIS agree, but Shift_JIS keeps 5C a backslash.
            case "ISO_IR 13" -> Charset.forName("Shift_JIS");
            case "ISO_IR 149" -> Charset.forName("EUC-KR");
            case "ISO_IR 58", "GBK" -> Charset.forName("GBK");
            case "GB18030" -> Charset.forName("GB18030");
            default -> StandardCharsets.US_ASCII;
        };
    }

    /**
     * An escape sequence and the charset that it switches to (PS3.3 tables C.12-3 and C.12-4).
     *
     * @param length bytes of the sequence to skip
     */
    private record Escape(int length, Charset charset) {

        static Escape at(byte[] array, int escape, int end, Charset initial) {
            int size = Math.min(4, end - escape);
            String code = new String(array, escape + 1, size - 1, StandardCharsets.ISO_8859_1);
            if (code.startsWith("$)C")) {
                return new Escape(4, Charset.forName("EUC-KR"));
            } else if (code.startsWith("$)A")) {
                return new Escape(4, Charset.forName("GBK"));
            } else if (code.startsWith("$B")) {
                return new Escape(3, Charset.forName("x-JIS0208"));
            } else if (code.startsWith("$(D")) {
                return new Escape(4, Charset.forName("JIS_X0212-1990"));
            } else if (code.startsWith("(J") || code.startsWith(")I")) {
                return new Escape(3, Charset.forName("Shift_JIS"));
            } else if (code.startsWith("-")) {
                return new Escape(Math.min(3, size), latin(code));
            }
            return new Escape(Math.min(3, size), initial);
        }

        private static Charset latin(String code) {
            return TextEncoding.charset(
                    switch (code.length() > 1 ? code.charAt(1) : ' ') {
                        case 'A' -> "ISO_IR 100";
                        case 'B' -> "ISO_IR 101";
                        case 'C' -> "ISO_IR 109";
                        case 'D' -> "ISO_IR 110";
                        case 'L' -> "ISO_IR 144";
                        case 'G' -> "ISO_IR 127";
                        case 'F' -> "ISO_IR 126";
                        case 'H' -> "ISO_IR 138";
                        case 'M' -> "ISO_IR 148";
                        case 'b' -> "ISO_IR 203";
                        case 'T' -> "ISO_IR 166";
                        default -> "";
                    });
        }
    }
}
