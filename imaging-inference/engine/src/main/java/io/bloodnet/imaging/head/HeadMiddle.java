package io.bloodnet.imaging.head;

import java.util.Arrays;

/** Finds the head in slices whose field of view is far larger: the middle of the skull around the brain. */
final class HeadMiddle {

    private static final int BONE_HU = 250;

    /** Every so many rows and columns are looked at. */
    private static final int STEP = 2;

    /** Part of the bone that may lie beyond each end: a headrest, a wire, a tooth. */
    private static final double STRAY_PART = 0.02;

    private HeadMiddle() {}

    /**
     * The middle of the skull in the slices that show brain, or of all slices where none does.
     *
     * @param volume complete, its slices showing all of the sources
     * @return distance from the upper and from the left edge of the sources' slices, mm
     */
    static double[] of(HeadVolume volume) {
        BrainExtent extent = volume.extent();
        boolean none = extent.slices() == 0;
        int[] rows = new int[HeadVolume.SIDE];
        int[] columns = new int[HeadVolume.SIDE];
        for (int i = none ? 0 : extent.first(); i <= (none ? volume.size() - 1 : extent.last()); i++) {
            count(volume.slice(i), rows, columns);
        }
        Field whole = Field.whole(volume.geometry().grid());
        double corner = HeadVolume.SIDE / 2.0;
        return new double[] {
            whole.middleRowMm() + (middle(rows) - corner) * whole.pixelMm(),
            whole.middleColumnMm() + (middle(columns) - corner) * whole.pixelMm()
        };
    }

    private static void count(short[] hu, int[] rows, int[] columns) {
        for (int y = 0; y < HeadVolume.SIDE; y += STEP) {
            for (int x = 0; x < HeadVolume.SIDE; x += STEP) {
                if (hu[y * HeadVolume.SIDE + x] >= BONE_HU) {
                    rows[y]++;
                    columns[x]++;
                }
            }
        }
    }

    /** Halfway between the ends of what was counted; the middle of the slice when nothing was. */
    private static double middle(int[] counts) {
        int total = Arrays.stream(counts).sum();
        if (total == 0) {
            return HeadVolume.SIDE / 2.0;
        }
        int low = 0;
        for (double seen = counts[0]; seen <= STRAY_PART * total; seen += counts[low]) {
            low++;
        }
        int high = HeadVolume.SIDE - 1;
        for (double seen = counts[high]; seen <= STRAY_PART * total; seen += counts[high]) {
            high--;
        }
        return (low + high + 1) / 2.0;
    }
}
