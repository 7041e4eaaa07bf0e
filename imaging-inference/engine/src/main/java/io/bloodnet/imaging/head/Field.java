package io.bloodnet.imaging.head;

import io.bloodnet.imaging.geometry.Grid;

/**
 * The square that the network sees of a turned slice, {@link HeadVolume#SIDE} pixels wide. Usually it is the slice itself. Slices that are
 * no square are padded with air and never stretched, and a field of view that makes heads larger or smaller than those that the network
 * was trained on is replaced by one of {@link #TRAINED_MM}.
 *
 * @param pixelMm width and height of a pixel, mm
 * @param middleRowMm middle of the square, from the upper edge of the slice, mm
 * @param middleColumnMm middle of the square, from the left edge of the slice, mm
 */
public record Field(double pixelMm, double middleRowMm, double middleColumnMm) {

    /** Field of view of the series that the network was trained on, mm. */
    static final double TRAINED_MM = 230.4;

    /**
     * Fields between these are taken as they are. The mask is sensitive to the size of the head: one field of 250 mm gave 19 % less blood than
     * the same head in 230.4 mm (docs/decisions/0201).
     */
    private static final double AS_IT_IS_MM_MIN = 226;

    private static final double AS_IT_IS_MM_MAX = 236;

    /** Sizes that differ by less are the same. */
    private static final double SAME_MM = 0.001;

    /** The field around the middle of the slice. */
    static Field around(Grid grid) {
        double side = Math.max(grid.heightMm(), grid.widthMm());
        boolean asItIs = side >= AS_IT_IS_MM_MIN && side <= AS_IT_IS_MM_MAX;
        return new Field((asItIs ? side : TRAINED_MM) / HeadVolume.SIDE, grid.heightMm() / 2, grid.widthMm() / 2);
    }

    /** A field that holds the whole slice, whatever its size. */
    public static Field whole(Grid grid) {
        return new Field(
                Math.max(grid.heightMm(), grid.widthMm()) / HeadVolume.SIDE, grid.heightMm() / 2, grid.widthMm() / 2);
    }

    /** Whether a head must be looked for in the slice, since the field shows only a part of it. */
    static boolean isPart(Grid grid) {
        return around(grid).pixelMm() < whole(grid).pixelMm();
    }

    /** The same size of pixels around another point, mm from the slice's upper left corner. */
    Field movedTo(double rowMm, double columnMm) {
        return new Field(pixelMm, rowMm, columnMm);
    }

    /** Row of the field, from its upper edge, at this distance from the slice's upper edge; may lie outside. */
    public int rowAt(double mm) {
        return (int) Math.floor((mm - middleRowMm) / pixelMm + HeadVolume.SIDE / 2.0);
    }

    /** Column of the field, as {@link #rowAt}. */
    public int columnAt(double mm) {
        return (int) Math.floor((mm - middleColumnMm) / pixelMm + HeadVolume.SIDE / 2.0);
    }

    /** Whether the slice's pixels are the field's own. */
    public boolean isSlice(Grid grid) {
        return grid.rows() == HeadVolume.SIDE
                && grid.columns() == HeadVolume.SIDE
                && equals(whole(grid))
                && Math.abs(grid.rowMm() - grid.columnMm()) < SAME_MM;
    }
}
