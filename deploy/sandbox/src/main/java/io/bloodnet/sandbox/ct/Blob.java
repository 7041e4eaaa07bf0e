package io.bloodnet.sandbox.ct;

/**
 * An ellipsoid of one density, blended into slices with soft edges. Coordinates in mm: x to the patient's left, y to the back, z to the
 * head, origin on the midline at the lowest slice.
 *
 * @param angle in-plane rotation, radians, from x towards y
 * @param hu density inside
 * @param roughness 0 for smooth, up to about 0.5 for a ragged outline
 * @param blood whether it counts as blood
 */
record Blob(
        double x,
        double y,
        double z,
        double radiusX,
        double radiusY,
        double radiusZ,
        double angle,
        double hu,
        double roughness,
        boolean blood) {

    /** Half of the slice thickness that is averaged into one image, mm. */
    private static final double HALF_SLICE_MM = SyntheticHeadCt.SLICE_MM / 2;

    /** Tissue that is no blood. */
    static Blob tissue(double x, double y, double z, double rx, double ry, double rz, double angle, double hu) {
        return new Blob(x, y, z, rx, ry, rz, angle, hu, 0, false);
    }

    /** The same on the other side of the midline. */
    Blob mirrored() {
        return new Blob(-x, y, z, radiusX, radiusY, radiusZ, -angle, hu, roughness, blood);
    }

    /** The same, larger or smaller. */
    Blob scaled(double factor) {
        return new Blob(x, y, z, radiusX * factor, radiusY * factor, radiusZ * factor, angle, hu, roughness, blood);
    }

    /** The same ellipsoid of another density. */
    Blob of(double otherHu, boolean isBlood) {
        return new Blob(x, y, z, radiusX, radiusY, radiusZ, angle, otherHu, roughness, isBlood);
    }

    /**
     * Blends it into one slice.
     *
     * @return pixels of which more than half is in it
     */
    int render(SliceCanvas canvas, double sliceZ, Noise noise) {
        double along = Math.max(0, Math.abs(sliceZ - z) - HALF_SLICE_MM / 2) / radiusZ;
        double reach = Math.max(radiusX, radiusY) * (1 + roughness) + 2;
        if (along >= 1 + roughness) {
            return 0;
        }
        double cos = Math.cos(angle);
        double sin = Math.sin(angle);
        double edge = Math.min(radiusX, radiusY); // soft edge of about a mm, whatever the size
        int inside = 0;
        for (int row = canvas.row(y - reach); row <= canvas.row(y + reach); row++) {
            for (int column = canvas.column(x - reach); column <= canvas.column(x + reach); column++) {
                double dx = canvas.x(column) - x;
                double dy = canvas.y(row) - y;
                double u = (dx * cos + dy * sin) / radiusX;
                double v = (dy * cos - dx * sin) / radiusY;
                double level = Math.sqrt(u * u + v * v + along * along);
                if (roughness > 0) {
                    level += roughness * noise.smooth(canvas.x(column), canvas.y(row), sliceZ, 9);
                }
                double cover = Math.clamp((1 - level) * edge + 0.5, 0, 1);
                if (cover > 0) {
                    canvas.blend(row, column, hu, cover);
                    inside += cover > 0.5 ? 1 : 0;
                }
            }
        }
        return inside;
    }
}
