package io.bloodnet.fhir.ehr;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Locale;
import java.util.zip.GZIPInputStream;

/**
 * Reads answers that come compressed though nobody asked for that: some proxies and EHRs do so whatever Accept-Encoding says
 * (RFC 9110 8.4.1.3). Pure.
 */
public final class ContentCoding {

    /** What every request says: we want no coding. */
    public static final String HEADER = "Accept-Encoding";
    /** The value of {@link #HEADER}. */
    public static final String NONE = "identity";

    private static final int GZIP_1 = 0x1f;
    private static final int GZIP_2 = 0x8b;

    private ContentCoding() {}

    /**
     * The content of a body.
     *
     * @param coding the value of Content-Encoding, empty when there is none; a body that begins as gzip does is read as gzip all the same,
     *     since no JSON begins so
     * @param bytesMax the longest content
     * @throws IOException when the coding is not known, the body breaks off, or its content is longer than that
     */
    public static byte[] decode(byte[] body, String coding, int bytesMax) throws IOException {
        byte[] content = body;
        String[] codings = coding.toLowerCase(Locale.ROOT).split(",");
        for (int i = codings.length - 1; i >= 0; i--) {
            content = switch (codings[i].strip()) {
                case "", "identity" -> content;
                case "gzip", "x-gzip" -> isGzip(content) ? unzip(content, bytesMax) : content;
                default -> throw new IOException("the content coding is not known");
            };
        }
        return isGzip(content) ? unzip(content, bytesMax) : content;
    }

    private static boolean isGzip(byte[] body) {
        return body.length > 2 && (body[0] & 0xff) == GZIP_1 && (body[1] & 0xff) == GZIP_2;
    }

    private static byte[] unzip(byte[] body, int bytesMax) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
            byte[] content = in.readNBytes(bytesMax + 1);
            if (content.length > bytesMax) {
                throw new TooLongException();
            }
            return content;
        }
    }

    /** The content is longer than the limit. */
    public static final class TooLongException extends IOException {
        TooLongException() {
            super("the content is longer than the limit");
        }
    }
}
