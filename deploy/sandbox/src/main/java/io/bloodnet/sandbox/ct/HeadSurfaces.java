package io.bloodnet.sandbox.ct;

import java.util.random.RandomGenerator;

/**
 * The nested shells of a head, each given per slice as a radius (mm) for each direction around the axis: skin, outer and inner table.
 * Egg-shaped ellipsoids above the ears, tapering below, with a few random undulations.
 */
final class HeadSurfaces {

    /** Directions around the axis. */
    static final int DIRECTIONS = 2048;

    private static final double WIDEST_Z = 58;
    private static final double VERTEX_Z = 139; // inner table
    private static final int WAVES = 6;

    private final double halfWidth;
    private final double halfLength;
    private final double skullMm;
    private final double scalpMm;
    private final double[] wave = new double[DIRECTIONS];

    HeadSurfaces(RandomGenerator random) {
        halfWidth = 66 + 4 * random.nextDouble();
        halfLength = 83 + 5 * random.nextDouble();
        skullMm = 6 + 2 * random.nextDouble();
        scalpMm = 5 + 2 * random.nextDouble();
        for (int k = 2; k < 2 + WAVES; k++) {
            double size = 0.012 * random.nextGaussian() / k;
            double phase = 2 * Math.PI * random.nextDouble();
            for (int i = 0; i < DIRECTIONS; i++) {
                wave[i] += size * Math.cos(k * angle(i) + phase);
            }
        }
    }

    /** Direction from x (patient's left) towards y (back), radians. */
    static double angle(int direction) {
        return 2 * Math.PI * direction / DIRECTIONS;
    }

    static int direction(double x, double y) {
        double turn = Math.atan2(y, x) / (2 * Math.PI);
        return (int) ((turn < 0 ? turn + 1 : turn) * DIRECTIONS) % DIRECTIONS;
    }

    /** Inner table; zero above the vertex. */
    double[] inner(double z) {
        return shell(z, 0);
    }

    /** Outer table. */
    double[] outer(double z) {
        return shell(z, skullMm);
    }

    /** Skin. */
    double[] skin(double z) {
        return shell(z, skullMm + scalpMm);
    }

    private double[] shell(double z, double outsideMm) {
        double k = z >= WIDEST_Z
                ? Math.sqrt(Math.max(0, 1 - square((z - WIDEST_Z) / (VERTEX_Z + outsideMm - WIDEST_Z))))
                : 1 - 0.16 * square((WIDEST_Z - z) / WIDEST_Z);
        double a = (halfWidth + outsideMm) * k;
        double b = (halfLength + outsideMm) * k;
        double[] radius = new double[DIRECTIONS];
        for (int i = 0; i < DIRECTIONS && k > 0; i++) {
            double cos = Math.cos(angle(i));
            double sin = Math.sin(angle(i));
            double ellipse = a * b / Math.sqrt(square(b * cos) + square(a * sin));
            double egg = 1 + 0.035 * sin * Math.abs(cos) * 2; // wider at the back
            radius[i] = ellipse * (egg + wave[i]);
        }
        return radius;
    }

    private static double square(double value) {
        return value * value;
    }
}
