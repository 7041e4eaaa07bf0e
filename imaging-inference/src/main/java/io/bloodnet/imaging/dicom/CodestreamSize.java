package io.bloodnet.imaging.dicom;

import io.bloodnet.imaging.dicom.DicomException.Code;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What a JPEG (ITU-T T.81 B.2.2) or JPEG 2000 (T.800 A.5.1) codestream says about its image, read without decoding. */
record CodestreamSize(long width, long height, int components, int precision) {

    private static final int JPEG_START = 0xFFD8;
    private static final int JPEG_LOSSLESS_FRAME = 0xFFC3;
    private static final int JPEG_SCAN = 0xFFDA;
    private static final long JPEG_2000_START = 0xFF4F_FF51L;
    private static final int JPEG_2000_SIZE_BYTES = 45;

    /** Tiles cost memory each in the decoder; encoders for single slices use one or a few. */
    private static final long JPEG_2000_TILES_MAX = 4_096;

    static CodestreamSize ofJpegLossless(Bytes frame) {
        ByteBuffer bytes = frame.buffer().order(ByteOrder.BIG_ENDIAN);
        if (bytes.remaining() < 4 || unsignedShort(bytes) != JPEG_START) {
            throw JpegCodec.corrupt("is no JPEG", null);
        }
        while (bytes.remaining() >= 4) {
            int marker = unsignedShort(bytes);
            int length = unsignedShort(bytes);
            if (marker <= 0xFF00 || marker == JPEG_SCAN || length < 2 || length - 2 > bytes.remaining()) {
                break;
            }
            if (marker == JPEG_LOSSLESS_FRAME && length >= 8) {
                int precision = bytes.get() & 0xFF;
                int height = unsignedShort(bytes);
                int width = unsignedShort(bytes);
                return new CodestreamSize(width, height, bytes.get() & 0xFF, precision);
            }
            if (marker > JPEG_LOSSLESS_FRAME && marker <= 0xFFCF && marker != 0xFFC4 && marker != 0xFFCC
                    || marker >= 0xFFC0 && marker < JPEG_LOSSLESS_FRAME) {
                throw JpegCodec.corrupt("is JPEG of another process than lossless", null);
            }
            bytes.position(bytes.position() + length - 2);
        }
        throw JpegCodec.corrupt("has no lossless frame header", null);
    }

    static CodestreamSize ofJpeg2000(Bytes frame) {
        ByteBuffer bytes = frame.buffer().order(ByteOrder.BIG_ENDIAN);
        if (bytes.remaining() < JPEG_2000_SIZE_BYTES || unsigned(bytes, 0) != JPEG_2000_START) {
            throw JpegCodec.corrupt("is no JPEG 2000", null);
        }
        long width = unsigned(bytes, 8) - unsigned(bytes, 16);
        long height = unsigned(bytes, 12) - unsigned(bytes, 20);
        long tileWidth = unsigned(bytes, 24);
        long tileHeight = unsigned(bytes, 28);
        if (tileWidth == 0 || tileHeight == 0) {
            throw JpegCodec.corrupt("has tiles without area", null);
        }
        // Also counted from the reference grid's origin, where the offsets of a hostile file may put the image far
        // away.
        long tiles = Math.ceilDiv(unsigned(bytes, 8), tileWidth) * Math.ceilDiv(unsigned(bytes, 12), tileHeight);
        if (tiles < 1 || tiles > JPEG_2000_TILES_MAX) {
            throw new DicomException(
                    Code.TOO_LARGE, Tag.text(Tag.PIXEL_DATA) + ": more than " + JPEG_2000_TILES_MAX + " tiles");
        }
        int components = Short.toUnsignedInt(bytes.getShort(40));
        int precision = (bytes.get(42) & 0x7F) + 1;
        return new CodestreamSize(width, height, components, precision);
    }

    void requireMatch(ImagePixels image) {
        if (width != image.columns() || height != image.rows() || components != 1) {
            throw new DicomException(
                    Code.PIXEL_DATA_MISMATCH,
                    Tag.text(Tag.PIXEL_DATA)
                            + ": codestream of another size or channel count than the data set states");
        }
        if (precision > 8 * image.bytesPerPixel()) {
            throw new DicomException(
                    Code.PIXEL_DATA_MISMATCH, Tag.text(Tag.PIXEL_DATA) + ": codestream of more bits than allocated");
        }
    }

    private static int unsignedShort(ByteBuffer bytes) {
        return Short.toUnsignedInt(bytes.getShort());
    }

    private static long unsigned(ByteBuffer bytes, int at) {
        return Integer.toUnsignedLong(bytes.getInt(at));
    }
}
