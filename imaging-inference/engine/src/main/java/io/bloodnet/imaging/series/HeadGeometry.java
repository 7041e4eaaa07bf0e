package io.bloodnet.imaging.series;

import io.bloodnet.imaging.finding.InputFlag;
import io.bloodnet.imaging.geometry.Grid;
import io.bloodnet.imaging.geometry.Plane;
import io.bloodnet.imaging.geometry.Turn;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;

/**
 * How the slices of the chosen series lie, known from headers before a pixel is fetched.
 *
 * @param seriesUid the chosen series
 * @param rows of each source slice once it is turned into the one orientation ({@link Turn})
 * @param columns of each source slice once it is turned
 * @param rowMm distance of the turned rows
 * @param columnMm distance of the turned columns
 * @param slices what the network looks at, from feet to head
 * @param medianGapMm median measured distance of source slices, mm
 * @param tiltDegrees measured gantry tilt
 * @param flags what a reader should know
 */
public record HeadGeometry(
        String seriesUid,
        int rows,
        int columns,
        double rowMm,
        double columnMm,
        List<HeadSlice> slices,
        double medianGapMm,
        double tiltDegrees,
        List<InputFlag> flags) {

    /** What the network was trained on; thinner stacks are averaged to about this, mm. */
    static final double NETWORK_SLICE_MM = 5;

    /** Joined slices stay below this, mm: 3 mm stays 3 mm. */
    private static final double GROUP_MM_MAX = 5.9;

    /** A group at the head that would be thinner than this is made of more slices, mm. */
    private static final double LEFT_OVER_MM = 2.5;

    private static final double UNEVEN_RATIO = 0.1;
    private static final double GAP_RATIO = 1.5;
    private static final double TILT_FLAG_DEGREES = 1;

    public HeadGeometry {
        slices = List.copyOf(slices);
        flags = List.copyOf(flags);
    }

    /**
     * One slice as the network sees it: a source slice, or the mean of neighbouring thin ones.
     *
     * @param sources ascending by height, at least one
     * @param depthsMm of each source: half the measured distance to each neighbour; at the ends the one neighbour counts twice
     */
    public record HeadSlice(List<SliceHeader> sources, List<Double> depthsMm) {

        public HeadSlice {
            sources = List.copyOf(sources);
            depthsMm = List.copyOf(depthsMm);
        }

        /** The source that names the slice. */
        public SliceHeader centre() {
            return sources.get(sources.size() / 2);
        }

        /** Position of the middle along the normal, mm. */
        public double heightMm() {
            return (sources.getFirst().turnedPlane().height()
                            + sources.getLast().turnedPlane().height())
                    / 2;
        }

        /** Distance from the highest source to the lowest of the next slice, mm. */
        public double gapTo(HeadSlice next) {
            return next.sources().getFirst().turnedPlane().height()
                    - sources.getLast().turnedPlane().height();
        }

        /** What a source counts for in the mean: its depth in micrometres, so that equal depths count alike whatever they are rounded to. */
        public int weight(SliceHeader source) {
            return Math.max(1, (int) Math.round(1000 * depthsMm.get(sources.indexOf(source))));
        }

        /** All sources together, mm. */
        public double depthMm() {
            return depthsMm.stream().mapToDouble(Double::doubleValue).sum();
        }
    }

    /** Plans a stack of at least two slices. {@code sharp}: only a sharp kernel was there. */
    static HeadGeometry of(String seriesUid, SliceStack stack, boolean sharp) {
        SliceHeader first = stack.slices().getFirst();
        Plane plane = stack.firstPlane();
        Turn turn = first.turn();
        List<HeadSlice> slices = group(stack);
        return new HeadGeometry(
                seriesUid,
                turn.rows(first.rows(), first.columns()),
                turn.columns(first.rows(), first.columns()),
                plane.rowSpacingMm(),
                plane.columnSpacingMm(),
                slices,
                stack.medianGapMm(),
                stack.tiltDegrees(),
                flags(stack, slices, sharp));
    }

    /** Median depth of what the network looks at, mm. */
    public double medianDepthMm() {
        double[] depths =
                slices.stream().mapToDouble(HeadSlice::depthMm).sorted().toArray();
        return depths[depths.length / 2];
    }

    /** Pixels of each turned source slice. */
    public Grid grid() {
        return new Grid(rows, columns, rowMm, columnMm);
    }

    /** Area of one source pixel, mm2. */
    public double pixelAreaMm2() {
        return rowMm * columnMm;
    }

    /** How many slices the network would look at. */
    static int networkSlices(SliceStack stack) {
        return group(stack).size();
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

    /**
     * Thin neighbours are joined as long as that brings their depth nearer to 5 mm; thick slices stay as they are. Depth counts and not the
     * number of slices, since one series may be thin at the base and thick above.
     */
    private static List<HeadSlice> group(SliceStack stack) {
        double[] depths = depths(stack.heights());
        List<HeadSlice> slices = new ArrayList<>();
        int from = 0;
        while (from < depths.length) {
            int to = groupEnd(depths, from);
            if (to < depths.length && depthMm(depths, to, depths.length) < LEFT_OVER_MM && to - from > 1) {
                // What would be left over at the head is shared with the group before it.
                to = (from + depths.length + 1) / 2;
                slices.add(slice(stack, depths, from, to));
                slices.add(slice(stack, depths, to, depths.length));
                return slices;
            }
            slices.add(slice(stack, depths, from, to));
            from = to;
        }
        return slices;
    }

    private static int groupEnd(double[] depths, int from) {
        double mm = depths[from];
        int to = from + 1;
        while (to < depths.length
                && mm + depths[to] < GROUP_MM_MAX
                && Math.abs(mm + depths[to] - NETWORK_SLICE_MM) < Math.abs(mm - NETWORK_SLICE_MM)) {
            mm += depths[to];
            to++;
        }
        return to;
    }

    private static double depthMm(double[] depths, int from, int to) {
        return Arrays.stream(depths, from, to).sum();
    }

    private static HeadSlice slice(SliceStack stack, double[] depths, int from, int to) {
        return new HeadSlice(
                stack.slices().subList(from, to),
                Arrays.stream(depths, from, to).boxed().toList());
    }

    private static List<InputFlag> flags(SliceStack stack, List<HeadSlice> slices, boolean sharp) {
        EnumSet<InputFlag> flags = EnumSet.noneOf(InputFlag.class);
        double median = stack.medianGapMm();
        for (double gap : stack.gaps()) {
            setIf(flags, InputFlag.UNEVEN_SPACING, Math.abs(gap - median) > UNEVEN_RATIO * median);
            setIf(flags, InputFlag.GAP, gap > GAP_RATIO * median);
        }
        setIf(flags, InputFlag.DUPLICATE_SLICES_DROPPED, stack.duplicates() > 0);
        setIf(
                flags,
                InputFlag.THIN_SLICES_AVERAGED,
                slices.size() < stack.slices().size());
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
    public List<SliceHeader> sources() {
        return slices.stream().flatMap(slice -> slice.sources().stream()).toList();
    }
}
