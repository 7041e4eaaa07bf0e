package io.bloodnet.sandbox.ct;

import java.util.random.RandomGenerator;

/** Where the furrows of the brain's surface lie around the axis; they wander slowly from slice to slice. */
final class Sulci {

    private static final int COUNT = 26;
    private static final double HALF_WIDTH = 0.045; // radians, the grey matter beside it included

    private final double[] middle = new double[COUNT];
    private final double[] drift = new double[COUNT];
    private final double depthMm;

    Sulci(RandomGenerator random) {
        for (int i = 0; i < COUNT; i++) {
            middle[i] = 2 * Math.PI * (i + 0.6 * random.nextDouble()) / COUNT;
            drift[i] = 0.004 * random.nextGaussian();
        }
        depthMm = 9 + 6 * random.nextDouble();
    }

    /** How deep they reach, mm under the inner table. */
    double depthMm() {
        return depthMm;
    }

    /** For each direction 0 (gyrus) to 1 (middle of a sulcus). */
    float[] at(double z) {
        float[] furrow = new float[HeadSurfaces.DIRECTIONS];
        for (int d = 0; d < furrow.length; d++) {
            double nearest = Math.PI;
            for (int i = 0; i < COUNT; i++) {
                double away = HeadSurfaces.angle(d) - middle[i] - drift[i] * (z - 75);
                nearest = Math.min(nearest, Math.abs(Math.IEEEremainder(away, 2 * Math.PI)));
            }
            furrow[d] = (float) Math.max(0, 1 - nearest / HALF_WIDTH);
        }
        return furrow;
    }
}
