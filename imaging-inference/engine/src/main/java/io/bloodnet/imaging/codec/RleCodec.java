package io.bloodnet.imaging.codec;

import io.bloodnet.imaging.dicom.Bytes;
import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomException.Code;
import io.bloodnet.imaging.dicom.Tag;
import java.nio.ByteBuffer;

/** DICOM RLE (PS3.5 Annex G): one PackBits segment for each byte of a pixel, most significant byte first. */
final class RleCodec {

    private static final int HEADER_BYTES = 64;

    private RleCodec() {}

    static short[] decode(Bytes frame, ImagePixels image) {
        if (frame.length() < HEADER_BYTES) {
            throw corrupt("RLE header of less than " + HEADER_BYTES + " bytes");
        }
        ByteBuffer header = frame.buffer();
        int segments = header.getInt(0);
        if (segments != image.bytesPerPixel()) {
            throw corrupt("other than " + image.bytesPerPixel() + " RLE segments");
        }
        short[] pixels = new short[image.framePixels()];
        for (int segment = 0; segment < segments; segment++) {
            long start = Integer.toUnsignedLong(header.getInt(4 + 4 * segment));
            long end = segment + 1 < segments ? Integer.toUnsignedLong(header.getInt(8 + 4 * segment)) : frame.length();
            if (start < HEADER_BYTES || start > end || end > frame.length()) {
                throw corrupt("RLE segment offsets outside of the frame");
            }
            unpack(frame, (int) start, (int) end, pixels, 8 * (segments - 1 - segment));
        }
        return pixels;
    }

    private static void unpack(Bytes frame, int start, int end, short[] pixels, int shift) {
        int in = start;
        int out = 0;
        while (out < pixels.length) {
            if (in >= end) {
                throw corrupt("RLE segment ends early");
            }
            int control = (byte) frame.at(in++);
            if (control == -128) {
                continue;
            }
            boolean literal = control >= 0;
            int count = literal ? control + 1 : 1 - control;
            int needed = literal ? count : 1;
            if (needed > end - in || count > pixels.length - out) {
                throw corrupt("RLE run exceeds its segment or the frame");
            }
            for (int i = 0; i < count; i++) {
                pixels[out++] |= (short) (frame.at(literal ? in + i : in) << shift);
            }
            in += needed;
        }
    }

    private static DicomException corrupt(String problem) {
        return new DicomException(Code.CORRUPT_COMPRESSION, Tag.text(Tag.PIXEL_DATA) + ": " + problem);
    }
}
