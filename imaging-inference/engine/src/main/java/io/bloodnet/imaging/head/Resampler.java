package io.bloodnet.imaging.head;

import io.bloodnet.imaging.geometry.Grid;

/**
 * Brings slices to the network's {@link Field} as its training data was brought there (docs/model/serving.md): a triangle filter with
 * pixel centres aligned, linear when a slice grows and averaging when it shrinks. What lies outside of the slice is air. The weights are
 * made once for all slices of a series. Immutable.
 */
public final class Resampler {

    private static final int SIDE = HeadVolume.SIDE;

    private final int columns;
    private final Axis vertical;
    private final Axis horizontal;

    public Resampler(Grid grid, Field field) {
        this.columns = grid.columns();
        this.vertical = Axis.of(grid.rows(), grid.rowMm(), field.pixelMm(), field.middleRowMm());
        this.horizontal = Axis.of(grid.columns(), grid.columnMm(), field.pixelMm(), field.middleColumnMm());
    }

    /** For each target index the first source index and the weights from there on; no weights outside of the source. */
    private record Axis(int[] first, float[][] weights) {

        static Axis of(int from, double fromMm, double toMm, double middleMm) {
            double scale = toMm / fromMm;
            double reach = Math.max(1, scale);
            int[] first = new int[SIDE];
            float[][] weights = new float[SIDE][];
            for (int i = 0; i < SIDE; i++) {
                double centre = (i + 0.5 - SIDE / 2.0) * scale + middleMm / fromMm - 0.5;
                boolean outside = centre < -0.5 || centre > from - 0.5;
                weights[i] = outside ? new float[0] : weights(centre, reach, from);
                first[i] = Math.max(0, (int) Math.ceil(centre - reach));
            }
            return new Axis(first, weights);
        }

        private static float[] weights(double centre, double reach, int from) {
            int low = Math.max(0, (int) Math.ceil(centre - reach));
            int high = Math.min(from - 1, (int) Math.floor(centre + reach));
            float[] w = new float[high - low + 1];
            double sum = 0;
            for (int k = low; k <= high; k++) {
                w[k - low] = (float) (1 - Math.abs(k - centre) / reach);
                sum += w[k - low];
            }
            for (int k = 0; k < w.length; k++) {
                w[k] /= (float) sum;
            }
            return w;
        }
    }

    /** The slice as the field shows it. */
    public short[] apply(short[] source) {
        short[] target = new short[SIDE * SIDE];
        float[] row = new float[columns];
        for (int y = 0; y < SIDE; y++) {
            boolean outside = vertical.weights()[y].length == 0;
            if (!outside) {
                blendRows(source, y, row);
            }
            for (int x = 0; x < SIDE; x++) {
                float[] w = horizontal.weights()[x];
                target[y * SIDE + x] = outside || w.length == 0
                        ? HuTable.AIR_HU
                        : blend(row, horizontal.first()[x], w);
            }
        }
        return target;
    }

    private static short blend(float[] row, int from, float[] w) {
        float sum = 0;
        for (int k = 0; k < w.length; k++) {
            sum += w[k] * row[from + k];
        }
        return (short) Math.round(sum);
    }

    private void blendRows(short[] source, int y, float[] row) {
        float[] w = vertical.weights()[y];
        int from = vertical.first()[y];
        for (int x = 0; x < columns; x++) {
            float sum = 0;
            for (int k = 0; k < w.length; k++) {
                sum += w[k] * source[(from + k) * columns + x];
            }
            row[x] = sum;
        }
    }
}
