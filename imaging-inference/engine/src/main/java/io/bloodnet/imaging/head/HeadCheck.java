package io.bloodnet.imaging.head;

/**
 * Tells whether a slice shows brain inside a skull: tissue of 0 to 100 HU that bone surrounds on all sides. It looks at every fourth row
 * and column, in the thread that decodes.
 */
public final class HeadCheck {

    private static final int STEP = 4;
    private static final int GRID = HeadVolume.SIDE / STEP;
    private static final int CELLS = GRID * GRID;

    private static final int BONE_HU = 250;
    private static final int TISSUE_HU_MIN = -15;
    private static final int TISSUE_HU_MAX = 110;

    /** Air, also where a smooth kernel or a slope that is slightly off blurs it. */
    private static final int AIR_HU_MAX = -700;

    /** Directions out of eight in which bone must be met: a craniotomy may leave one open. */
    private static final int DIRECTIONS_MIN = 7;

    /** Enclosed area of a slice through the brain, mm2: from near the vertex to a large head. */
    private static final double AREA_MM2_MIN = 3_000;

    private static final double AREA_MM2_MAX = 32_000;

    /** Part of the enclosed area that must be brain, CSF or blood. */
    private static final double TISSUE_PART_MIN = 0.7;

    private static final int[][] DIRECTIONS = {{0, 1}, {0, -1}, {1, 0}, {-1, 0}, {1, 1}, {1, -1}, {-1, 1}, {-1, -1}};

    private HeadCheck() {}

    /**
     * What one slice shows.
     *
     * @param brain whether it shows brain inside a skull
     * @param tissueHu median of what bone encloses and is brain, CSF or blood, HU; 0 when there is none
     * @param air part of the slice that is air, 0 to 1
     */
    public record Look(boolean brain, int tissueHu, double air) {}

    /** @param pixelAreaMm2 area of one pixel of the {@code SIDE x SIDE} slice */
    public static Look look(short[] hu, double pixelAreaMm2) {
        boolean[] bone = bone(hu);
        byte[] hits = new byte[CELLS];
        for (int[] direction : DIRECTIONS) {
            countHits(bone, direction[0], direction[1], hits);
        }
        int enclosed = 0;
        int tissue = 0;
        int air = 0;
        int[] counts = new int[TISSUE_HU_MAX - TISSUE_HU_MIN + 1];
        for (int cell = 0; cell < CELLS; cell++) {
            int value = hu[cell / GRID * STEP * HeadVolume.SIDE + cell % GRID * STEP];
            air += value <= AIR_HU_MAX ? 1 : 0;
            if (!bone[cell] && hits[cell] >= DIRECTIONS_MIN) {
                enclosed++;
                if (value >= TISSUE_HU_MIN && value <= TISSUE_HU_MAX) {
                    tissue++;
                    counts[value - TISSUE_HU_MIN]++;
                }
            }
        }
        double area = enclosed * pixelAreaMm2 * STEP * STEP;
        boolean brain = area >= AREA_MM2_MIN && area <= AREA_MM2_MAX && tissue >= TISSUE_PART_MIN * enclosed;
        return new Look(brain, median(counts, tissue), (double) air / CELLS);
    }

    private static int median(int[] counts, int total) {
        int seen = 0;
        for (int i = 0; i < counts.length; i++) {
            seen += counts[i];
            if (2 * seen > total) {
                return i + TISSUE_HU_MIN;
            }
        }
        return 0;
    }

    /** A cell is bone when any of its pixels is: thin tables of a skull must not be stepped over. */
    private static boolean[] bone(short[] hu) {
        boolean[] bone = new boolean[CELLS];
        for (int y = 0; y < HeadVolume.SIDE; y++) {
            int cells = y / STEP * GRID;
            int row = y * HeadVolume.SIDE;
            for (int x = 0; x < HeadVolume.SIDE; x++) {
                if (hu[row + x] >= BONE_HU) {
                    bone[cells + x / STEP] = true;
                }
            }
        }
        return bone;
    }

    /** One pass against the direction: a cell meets bone when its neighbour is bone or meets it. */
    private static void countHits(boolean[] bone, int dy, int dx, byte[] hits) {
        boolean[] meets = new boolean[CELLS];
        for (int i = 0; i < GRID; i++) {
            int y = dy > 0 ? GRID - 1 - i : i;
            for (int j = 0; j < GRID; j++) {
                int x = dx > 0 ? GRID - 1 - j : j;
                int ny = y + dy;
                int nx = x + dx;
                if (ny < 0 || ny >= GRID || nx < 0 || nx >= GRID) {
                    continue;
                }
                int next = ny * GRID + nx;
                if (bone[next] || meets[next]) {
                    meets[y * GRID + x] = true;
                    hits[y * GRID + x]++;
                }
            }
        }
    }
}
