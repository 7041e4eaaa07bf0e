package io.bloodnet.imaging.codec;

import io.bloodnet.imaging.dicom.DataElement;
import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomException.Code;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.dicom.Vr;

/**
 * The Image Pixel attributes (PS3.3 C.7.6.3), checked.
 *
 * @param bytesPerPixel 1 or 2
 * @param bitsStored 1..16, the low bits of each pixel
 */
record ImagePixels(int rows, int columns, int frames, int bytesPerPixel, int bitsStored, boolean signed) {

    /** Frames of one instance; the longest enhanced CT series stay below. */
    private static final int FRAMES_MAX = 10_000;

    static ImagePixels of(DicomObject dataSet, DicomLimits limits) {
        int rows = unsignedShort(dataSet, Tag.ROWS, 1, 0xFFFF);
        int columns = unsignedShort(dataSet, Tag.COLUMNS, 1, 0xFFFF);
        if ((long) rows * columns > limits.maxFramePixels()) {
            throw new DicomException(
                    Code.TOO_LARGE, "frame of more than " + limits.maxFramePixels() + " pixels (rows x columns)");
        }
        int frames = dataSet.integer(Tag.NUMBER_OF_FRAMES).orElse(1);
        requireFormat(Tag.NUMBER_OF_FRAMES, frames >= 1 && frames <= FRAMES_MAX, "is not in 1.." + FRAMES_MAX);
        requireFormat(
                Tag.SAMPLES_PER_PIXEL,
                dataSet.integer(Tag.SAMPLES_PER_PIXEL).orElse(1) == 1,
                "is not 1: colour is not read");
        String photometric = dataSet.requiredString(Tag.PHOTOMETRIC_INTERPRETATION);
        requireFormat(
                Tag.PHOTOMETRIC_INTERPRETATION,
                photometric.equals("MONOCHROME1") || photometric.equals("MONOCHROME2"),
                "is neither MONOCHROME1 nor MONOCHROME2");
        int bitsAllocated = unsignedShort(dataSet, Tag.BITS_ALLOCATED, 1, 64);
        requireFormat(Tag.BITS_ALLOCATED, bitsAllocated == 8 || bitsAllocated == 16, "is neither 8 nor 16");
        int bitsStored = unsignedShort(dataSet, Tag.BITS_STORED, 1, bitsAllocated);
        // PS3.5 section 8.1.1: High Bit is always one less than Bits Stored.
        unsignedShort(dataSet, Tag.HIGH_BIT, bitsStored - 1, bitsStored - 1);
        int representation = unsignedShort(dataSet, Tag.PIXEL_REPRESENTATION, 0, 1);
        return new ImagePixels(rows, columns, frames, bitsAllocated / 8, bitsStored, representation == 1);
    }

    int framePixels() {
        return rows * columns;
    }

    int frameBytes() {
        return Math.multiplyExact(framePixels(), bytesPerPixel);
    }

    /** Masks or sign-extends from Bits Stored, so that overlay bits and codecs' signs do not reach the caller. */
    void normalise(short[] pixels) {
        if (bitsStored == 16) {
            return;
        }
        int shift = 32 - bitsStored;
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (short) (signed ? pixels[i] << shift >> shift : pixels[i] << shift >>> shift);
        }
    }

    private static int unsignedShort(DicomObject dataSet, int tag, int min, int max) {
        // Rows as UL and the like have made image libraries overflow: PS3.6 makes all of these one US.
        DataElement element = dataSet.element(tag).orElseThrow(() -> DicomObject.missing(tag));
        if (element.vr() != Vr.US) {
            throw DicomObject.wrongVr(element);
        }
        int value = dataSet.requiredInteger(tag);
        if (value < min || value > max) {
            throw new DicomException(Code.INVALID_VALUE, Tag.text(tag) + " is not in " + min + ".." + max);
        }
        return value;
    }

    private static void requireFormat(int tag, boolean ok, String problem) {
        if (!ok) {
            throw new DicomException(Code.UNSUPPORTED_PIXEL_FORMAT, Tag.text(tag) + " " + problem);
        }
    }
}
