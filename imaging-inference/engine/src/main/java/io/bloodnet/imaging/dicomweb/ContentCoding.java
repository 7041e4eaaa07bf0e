package io.bloodnet.imaging.dicomweb;

import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;

/**
 * Content codings (RFC 9110 8.4.1). We ask for none, since images hardly shrink and a study must not wait for it; proxies in front of
 * archives compress all the same.
 */
final class ContentCoding {

    /** Asked for with every request. */
    static final String NONE = "identity";

    private ContentCoding() {}

    /**
     * The content of a body as the sender meant it.
     *
     * @param coding value of Content-Encoding; empty for none
     * @param bytesMax bytes of the content; more fails the read, so that a small body cannot become an endless one
     * @throws IOException when the coding is not known or the body does not have it
     */
    static InputStream decoded(String coding, InputStream body, long bytesMax) throws IOException {
        return switch (coding.strip().toLowerCase(Locale.ROOT)) {
            case "", NONE -> body;
            case "gzip", "x-gzip" -> new Bounded(new GZIPInputStream(body), bytesMax);
            case "deflate" -> new Bounded(new InflaterInputStream(body), bytesMax);
            default -> throw new IOException("a content coding that is neither gzip nor deflate");
        };
    }

    /** Counts what comes out of the decoder. */
    private static final class Bounded extends InputStream {

        private final InputStream in;
        private final long bytesMax;
        private long bytes;

        Bounded(InputStream in, long bytesMax) {
            this.in = in;
            this.bytesMax = bytesMax;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int count = in.read(target, offset, length);
            bytes += Math.max(0, count);
            if (bytes > bytesMax) {
                throw new BodyStream.BodyTooLargeException(bytesMax);
            }
            return count;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
