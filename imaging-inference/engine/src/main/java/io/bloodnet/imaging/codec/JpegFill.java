package io.bloodnet.imaging.codec;

import io.bloodnet.imaging.dicom.Bytes;
import java.util.Arrays;

/**
 * Takes fill bytes out of a JPEG codestream: any marker may be preceded by any number of FF (ITU-T T.81 B.1.1.2), which encoders use to make
 * a frame's length even. The decoder in use loses the last pixel over them.
 */
final class JpegFill {

    private static final int START_OF_SCAN = 0xDA;
    private static final int END_OF_IMAGE = 0xD9;

    private final byte[] in;
    private final int end;
    private final byte[] out;
    private int from;
    private int to;

    private JpegFill(Bytes frame) {
        this.in = frame.array();
        this.from = frame.offset();
        this.end = frame.offset() + frame.length();
        this.out = new byte[frame.length()];
    }

    /** The codestream without fill bytes and without what stands behind its end; what is no JPEG comes back as it is. */
    static Bytes removed(Bytes frame) {
        JpegFill fill = new JpegFill(frame);
        if (!fill.copy()) {
            return frame;
        }
        return Bytes.view(Arrays.copyOf(fill.out, fill.to), 0, fill.to);
    }

    /** Segment by segment; false when the structure cannot be followed, which is for the decoder to say. */
    private boolean copy() {
        if (end - from < 2 || unsigned(from) != 0xFF || unsigned(from + 1) != 0xD8) {
            return false;
        }
        put(2);
        while (true) {
            if (from >= end || unsigned(from) != 0xFF) {
                return false;
            }
            int marker = skipFill();
            if (marker < 0) {
                return false;
            }
            put(2);
            if (marker == END_OF_IMAGE) {
                return true;
            }
            if (end - from < 2) {
                return false;
            }
            int length = unsigned(from) << 8 | unsigned(from + 1);
            if (length < 2 || length > end - from) {
                return false;
            }
            put(length);
            if (marker == START_OF_SCAN && !copyScan()) {
                return false;
            }
        }
    }

    /** Goes to the last FF before a marker. @return the marker, or -1 at the end of the input */
    private int skipFill() {
        while (from + 1 < end && unsigned(from + 1) == 0xFF) {
            from++;
        }
        return from + 1 < end ? unsigned(from + 1) : -1;
    }

    /** Entropy-coded data with their restart markers; stops before another marker. */
    private boolean copyScan() {
        while (from < end) {
            if (unsigned(from) != 0xFF) {
                put(1);
                continue;
            }
            int marker = skipFill();
            if (marker < 0) {
                return false;
            }
            boolean stuffed = marker == 0;
            boolean restart = marker >= 0xD0 && marker <= 0xD7;
            if (!stuffed && !restart) {
                return true;
            }
            put(2);
        }
        return false;
    }

    private int unsigned(int at) {
        return in[at] & 0xFF;
    }

    private void put(int count) {
        System.arraycopy(in, from, out, to, count);
        from += count;
        to += count;
    }
}
