package io.bloodnet.imaging.dicom;

import io.bloodnet.imaging.dicom.DicomException.Code;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What a codestream says about its image, read without decoding. */
record CodestreamSize(long width, long height, int components, int precision) {

    private static final int JPEG_START = 0xFFD8;
    private static final int JPEG_LOSSLESS_FRAME = 0xFFC3;
    private static final int JPEG_SCAN = 0xFFDA;

    /** ITU-T T.81 B.2.2. */
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
}
