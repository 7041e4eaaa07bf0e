package io.bloodnet.imaging.geometry;

/**
 * Where a slice lies in the patient and how large its pixels are.
 *
 * @param position centre of the first pixel, mm (0020,0032)
 * @param alongRow direction in which the column index grows, length 1 (0020,0037)
 * @param alongColumn direction in which the row index grows, length 1
 * @param rowSpacingMm distance of rows, first value of (0028,0030)
 * @param columnSpacingMm distance of columns, second value of (0028,0030)
 */
public record Plane(
        Vector3 position, Vector3 alongRow, Vector3 alongColumn, double rowSpacingMm, double columnSpacingMm) {

    private static final double UNIT_TOLERANCE = 0.02;

    /** What six digits leave open. */
    private static final double ROUNDING = 1e-6;

    private static final double PIXEL_MM_MIN = 0.05;
    private static final double PIXEL_MM_MAX = 5;

    /** @throws IllegalArgumentException when the directions are no right angle of unit vectors or a spacing is no pixel of a head CT */
    public Plane {
        boolean unit = Math.abs(alongRow.length() - 1) < UNIT_TOLERANCE
                && Math.abs(alongColumn.length() - 1) < UNIT_TOLERANCE
                && Math.abs(alongRow.dot(alongColumn)) < UNIT_TOLERANCE;
        if (!unit) {
            throw new IllegalArgumentException("image orientation is no pair of perpendicular unit vectors");
        }
        alongRow = unit(alongRow);
        alongColumn = unit(alongColumn);
        requirePixel(rowSpacingMm);
        requirePixel(columnSpacingMm);
    }

    /** Writers round; a direction that is too long would stretch every distance. */
    private static Vector3 unit(Vector3 direction) {
        double length = direction.length();
        return Math.abs(length - 1) < ROUNDING ? direction : direction.times(1 / length);
    }

    private static void requirePixel(double mm) {
        if (!(mm >= PIXEL_MM_MIN && mm <= PIXEL_MM_MAX)) {
            throw new IllegalArgumentException(
                    "pixel spacing " + mm + " mm not in " + PIXEL_MM_MIN + ".." + PIXEL_MM_MAX);
        }
    }

    /** Centre of a pixel, both counted from 0 (PS3.3 C.7.6.2.1.1, equation C.7.6.2.1-1). */
    public Vector3 at(int row, int column) {
        return position.plus(alongRow.times(column * columnSpacingMm)).plus(alongColumn.times(row * rowSpacingMm));
    }

    /** Perpendicular to the slice, pointing to the head. */
    public Vector3 normal() {
        Vector3 normal = alongRow.cross(alongColumn);
        return normal.z() < 0 ? normal.negated() : normal;
    }

    /** Position along the slice's own normal, mm; grows towards the head. */
    public double height() {
        return normal().dot(position);
    }
}
