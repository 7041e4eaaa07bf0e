package io.bloodnet.imaging.geometry;

import io.bloodnet.imaging.finding.Mask;

/**
 * How a stored slice is turned into the one orientation that the network and all pictures have: columns from the patient's right to left
 * (+x), rows from front to back (+y), as PS3.3 C.7.6.2.1.1 names the axes. A scanner may write rows and columns in any order and sign;
 * this is the only place that knows about it. Slices lie nearly along the axes, so a turn moves pixels and never interpolates.
 *
 * @param transposed the stored rows run along x
 * @param rowsReversed the stored row index grows against its axis
 * @param columnsReversed the stored column index grows against its axis
 */
public record Turn(boolean transposed, boolean rowsReversed, boolean columnsReversed) {

    private static final Turn NONE = new Turn(false, false, false);

    /** The turn that brings a slice nearest to the one orientation. */
    public static Turn of(Plane stored) {
        Vector3 row = stored.alongRow();
        Vector3 column = stored.alongColumn();
        boolean transposed = Math.abs(row.x()) + Math.abs(column.y()) < Math.abs(row.y()) + Math.abs(column.x());
        return transposed ? new Turn(true, column.x() < 0, row.y() < 0) : new Turn(false, column.y() < 0, row.x() < 0);
    }

    /** Whether stored slices already have the one orientation. */
    boolean isNone() {
        return equals(NONE);
    }

    /** The same plane with its axes in the one orientation. */
    public Plane turned(Plane stored, int rows, int columns) {
        Vector3 position = stored.at(rowsReversed ? rows - 1 : 0, columnsReversed ? columns - 1 : 0);
        Vector3 row = columnsReversed ? stored.alongRow().negated() : stored.alongRow();
        Vector3 column = rowsReversed ? stored.alongColumn().negated() : stored.alongColumn();
        return transposed
                ? new Plane(position, column, row, stored.columnSpacingMm(), stored.rowSpacingMm())
                : new Plane(position, row, column, stored.rowSpacingMm(), stored.columnSpacingMm());
    }

    /** Rows of the turned slice. */
    public int rows(int storedRows, int storedColumns) {
        return transposed ? storedColumns : storedRows;
    }

    /** Columns of the turned slice. */
    public int columns(int storedRows, int storedColumns) {
        return transposed ? storedRows : storedColumns;
    }

    /** A stored slice in the one orientation; the same array when nothing is to be turned. */
    public short[] turned(short[] stored, int rows, int columns) {
        if (isNone()) {
            return stored;
        }
        short[] turned = new short[stored.length];
        for (int at = 0; at < turned.length; at++) {
            turned[at] = stored[storedIndex(at, rows, columns)];
        }
        return turned;
    }

    /** A mask in the one orientation, back on the stored slice. */
    public byte[] stored(byte[] turnedBits, int rows, int columns) {
        if (isNone()) {
            return turnedBits;
        }
        byte[] bits = new byte[turnedBits.length];
        for (int at = 0; at < rows * columns; at++) {
            if (Mask.isSet(turnedBits, at)) {
                Mask.set(bits, storedIndex(at, rows, columns));
            }
        }
        return bits;
    }

    /** Where a pixel of the turned slice is stored. */
    private int storedIndex(int turnedIndex, int rows, int columns) {
        int turnedColumns = columns(rows, columns);
        int y = turnedIndex / turnedColumns;
        int x = turnedIndex % turnedColumns;
        int row = transposed ? x : y;
        int column = transposed ? y : x;
        return (rowsReversed ? rows - 1 - row : row) * columns + (columnsReversed ? columns - 1 - column : column);
    }
}
