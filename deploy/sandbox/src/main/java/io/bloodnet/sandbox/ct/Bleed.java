package io.bloodnet.sandbox.ct;

import io.bloodnet.sandbox.cases.HeadContent;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The blood of one head: ellipsoids, and a layer along the inner table.
 *
 * @param blobs drawn in order
 * @param layer depth under the inner table
 * @param sulcusHu density of the sulci on one side, or NaN when they hold fluid
 */
record Bleed(List<Blob> blobs, Layer layer, double sulcusHu) {

    /**
     * Blood between the inner table and the brain.
     *
     * @param direction middle of it, radians around the axis
     * @param halfWidth radians to its edge
     * @param z middle, mm
     * @param halfHeight mm to its upper and lower edge
     * @param depth at the middle, mm; 0 for none
     * @param lens biconvex (epidural), else a crescent (subdural)
     */
    record Layer(
            double direction, double halfWidth, double z, double halfHeight, double depth, boolean lens, double hu) {

        static final Layer NONE = new Layer(0, 1, 0, 1, 0, false, 0);

        /** Depth at a direction and height, mm. */
        double depthAt(double angle, double sliceZ) {
            double turn = Math.abs(Math.IEEEremainder(angle - direction, 2 * Math.PI)) / halfWidth;
            double height = Math.abs(sliceZ - z) / halfHeight;
            double left = 1 - turn * turn - height * height;
            return left <= 0 ? 0 : depth * (lens ? left : Math.min(1, 1.4 * Math.sqrt(left)));
        }
    }

    static Bleed of(HeadContent content, Anatomy anatomy, RandomGenerator random) {
        int side = random.nextBoolean() ? 1 : -1;
        double size = 0.9 + 0.3 * random.nextDouble();
        return switch (content) {
            case CLEAN, LOCALIZER_ONLY -> new Bleed(List.of(), Layer.NONE, Double.NaN);
            case INTRAPARENCHYMAL -> new Bleed(intraparenchymal(side, size), Layer.NONE, Double.NaN);
            case SUBDURAL ->
                new Bleed(List.of(), new Layer(lateral(side), 1.2, 92, 38, 9 * size, false, 62), Double.NaN);
            case EPIDURAL ->
                new Bleed(List.of(), new Layer(lateral(side), 0.55, 82, 30, 24 * size, true, 68), Double.NaN);
            case INTRAVENTRICULAR -> new Bleed(intraventricular(anatomy), Layer.NONE, Double.NaN);
            case SUBARACHNOID -> new Bleed(subarachnoid(anatomy), Layer.NONE, 52);
        };
    }

    private static double lateral(int side) {
        return side > 0 ? -0.1 : Math.PI + 0.1;
    }

    /** A hematoma in the basal ganglia, with a rim of edema. */
    private static List<Blob> intraparenchymal(int side, double size) {
        Blob hematoma = new Blob(side * 27.0, -2, 78, 15, 21, 17, side * -0.2, 66, 0.28, true).scaled(size);
        return List.of(hematoma.scaled(1.28).of(20, false), hematoma);
    }

    /** Clot fills the lateral ventricles' lower parts, third and fourth ventricle. */
    private static List<Blob> intraventricular(Anatomy anatomy) {
        List<Blob> clots = new ArrayList<>();
        for (Blob v : anatomy.ventricles()) {
            Blob lower = new Blob(
                    v.x(),
                    v.y() + 0.2 * v.radiusY(),
                    v.z(),
                    v.radiusX() * 1.05,
                    v.radiusY() * 0.85,
                    v.radiusZ() * 0.95,
                    v.angle(),
                    62,
                    0.1,
                    true);
            clots.add(lower);
        }
        return clots;
    }

    private static List<Blob> subarachnoid(Anatomy anatomy) {
        List<Blob> layers = new ArrayList<>();
        anatomy.cisterns().forEach(c -> layers.add(c.scaled(1.15).of(60, true)));
        return layers;
    }
}
