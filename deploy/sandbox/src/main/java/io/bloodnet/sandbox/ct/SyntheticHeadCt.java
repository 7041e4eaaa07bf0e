package io.bloodnet.sandbox.ct;

import io.bloodnet.sandbox.cases.HeadContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * An invented head as a CT scanner might show it: skin, skull, brain with fluid spaces, noise, and blood where asked for. The same
 * arguments give the same pixels.
 *
 * @param slices HU, row by row, {@value #SIZE} x {@value #SIZE}, from feet to head, {@value #SLICE_MM} mm apart
 * @param bloodMl blood drawn, mL
 */
public record SyntheticHeadCt(List<short[]> slices, double bloodMl) {

    /** Rows and columns. */
    public static final int SIZE = 512;
    /** Size of a pixel, mm. */
    public static final double PIXEL_MM = 0.46;
    /** Thickness of and distance between slices, mm. */
    public static final double SLICE_MM = 5;
    /** Most slices of one head. */
    public static final int SLICES_MAX = 64;

    static final int HU_MIN = -1024;
    static final int HU_MAX = 3071;

    /** Copies the list, not the pixels. */
    public SyntheticHeadCt {
        slices = List.copyOf(slices);
    }

    /**
     * Draws a head; takes about 20 ms a slice.
     *
     * @param count slices, 1 to {@value #SLICES_MAX}; 30 reach from the skull base to the vertex
     */
    public static SyntheticHeadCt draw(HeadContent content, long seed, int count) {
        if (count < 1 || count > SLICES_MAX) {
            throw new IllegalArgumentException(count + " slices are not in 1.." + SLICES_MAX);
        }
        SliceDrawing drawing = new SliceDrawing(content, new Random(seed));
        List<short[]> slices = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            slices.add(drawing.draw(i));
        }
        return new SyntheticHeadCt(slices, drawing.bloodMl());
    }

    /** Height of a slice's middle above the lowest slice's lower face, mm. */
    static double z(int slice) {
        return (slice + 0.5) * SLICE_MM;
    }
}
