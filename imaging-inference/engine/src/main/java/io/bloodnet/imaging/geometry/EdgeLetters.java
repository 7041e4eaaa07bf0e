package io.bloodnet.imaging.geometry;

/**
 * To which side of the patient each edge of a stored slice points, as viewers write it: R, L, A, P, H or F (PS3.3 C.7.6.1.1.1, Patient
 * Orientation), from the direction cosines of Image Orientation (Patient), PS3.3 C.7.6.2.1.1. An axial slice that is stored as it is looked
 * at has R on the left.
 */
public final class EdgeLetters {

    /** What stands at each edge when the image does not tell: nobody may guess a side. */
    public static final String UNKNOWN = "????";

    private static final String POSITIVE = "LPH";
    private static final String NEGATIVE = "RAF";

    private EdgeLetters() {}

    /**
     * The letters of the left, right, top and bottom edge, in this order.
     *
     * @param cosines six values, of the row and of the column; anything else gives {@link #UNKNOWN}
     */
    public static String of(double[] cosines) {
        if (cosines.length != 6) {
            return UNKNOWN;
        }
        int row = axis(cosines, 0);
        int column = axis(cosines, 3);
        if (row < 0 || column < 0 || row == column) {
            return UNKNOWN;
        }
        boolean right = cosines[row] > 0;
        boolean down = cosines[3 + column] > 0;
        return "" + letter(row, !right) + letter(row, right) + letter(column, !down) + letter(column, down);
    }

    /** The axis along which the vector points most; -1 when it has no direction. */
    private static int axis(double[] cosines, int from) {
        int most = -1;
        for (int i = 0; i < 3; i++) {
            double length = Math.abs(cosines[from + i]);
            if (length > 0 && (most < 0 || length > Math.abs(cosines[from + most]))) {
                most = i;
            }
        }
        return most;
    }

    private static char letter(int axis, boolean positive) {
        return (positive ? POSITIVE : NEGATIVE).charAt(axis);
    }
}
