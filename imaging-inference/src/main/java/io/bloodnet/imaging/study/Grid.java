package io.bloodnet.imaging.study;

/**
 * Pixels of a slice.
 *
 * @param rowMm distance of rows
 * @param columnMm distance of columns
 */
record Grid(int rows, int columns, double rowMm, double columnMm) {

    double heightMm() {
        return rows * rowMm;
    }

    double widthMm() {
        return columns * columnMm;
    }
}
