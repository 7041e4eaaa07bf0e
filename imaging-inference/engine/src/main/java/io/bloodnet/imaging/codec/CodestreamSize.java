package io.bloodnet.imaging.codec;

import io.bloodnet.imaging.dicom.Bytes;
import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomException.Code;
import io.bloodnet.imaging.dicom.Tag;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What a codestream says about its image, read without decoding. */
record CodestreamSize(long width, long height, int components, int precision) {

    private static final int JPEG_START = 0xFFD8;
    private static final int JPEG_LOSSLESS_FRAME = 0xFFC3;
    private static final int JPEG_BASELINE_FRAME = 0xFFC0;
    private static final int JPEG_SCAN = 0xFFDA;

    /** ITU-T T.81 B.2.2, of the lossless process. */
    static CodestreamSize ofJpegLossless(Bytes frame) {
        return ofJpeg(frame, JPEG_LOSSLESS_FRAME, "lossless");
    }

    /** ITU-T T.81 B.2.2, of the baseline process: 8 bits. */
    static CodestreamSize ofJpegBaseline(Bytes frame) {
        return ofJpeg(frame, JPEG_BASELINE_FRAME, "baseline");
    }

    private static CodestreamSize ofJpeg(Bytes frame, int frameMarker, String process) {
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
            if (marker == frameMarker && length >= 8) {
                int precision = bytes.get() & 0xFF;
                int height = unsignedShort(bytes);
                int width = unsignedShort(bytes);
                return new CodestreamSize(width, height, bytes.get() & 0xFF, precision);
            }
            boolean isFrame =
                    marker >= 0xFFC0 && marker <= 0xFFCF && marker != 0xFFC4 && marker != 0xFFC8 && marker != 0xFFCC;
            if (isFrame) {
                throw JpegCodec.corrupt("is JPEG of another process than " + process, null);
            }
            bytes.position(bytes.position() + length - 2);
        }
        throw JpegCodec.corrupt("has no " + process + " frame header", null);
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
