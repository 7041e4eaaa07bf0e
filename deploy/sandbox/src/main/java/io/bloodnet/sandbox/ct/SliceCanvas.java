package io.bloodnet.sandbox.ct;

/** The HU of one slice while it is drawn, with positions in mm around the head's axis. */
final class SliceCanvas {

    static final int SIZE = SyntheticHeadCt.SIZE;
    private static final double CENTER = SIZE / 2.0;

    private final float[] hu = new float[SIZE * SIZE];
    private final float[] scratch = new float[SIZE * SIZE];

    double x(int column) {
        return (column - CENTER) * SyntheticHeadCt.PIXEL_MM;
    }

    double y(int row) {
        return (row - CENTER) * SyntheticHeadCt.PIXEL_MM;
    }

    int column(double x) {
        return Math.clamp(Math.round(x / SyntheticHeadCt.PIXEL_MM + CENTER), 0, SIZE - 1);
    }

    int row(double y) {
        return column(y);
    }

    void set(int index, double value) {
        hu[index] = (float) value;
    }

    void blend(int row, int column, double value, double cover) {
        int at = row * SIZE + column;
        hu[at] += (float) ((value - hu[at]) * cover);
    }

    /** Smears a little, as a scanner's soft kernel does: a 1-2-1 filter along rows and columns. */
    void blur() {
        for (int i = 1; i < hu.length - 1; i++) {
            scratch[i] = 0.25f * hu[i - 1] + 0.5f * hu[i] + 0.25f * hu[i + 1];
        }
        for (int i = SIZE + 1; i < hu.length - SIZE - 1; i++) {
            hu[i] = 0.25f * scratch[i - SIZE] + 0.5f * scratch[i] + 0.25f * scratch[i + SIZE];
        }
    }

    /** The slice with noise of the given standard deviation (HU), within what 12 bits hold. */
    short[] finish(Noise noise, double deviation, int slice) {
        short[] pixels = new short[hu.length];
        for (int i = 0; i < pixels.length; i++) {
            double value = hu[i] + deviation * noise.grain(i, slice);
            pixels[i] = (short) Math.clamp(Math.round(value), SyntheticHeadCt.HU_MIN, SyntheticHeadCt.HU_MAX);
        }
        return pixels;
    }
}
