package io.bloodnet.imaging.geometry;

/**
 * Pixels of a slice.
 *
 * @param rowMm distance of rows
 * @param columnMm distance of columns
 */
public record Grid(int rows, int columns, double rowMm, double columnMm) {

    public double heightMm() {
        return rows * rowMm;
    }

    public double widthMm() {
        return columns * columnMm;
    }
}
