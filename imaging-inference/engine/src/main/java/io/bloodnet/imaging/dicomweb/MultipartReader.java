package io.bloodnet.imaging.dicomweb;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads multipart/related (RFC 2387, RFC 2046 5.1.1) part by part from a stream, each part as soon as it is whole. A part counts only when
 * a boundary follows it: bytes that were cut off never look like a part. Used by one thread.
 */
final class MultipartReader {

    private static final int BUFFER_BYTES = 64 << 10;
    private static final int PREAMBLE_BYTES_MAX = 64 << 10;
    private static final int HEADER_BYTES_MAX = 16 << 10;
    private static final int BOUNDARY_CHARACTERS_MAX = 70;
    private static final byte[] LINE_END = {'\r', '\n'};

    private final InputStream in;
    private final byte[] delimiter;
    private final int partsMax;
    private final int partBytesMax;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int from;
    private int to;
    private int parts;
    private boolean began;

    /** Bytes that are no multipart body. What was read before stays good. */
    static final class MalformedException extends IOException {

        private static final long serialVersionUID = 1L;

        MalformedException(String message) {
            super(message);
        }
    }

    /** @param partsMax most parts; partBytesMax most bytes of one part */
    MultipartReader(InputStream in, String boundary, int partsMax, int partBytesMax) throws IOException {
        if (boundary.isEmpty() || boundary.length() > BOUNDARY_CHARACTERS_MAX) {
            throw new MalformedException(
                    "boundary of " + boundary.length() + " characters, not 1.." + BOUNDARY_CHARACTERS_MAX);
        }
        this.in = in;
        this.delimiter = ("\r\n--" + boundary).getBytes(StandardCharsets.ISO_8859_1);
        this.partsMax = partsMax;
        this.partBytesMax = partBytesMax;
    }

    /**
     * The next part's content; empty after the final boundary.
     *
     * @throws EOFException when the body ends without its final boundary
     * @throws MalformedException when it is no multipart body within the limits
     */
    Optional<byte[]> next() throws IOException {
        if (!began) {
            skipPreamble();
            began = true;
        }
        if (isFinal()) {
            return Optional.empty();
        }
        if (++parts > partsMax) {
            throw new MalformedException("more than " + partsMax + " parts");
        }
        Integer length = readHeaders();
        return Optional.of(length == null ? readToDelimiter(partBytesMax) : readExactly(length));
    }

    /** The first boundary may stand at the very start, without a line end before it. */
    private void skipPreamble() throws IOException {
        int plain = delimiter.length - LINE_END.length;
        while (to - from < plain) {
            fill();
        }
        if (Arrays.equals(buffer, from, from + plain, delimiter, LINE_END.length, delimiter.length)) {
            from += plain;
        } else {
            readToDelimiter(PREAMBLE_BYTES_MAX);
        }
    }

    /** Behind a boundary: two dashes end the body, else blanks and a line end begin a part. */
    private boolean isFinal() throws IOException {
        if (peek(0) == '-' && peek(1) == '-') {
            return true;
        }
        while (peek(0) == ' ' || peek(0) == '\t') {
            from++;
        }
        if (peek(0) != '\r' || peek(1) != '\n') {
            throw new MalformedException("a boundary is followed by neither a line end nor two dashes");
        }
        from += 2;
        return false;
    }

    /** @return the part's length where a header gives one */
    private @Nullable Integer readHeaders() throws IOException {
        Integer length = null;
        int total = 0;
        while (true) {
            String line = readLine(HEADER_BYTES_MAX - total);
            if (line.isEmpty()) {
                return length;
            }
            total += line.length() + LINE_END.length;
            int colon = line.indexOf(':');
            if (colon > 0
                    && line.substring(0, colon).strip().toLowerCase(Locale.ROOT).equals("content-length")) {
                length = parseLength(line.substring(colon + 1).strip());
            }
        }
    }

    private int parseLength(String text) throws MalformedException {
        try {
            long length = Long.parseLong(text);
            if (length >= 0 && length <= partBytesMax) {
                return (int) length;
            }
        } catch (NumberFormatException e) {
            throw new MalformedException("a part's Content-Length is no number");
        }
        throw new MalformedException("a part's Content-Length is not in 0.." + partBytesMax);
    }

    private String readLine(int max) throws IOException {
        int length = 0;
        while (peek(length) != '\r' || peek(length + 1) != '\n') {
            if (++length > max) {
                throw new MalformedException("part headers of more than " + HEADER_BYTES_MAX + " bytes");
            }
        }
        String line = new String(buffer, from, length, StandardCharsets.ISO_8859_1);
        from += length + LINE_END.length;
        return line;
    }

    private byte[] readExactly(int length) throws IOException {
        byte[] part = new byte[length];
        int have = Math.min(length, to - from);
        System.arraycopy(buffer, from, part, 0, have);
        from += have;
        if (in.readNBytes(part, have, length - have) < length - have) {
            throw new EOFException("the body ends inside a part");
        }
        for (int i = 0; i < delimiter.length; i++) {
            if (peek(i) != delimiter[i]) {
                throw new MalformedException("no boundary where a part's Content-Length ends");
            }
        }
        from += delimiter.length;
        return part;
    }

    private byte[] readToDelimiter(int max) throws IOException {
        ByteArrayOutputStream part = new ByteArrayOutputStream();
        while (true) {
            int at = indexOfDelimiter();
            // What might be the beginning of a delimiter stays in the buffer.
            int end = at >= 0 ? at : Math.max(from, to - delimiter.length + 1);
            if (end - from > max - part.size()) {
                throw new MalformedException("more than " + max + " bytes without a boundary");
            }
            part.write(buffer, from, end - from);
            from = end;
            if (at >= 0) {
                from += delimiter.length;
                return part.toByteArray();
            }
            fill();
        }
    }

    private int indexOfDelimiter() {
        int last = to - delimiter.length;
        for (int i = from; i <= last; i++) {
            if (buffer[i] == '\r' && Arrays.equals(buffer, i, i + delimiter.length, delimiter, 0, delimiter.length)) {
                return i;
            }
        }
        return -1;
    }

    private int peek(int ahead) throws IOException {
        while (to - from <= ahead) {
            fill();
        }
        return buffer[from + ahead];
    }

    /** Reads at least one more byte behind what is there. */
    private void fill() throws IOException {
        if (from > 0) {
            System.arraycopy(buffer, from, buffer, 0, to - from);
            to -= from;
            from = 0;
        }
        if (to == buffer.length) {
            throw new MalformedException("a line of more than " + buffer.length + " bytes");
        }
        int count = in.read(buffer, to, buffer.length - to);
        if (count < 0) {
            throw new EOFException("the body ends without its final boundary");
        }
        to += count;
    }
}
