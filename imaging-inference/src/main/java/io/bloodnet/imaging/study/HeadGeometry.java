package io.bloodnet.imaging.study;

import io.bloodnet.imaging.finding.InputFlag;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/**
 * How the slices of the chosen series lie, known from headers before a pixel is fetched.
 *
 * @param seriesUid the chosen series
 * @param rows of each source slice once it is turned into the one orientation ({@link Turn})
 * @param columns of each source slice once it is turned
 * @param pixelAreaMm2 area of one source pixel, mm2
 * @param slices what the network looks at, from feet to head
 * @param medianGapMm median measured distance of source slices, mm
 * @param tiltDegrees measured gantry tilt
 * @param flags what a reader should know
 */
record HeadGeometry(
        String seriesUid,
        int rows,
        int columns,
        double pixelAreaMm2,
        List<HeadSlice> slices,
        double medianGapMm,
        double tiltDegrees,
        List<InputFlag> flags) {

    /** What the network was trained on; thinner stacks are averaged to about this, mm. */
    static final double NETWORK_SLICE_MM = 5;

    private static final double UNEVEN_RATIO = 0.1;
    private static final double GAP_RATIO = 1.5;
    private static final double TILT_FLAG_DEGREES = 1;

    HeadGeometry {
        slices = List.copyOf(slices);
        flags = List.copyOf(flags);
    }

    /**
     * One slice as the network sees it: a source slice, or the mean of neighbouring thin ones.
     *
     * @param sources ascending by height, at least one
     * @param depthsMm of each source: half the measured distance to each neighbour; at the ends the one neighbour counts twice
     */
    record HeadSlice(List<SliceHeader> sources, List<Double> depthsMm) {

        HeadSlice {
            sources = List.copyOf(sources);
            depthsMm = List.copyOf(depthsMm);
        }

        /** The source that names the slice. */
        SliceHeader centre() {
            return sources.get(sources.size() / 2);
        }

        /** All sources together, mm. */
        double depthMm() {
            return depthsMm.stream().mapToDouble(Double::doubleValue).sum();
        }
    }

    /** Plans a stack of at least two slices. {@code sharp}: only a sharp kernel was there. */
    static HeadGeometry of(String seriesUid, SliceStack stack, boolean sharp) {
        SliceHeader first = stack.slices().getFirst();
        Plane plane = stack.firstPlane();
        Turn turn = first.turn();
        int group = averagedTogether(stack.medianGapMm());
        return new HeadGeometry(
                seriesUid,
                turn.rows(first.rows(), first.columns()),
                turn.columns(first.rows(), first.columns()),
                plane.rowSpacingMm() * plane.columnSpacingMm(),
                group(stack, group),
                stack.medianGapMm(),
                stack.tiltDegrees(),
                flags(stack, group, sharp));
    }

    /** How many slices of this distance make about 5 mm; 1 when they are thick enough. */
    static int averagedTogether(double gapMm) {
        return Math.max(1, (int) Math.round(NETWORK_SLICE_MM / gapMm));
    }

    /** Half the distance to each neighbour, mm. */
    static double[] depths(double[] heights) {
        int last = heights.length - 1;
        double[] depths = new double[heights.length];
        for (int i = 0; i <= last; i++) {
            double below = i > 0 ? heights[i] - heights[i - 1] : heights[1] - heights[0];
            double above = i < last ? heights[i + 1] - heights[i] : heights[last] - heights[last - 1];
            depths[i] = (below + above) / 2;
        }
        return depths;
    }

    private static List<HeadSlice> group(SliceStack stack, int size) {
        double[] depths = depths(stack.heights());
        List<HeadSlice> slices = new ArrayList<>();
        int count = stack.slices().size();
        for (int from = 0; from < count; ) {
            // What is left over at the head joins the last group when it would be less than half a group.
            int to = count - (from + size) < Math.ceilDiv(size, 2) ? count : from + size;
            List<Double> groupDepths = new ArrayList<>();
            for (int i = from; i < to; i++) {
                groupDepths.add(depths[i]);
            }
            slices.add(new HeadSlice(stack.slices().subList(from, to), groupDepths));
            from = to;
        }
        return slices;
    }

    private static List<InputFlag> flags(SliceStack stack, int group, boolean sharp) {
        EnumSet<InputFlag> flags = EnumSet.noneOf(InputFlag.class);
        SliceHeader first = stack.slices().getFirst();
        double median = stack.medianGapMm();
        for (double gap : stack.gaps()) {
            setIf(flags, InputFlag.UNEVEN_SPACING, Math.abs(gap - median) > UNEVEN_RATIO * median);
            setIf(flags, InputFlag.GAP, gap > GAP_RATIO * median);
        }
        setIf(flags, InputFlag.DUPLICATE_SLICES_DROPPED, stack.duplicates() > 0);
        setIf(flags, InputFlag.THIN_SLICES_AVERAGED, group > 1);
        setIf(flags, InputFlag.RESAMPLED, first.rows() != HeadVolume.SIDE || first.columns() != HeadVolume.SIDE);
        setIf(flags, InputFlag.TILTED, stack.tiltDegrees() > TILT_FLAG_DEGREES);
        setIf(flags, InputFlag.SHARP_KERNEL, sharp);
        setIf(flags, InputFlag.LOSSY, stack.slices().stream().anyMatch(SliceHeader::lossy));
        return List.copyOf(flags);
    }

    private static void setIf(EnumSet<InputFlag> flags, InputFlag flag, boolean condition) {
        if (condition) {
            flags.add(flag);
        }
    }

    /** All source slices, from feet to head. */
    List<SliceHeader> sources() {
        return slices.stream().flatMap(slice -> slice.sources().stream()).toList();
    }
}
