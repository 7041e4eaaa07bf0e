package io.bloodnet.imaging.study;

/**
 * Brings a slice to another size over the same field, linearly between pixel centres and without smoothing, exactly as the network was
 * trained (docs/model/serving.md). The weights are made once for all slices of a series. Immutable.
 */
final class Resampler {

    private final int columns;
    private final int toRows;
    private final int toColumns;
    private final Axis vertical;
    private final Axis horizontal;

    Resampler(int rows, int columns, int toRows, int toColumns) {
        this.columns = columns;
        this.toRows = toRows;
        this.toColumns = toColumns;
        this.vertical = Axis.of(rows, toRows);
        this.horizontal = Axis.of(columns, toColumns);
    }

    /** For each target index the first source index and the weights from there on. */
    private record Axis(int[] first, float[][] weights) {

        static Axis of(int from, int to) {
            double scale = (double) from / to;
            int[] first = new int[to];
            float[][] weights = new float[to][];
            for (int i = 0; i < to; i++) {
                double centre = (i + 0.5) * scale - 0.5;
                int low = Math.max(0, (int) Math.ceil(centre - 1));
                int high = Math.min(from - 1, (int) Math.floor(centre + 1));
                float[] w = new float[high - low + 1];
                double sum = 0;
                for (int k = low; k <= high; k++) {
                    w[k - low] = (float) (1 - Math.abs(k - centre));
                    sum += w[k - low];
                }
                for (int k = 0; k < w.length; k++) {
                    w[k] /= (float) sum;
                }
                first[i] = low;
                weights[i] = w;
            }
            return new Axis(first, weights);
        }
    }

    /** The slice in the target's size. */
    short[] apply(short[] source) {
        short[] target = new short[toRows * toColumns];
        float[] row = new float[columns];
        for (int y = 0; y < toRows; y++) {
            blendRows(source, y, row);
            for (int x = 0; x < toColumns; x++) {
                float[] w = horizontal.weights()[x];
                int from = horizontal.first()[x];
                float sum = 0;
                for (int k = 0; k < w.length; k++) {
                    sum += w[k] * row[from + k];
                }
                target[y * toColumns + x] = (short) Math.round(sum);
            }
        }
        return target;
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
