package io.bloodnet.imaging.head;

import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.FrameDecoding;
import io.bloodnet.imaging.dicom.Tag;
import java.util.Arrays;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Stored values to Hounsfield units (PS3.3 C.11.1.1.2). Wherever it stands in a slice, a value stands for the same: that is worked out
 * once for each of the 65,536 values, and again only when the next slice means something else by them. Used by one thread.
 */
public final class HuTable {

    /** Air, and what lies outside of the scanned field. */
    public static final short AIR_HU = -1024;

    /** Above any bone or metal that matters; keeps the value in 16 bits. */
    static final int HU_MAX = 16_383;

    /** A border darker than this is air, HU. */
    private static final int AIR_BORDER_HU = -300;

    private static final int VALUES = 1 << Short.SIZE;

    private static final int BITS_MAX = Short.SIZE;

    private final short[] hu = new short[VALUES];
    private @Nullable Meaning made;
    private boolean repaired;

    /**
     * What a slice means by its stored values.
     *
     * @param signed whether values are two's complement
     * @param bits Bits Stored
     * @param invertedBits Bits Stored of values that are stored inverted, 0 of others
     */
    private record Meaning(
            boolean signed,
            int bits,
            double slope,
            double intercept,
            @Nullable Padding padding,
            int invertedBits) {}

    /** Stored values, both ends included, that stand for no measurement. */
    private record Padding(int low, int high) {

        boolean covers(int value) {
            return value >= low && value <= high;
        }
    }

    /**
     * Turns the frame's own array into HU, {@link #AIR_HU}..{@link #HU_MAX}; the frame must not be used afterwards.
     *
     * @throws DicomException when slope or intercept are no numbers
     */
    public short[] inPlace(FrameDecoding.Frame frame, DicomObject header) {
        Meaning meaning = meaning(frame, header);
        if (!meaning.equals(made)) {
            make(meaning);
            made = meaning;
        }
        short[] pixels = frame.storedValues();
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = hu[pixels[i] & 0xFFFF];
        }
        return pixels;
    }

    /** Whether any slice so far was read as signed although it calls its values unsigned. */
    public boolean repaired() {
        return repaired;
    }

    private Meaning meaning(FrameDecoding.Frame frame, DicomObject header) {
        double slope = header.decimal(Tag.RESCALE_SLOPE).orElse(1);
        double intercept = header.decimal(Tag.RESCALE_INTERCEPT).orElse(0);
        if (slope == 0) {
            throw new DicomException(DicomException.Code.INVALID_VALUE, Tag.text(Tag.RESCALE_SLOPE) + " is 0");
        }
        boolean inverted = isStoredInverted(frame, header, slope, intercept);
        int bits = Math.clamp(header.integer(Tag.BITS_STORED).orElse(BITS_MAX), 1, BITS_MAX);
        boolean wrapped = !frame.signed() && !monochrome1(header) && !canShowAir(slope, intercept, bits);
        repaired |= wrapped;
        boolean signed = frame.signed() || wrapped;
        return new Meaning(signed, bits, slope, intercept, padding(signed, bits, header), inverted ? bits : 0);
    }

    /**
     * Unsigned values without an intercept cannot say that something is air, and a head has air around it: they are two's complement whose
     * Pixel Representation was lost, as a large public cohort has it. What is not even that shows no air and is refused later.
     */
    private static boolean canShowAir(double slope, double intercept, int bits) {
        double other = slope * ((1 << bits) - 1) + intercept;
        return Math.min(intercept, other) < AIR_BORDER_HU;
    }

    /** Padding is found among stored values, before rescale: with intercept 0 it would else look like tissue or bone. */
    private void make(Meaning meaning) {
        for (int bits = 0; bits < VALUES; bits++) {
            int stored = value((short) bits, meaning.signed(), meaning.bits());
            if (meaning.padding() != null && meaning.padding().covers(stored)) {
                hu[bits] = AIR_HU;
                continue;
            }
            int value = meaning.invertedBits() == 0 ? stored : inverted(stored, meaning);
            hu[bits] = (short) Math.clamp(Math.round(value * meaning.slope() + meaning.intercept()), AIR_HU, HU_MAX);
        }
    }

    private static int inverted(int stored, Meaning meaning) {
        int sum = meaning.signed() ? -1 : (1 << meaning.invertedBits()) - 1;
        return value((short) (sum - stored), meaning.signed(), BITS_MAX);
    }

    /** An empty value is as good as none. */
    private static @Nullable Padding padding(boolean signed, int bits, DicomObject header) {
        OptionalInt value = header.integer(Tag.PIXEL_PADDING_VALUE);
        if (value.isEmpty()) {
            return null;
        }
        int from = padding(value.getAsInt(), signed, bits);
        OptionalInt limit = header.integer(Tag.PIXEL_PADDING_RANGE_LIMIT);
        int to = limit.isPresent() ? padding(limit.getAsInt(), signed, bits) : from;
        return new Padding(Math.min(from, to), Math.max(from, to));
    }

    /** US or SS: writers take either for the same 16 bits. */
    private static int padding(int value, boolean signed, int bits) {
        boolean fits = value >= 0 && value < 1 << bits;
        return value((short) value, signed, fits ? bits : BITS_MAX);
    }

    /**
     * MONOCHROME1 is a matter of display (PS3.3 C.7.6.3.1.2), but devices that store inverted values mark them so. A head has air
     * around it, and that decides.
     */
    private static boolean isStoredInverted(
            FrameDecoding.Frame frame, DicomObject header, double slope, double intercept) {
        if (!monochrome1(header)) {
            return false;
        }
        short[] pixels = frame.storedValues();
        int[] border = new int[2 * frame.columns()];
        for (int x = 0; x < frame.columns(); x++) {
            border[2 * x] = value(pixels[x], frame.signed(), BITS_MAX);
            border[2 * x + 1] = value(pixels[pixels.length - 1 - x], frame.signed(), BITS_MAX);
        }
        Arrays.sort(border);
        return border[border.length / 2] * slope + intercept > AIR_BORDER_HU;
    }

    private static boolean monochrome1(DicomObject header) {
        return header.string(Tag.PHOTOMETRIC_INTERPRETATION).orElse("").equals("MONOCHROME1");
    }

    private static int value(short stored, boolean signed, int bits) {
        int unused = Integer.SIZE - bits;
        return signed ? stored << unused >> unused : stored & 0xFFFF;
    }
}
