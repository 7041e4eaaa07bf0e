package io.bloodnet.sandbox.ct;

import io.bloodnet.sandbox.cases.HeadContent;
import java.util.random.RandomGenerator;

/** Draws one head slice by slice. Not safe for threads. */
final class SliceDrawing {

    private static final double AIR = -1000;
    private static final double SKIN = 40;
    private static final double FAT = -90;
    private static final double TABLE = 1150;
    private static final double DIPLOE = 650;
    private static final double CSF = 9;
    private static final double CORTEX = 38;
    private static final double WHITE = 27;
    private static final double FALX = 44;
    private static final double NOISE_HU = 3.2;
    private static final double CORTEX_MM = 5;
    private static final double VOXEL_ML =
            SyntheticHeadCt.PIXEL_MM * SyntheticHeadCt.PIXEL_MM * SyntheticHeadCt.SLICE_MM / 1000;

    private final HeadSurfaces surfaces;
    private final Noise noise;
    private final Anatomy anatomy;
    private final Sulci sulci;
    private final Bleed bleed;
    private final double csfMm;
    private final SliceCanvas canvas = new SliceCanvas();
    private final short[] directions = new short[SliceCanvas.SIZE * SliceCanvas.SIZE];
    private final float[] radii = new float[directions.length];
    private long bloodPixels;

    SliceDrawing(HeadContent content, RandomGenerator random) {
        surfaces = new HeadSurfaces(random);
        noise = new Noise(random);
        anatomy = new Anatomy(random);
        sulci = new Sulci(random);
        bleed = Bleed.of(content, anatomy, random);
        csfMm = 1 + 1.5 * random.nextDouble();
        for (int i = 0; i < directions.length; i++) {
            double x = canvas.x(i % SliceCanvas.SIZE);
            double y = canvas.y(i / SliceCanvas.SIZE);
            directions[i] = (short) HeadSurfaces.direction(x, y);
            radii[i] = (float) Math.hypot(x, y);
        }
    }

    double bloodMl() {
        return bloodPixels * VOXEL_ML;
    }

    short[] draw(int slice) {
        double z = SyntheticHeadCt.z(slice);
        drawShells(new Shells(surfaces, z), z);
        for (Blob blob : anatomy.all()) {
            blob.render(canvas, z, noise);
        }
        for (Blob blob : bleed.blobs()) {
            int pixels = blob.render(canvas, z, noise);
            bloodPixels += blob.blood() ? pixels : 0;
        }
        canvas.blur();
        return canvas.finish(noise, NOISE_HU, slice);
    }

    /** The shells of one slice, with how far each edge is smeared by the slice's thickness. */
    private record Shells(double[] skin, double[] outer, double[] inner, double[] skinEdge, double[] innerEdge) {
        Shells(HeadSurfaces surfaces, double z) {
            this(
                    surfaces.skin(z),
                    surfaces.outer(z),
                    surfaces.inner(z),
                    smear(surfaces.skin(z - 1), surfaces.skin(z + 1)),
                    smear(surfaces.inner(z - 1), surfaces.inner(z + 1)));
        }

        private static double[] smear(double[] below, double[] above) {
            double[] edge = new double[below.length];
            for (int i = 0; i < edge.length; i++) {
                edge[i] = Math.hypot(0.7, (below[i] - above[i]) / 2 * SyntheticHeadCt.SLICE_MM);
            }
            return edge;
        }
    }

    private void drawShells(Shells shells, double z) {
        double[] layerDepth = new double[HeadSurfaces.DIRECTIONS];
        for (int d = 0; d < layerDepth.length; d++) {
            layerDepth[d] = bleed.layer().depthAt(HeadSurfaces.angle(d), z);
        }
        float[] furrows = sulci.at(z);
        for (int i = 0; i < directions.length; i++) {
            int d = directions[i];
            double r = radii[i];
            double fromSkin = shells.skin()[d] - r;
            if (fromSkin < -shells.skinEdge()[d]) {
                canvas.set(i, AIR);
                continue;
            }
            double depth = shells.inner()[d] - r;
            double in = Math.clamp(depth / shells.innerEdge()[d] + 0.5, 0, 1);
            double outside = in < 1 ? wall(fromSkin, shells, d, r) : 0;
            double inside = in > 0 ? content(i, depth, layerDepth[d], furrows[d], z) : 0;
            double value = outside + (inside - outside) * in;
            double body = Math.clamp(fromSkin / shells.skinEdge()[d] + 0.5, 0, 1);
            canvas.set(i, AIR + (value - AIR) * body);
        }
    }

    /** Skin, fat and skull. */
    private static double wall(double fromSkin, Shells shells, int d, double r) {
        double fromBone = shells.outer()[d] - r;
        if (fromBone > 0) {
            double through = fromBone / Math.max(1, shells.outer()[d] - shells.inner()[d]);
            return through > 0.3 && through < 0.7 ? DIPLOE : TABLE;
        }
        return fromSkin < 2 || fromBone > -1.5 ? SKIN : FAT;
    }

    /** Everything within the inner table, ellipsoids apart. {@code depth} under the table in mm. */
    private double content(int pixel, double depth, double layerDepth, float furrow, double z) {
        double x = canvas.x(pixel % SliceCanvas.SIZE);
        double y = canvas.y(pixel / SliceCanvas.SIZE);
        if (layerDepth > 0.5 && depth < layerDepth + 0.5) {
            bloodPixels += depth < layerDepth ? 1 : 0;
            double cover = Math.clamp(layerDepth - depth + 0.5, 0, 1);
            return brain(x, y, z, depth, furrow) * (1 - cover) + bleed.layer().hu() * cover;
        }
        double fluid = Math.clamp(csfMm - depth + 0.5, 0, 1);
        double tissue = fluid < 1 ? brain(x, y, z, depth, furrow) : 0;
        return tissue * (1 - fluid) + CSF * fluid;
    }

    private double brain(double x, double y, double z, double depth, float furrow) {
        double open = furrow * Math.clamp((sulci.depthMm() - depth) / 3, 0, 1);
        double ribbon = Math.clamp((CORTEX_MM + 9 * furrow - depth + 6 * noise.smooth(x, y, z, 12)) / 3, 0, 1);
        double value = WHITE + (CORTEX - WHITE) * ribbon + 1.5 * noise.smooth(x, y, z, 25);
        double gap = Math.clamp((open - 0.6) * 4, 0, 1);
        value += (filling(x) - value) * 0.9 * gap;
        return midline(value, x, y, z);
    }

    /** What the sulci of a side hold. */
    private double filling(double x) {
        return Double.isNaN(bleed.sulcusHu()) || x < 0 ? CSF : bleed.sulcusHu();
    }

    /** The fissure between the hemispheres with the falx in it, above the ventricles all along, below only in front and behind. */
    private static double midline(double value, double x, double y, double z) {
        boolean fissure = z > 100 || z > 60 && (y < -38 || y > 48);
        double away = Math.abs(x);
        if (!fissure || away > 2.5) {
            return value;
        }
        double falx = Math.clamp(1.1 - away, 0, 1);
        double fluid = Math.clamp(2.5 - away, 0, 1) * 0.6;
        return (value + (CSF - value) * fluid) * (1 - falx) + FALX * falx;
    }
}
