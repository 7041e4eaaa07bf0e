package io.bloodnet.sandbox.ct;

import java.util.random.RandomGenerator;

/** Repeatable noise: the grain of a CT image and smooth variation in space. Tables are drawn once per head. */
final class Noise {

    private static final int GRAIN_BITS = 18;
    private static final int GRAIN_MASK = (1 << GRAIN_BITS) - 1;
    private static final int LATTICE = 32; // power of two
    private static final int LATTICE_MASK = LATTICE - 1;

    private final float[] grain = new float[1 << GRAIN_BITS];
    private final float[] lattice = new float[LATTICE * LATTICE * LATTICE];
    private final int[] offsets = new int[SyntheticHeadCt.SLICES_MAX];

    Noise(RandomGenerator random) {
        float[] white = new float[grain.length];
        for (int i = 0; i < white.length; i++) {
            white[i] = (float) random.nextGaussian();
        }
        float[] weights = {0.35f, 0.8f, 0.35f
        }; // neighbours of a CT image share their noise; sums of squares make about 1
        for (int i = 0; i < grain.length; i++) {
            float sum = 0;
            for (int dy = -1; dy <= 1; dy++) {
                for (int dx = -1; dx <= 1; dx++) {
                    int at = i + dy * SliceCanvas.SIZE + dx & GRAIN_MASK;
                    sum += weights[dy + 1] * weights[dx + 1] * white[at];
                }
            }
            grain[i] = sum / 0.885f;
        }
        for (int i = 0; i < lattice.length; i++) {
            lattice[i] = (float) (2 * random.nextDouble() - 1);
        }
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] = random.nextInt(1 << GRAIN_BITS);
        }
    }

    /** Noise of one pixel, standard deviation about 1. */
    float grain(int pixel, int slice) {
        return grain[pixel + offsets[slice] & GRAIN_MASK];
    }

    /** A smooth field in -1..1 that varies over about {@code scaleMm}. */
    double smooth(double x, double y, double z, double scaleMm) {
        double gx = x / scaleMm + 1000;
        double gy = y / scaleMm + 1000;
        double gz = z / scaleMm + 1000;
        int ix = (int) gx;
        int iy = (int) gy;
        int iz = (int) gz;
        double tx = fade(gx - ix);
        double ty = fade(gy - iy);
        double low = mix(row(ix, iy, iz, tx), row(ix, iy + 1, iz, tx), ty);
        double high = mix(row(ix, iy, iz + 1, tx), row(ix, iy + 1, iz + 1, tx), ty);
        return mix(low, high, fade(gz - iz));
    }

    private double row(int ix, int iy, int iz, double tx) {
        int base = ((iz & LATTICE_MASK) * LATTICE + (iy & LATTICE_MASK)) * LATTICE;
        return mix(lattice[base + (ix & LATTICE_MASK)], lattice[base + (ix + 1 & LATTICE_MASK)], tx);
    }

    private static double mix(double a, double b, double t) {
        return a + (b - a) * t;
    }

    private static double fade(double t) {
        return t * t * (3 - 2 * t);
    }
}
