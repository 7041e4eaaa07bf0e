package io.bloodnet.imaging.study;

import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.FrameDecoding;
import io.bloodnet.imaging.dicom.Tag;
import java.util.Arrays;

/** Stored values to Hounsfield units (PS3.3 C.11.1.1.2). */
final class HuSlice {

    /** Air, and what lies outside of the scanned field. */
    static final short AIR_HU = -1024;

    /** Above any bone or metal that matters; keeps the value in 16 bits. */
    private static final int HU_MAX = 16_383;

    /** A border darker than this is air, HU. */
    private static final int AIR_BORDER_HU = -300;

    private HuSlice() {}

    /**
     * Turns the frame's own array into HU; the frame must not be used afterwards.
     *
     * @throws DicomException when slope or intercept are no numbers
     */
    static short[] inPlace(FrameDecoding.Frame frame, DicomObject header) {
        short[] pixels = frame.storedValues();
        double slope = header.decimal(Tag.RESCALE_SLOPE).orElse(1);
        double intercept = header.decimal(Tag.RESCALE_INTERCEPT).orElse(0);
        if (slope == 0) {
            throw new DicomException(DicomException.Code.INVALID_VALUE, Tag.text(Tag.RESCALE_SLOPE) + " is 0");
        }
        boolean[] padding = new boolean[0];
        if (header.contains(Tag.PIXEL_PADDING_VALUE)) {
            padding = padding(pixels, frame.signed(), header);
        }
        if (isStoredInverted(frame, header, slope, intercept)) {
            invert(pixels, frame.signed(), header);
        }
        rescale(pixels, frame.signed(), slope, intercept);
        for (int i = 0; i < padding.length; i++) {
            if (padding[i]) {
                pixels[i] = AIR_HU;
            }
        }
        return pixels;
    }

    private static void rescale(short[] pixels, boolean signed, double slope, double intercept) {
        int mask = signed ? -1 : 0xFFFF;
        if (slope == 1 && intercept == Math.rint(intercept) && Math.abs(intercept) <= Short.MAX_VALUE) {
            // Nearly every scanner: whole numbers, an addition each.
            int offset = (int) intercept;
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = (short) Math.clamp((pixels[i] & mask) + offset, AIR_HU, HU_MAX);
            }
            return;
        }
        for (int i = 0; i < pixels.length; i++) {
            long hu = Math.round((pixels[i] & mask) * slope + intercept);
            pixels[i] = (short) Math.clamp(hu, AIR_HU, HU_MAX);
        }
    }

    /** Padding is found among stored values, before rescale: with intercept 0 it would else look like tissue or bone. */
    private static boolean[] padding(short[] pixels, boolean signed, DicomObject header) {
        int from = stored(header, Tag.PIXEL_PADDING_VALUE, signed);
        int to = header.contains(Tag.PIXEL_PADDING_RANGE_LIMIT)
                ? stored(header, Tag.PIXEL_PADDING_RANGE_LIMIT, signed)
                : from;
        int low = Math.min(from, to);
        int high = Math.max(from, to);
        boolean[] padding = new boolean[pixels.length];
        for (int i = 0; i < pixels.length; i++) {
            int v = value(pixels[i], signed);
            padding[i] = v >= low && v <= high;
        }
        return padding;
    }

    /** US or SS: writers take either for the same 16 bits. */
    private static int stored(DicomObject header, int tag, boolean signed) {
        return value((short) header.integer(tag).orElse(0), signed);
    }

    /**
     * MONOCHROME1 is a matter of display (PS3.3 C.7.6.3.1.2), but devices that store inverted values mark them so. A head has air
     * around it, and that decides.
     */
    private static boolean isStoredInverted(
            FrameDecoding.Frame frame, DicomObject header, double slope, double intercept) {
        if (!header.string(Tag.PHOTOMETRIC_INTERPRETATION).orElse("").equals("MONOCHROME1")) {
            return false;
        }
        short[] pixels = frame.storedValues();
        int[] border = new int[2 * frame.columns()];
        for (int x = 0; x < frame.columns(); x++) {
            border[2 * x] = value(pixels[x], frame.signed());
            border[2 * x + 1] = value(pixels[pixels.length - 1 - x], frame.signed());
        }
        Arrays.sort(border);
        return border[border.length / 2] * slope + intercept > AIR_BORDER_HU;
    }

    private static void invert(short[] pixels, boolean signed, DicomObject header) {
        int bits = header.integer(Tag.BITS_STORED).orElse(Short.SIZE);
        int sum = signed ? -1 : (1 << bits) - 1;
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (short) (sum - value(pixels[i], signed));
        }
    }

    private static int value(short stored, boolean signed) {
        return signed ? stored : stored & 0xFFFF;
    }
}
