package io.bloodnet.sandbox.pacs;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** multipart/related bodies (RFC 2387, RFC 2046 5.1). */
final class Multipart {

    private static final Pattern BOUNDARY = Pattern.compile("boundary=\"?([^\";\\s]+)\"?", Pattern.CASE_INSENSITIVE);

    private Multipart() {}

    /** The parts' contents. @throws IllegalArgumentException when the body is not what the Content-Type says */
    static List<byte[]> parts(String contentType, byte[] body) {
        Matcher boundary = BOUNDARY.matcher(contentType);
        if (!boundary.find()) {
            throw new IllegalArgumentException("no boundary in the Content-Type");
        }
        byte[] delimiter = ("--" + boundary.group(1)).getBytes(StandardCharsets.US_ASCII);
        List<byte[]> parts = new ArrayList<>();
        int at = find(body, delimiter, 0);
        while (at >= 0) {
            int from = at + delimiter.length;
            if (from + 1 < body.length && body[from] == '-' && body[from + 1] == '-') {
                return parts;
            }
            at = find(body, delimiter, from);
            if (at >= 0) {
                parts.add(content(body, from, at));
            }
        }
        throw new IllegalArgumentException("the multipart body has no end");
    }

    /** What comes before each part. */
    static byte[] partHead(String boundary, boolean first, String type, long length) {
        return ((first ? "" : "\r\n") + "--" + boundary + "\r\nContent-Type: " + type + "\r\nContent-Length: " + length
                        + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** What comes after the last part. */
    static byte[] end(String boundary) {
        return ("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] content(byte[] body, int from, int to) {
        int start = find(body, "\r\n\r\n".getBytes(StandardCharsets.US_ASCII), from) + 4;
        if (start < 4 || start > to - 2 || body[to - 2] != '\r' || body[to - 1] != '\n') {
            throw new IllegalArgumentException("a part is not well formed");
        }
        return Arrays.copyOfRange(body, start, to - 2);
    }

    private static int find(byte[] body, byte[] wanted, int from) {
        int last = body.length - wanted.length;
        for (int i = from; i <= last; i++) {
            if (body[i] == wanted[0] && Arrays.equals(body, i, i + wanted.length, wanted, 0, wanted.length)) {
                return i;
            }
        }
        return -1;
    }
}
