package io.bloodnet.imaging.series;

import io.bloodnet.imaging.geometry.Plane;
import io.bloodnet.imaging.geometry.Turn;
import io.bloodnet.imaging.geometry.Vector3;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Slices that have one orientation and matrix once they are turned ({@link Turn}), from feet to head, at most one at each height.
 *
 * @param slices each with a plane, ascending by height
 * @param duplicates slices that were dropped because another lies at the same height
 */
public record SliceStack(List<SliceHeader> slices, int duplicates) {

    /** Slices nearer than this lie at the same height, mm. */
    static final double SAME_HEIGHT_MM = 0.1;

    /** Directions and spacings that differ by less are the same; devices round to six digits or fewer. */
    private static final double SAME_DIRECTION_DEGREES = 0.5;

    private static final double SAME_SPACING_MM = 0.001;

    public SliceStack {
        slices = List.copyOf(slices);
    }

    /** Splits slices that all have a plane wherever orientation, matrix or spacing changes, and orders each part. */
    static List<SliceStack> split(List<SliceHeader> slices) {
        List<List<SliceHeader>> parts = new ArrayList<>();
        for (SliceHeader slice : slices) {
            parts.stream()
                    .filter(part -> sameGrid(part.getFirst(), slice))
                    .findFirst()
                    .orElseGet(() -> {
                        List<SliceHeader> part = new ArrayList<>();
                        parts.add(part);
                        return part;
                    })
                    .add(slice);
        }
        return parts.stream().map(SliceStack::ordered).toList();
    }

    private static boolean sameGrid(SliceHeader a, SliceHeader b) {
        Plane p = planeOf(a);
        Plane q = planeOf(b);
        return a.rows() == b.rows()
                && a.columns() == b.columns()
                && a.turn().transposed() == b.turn().transposed()
                && p.alongRow().dot(q.alongRow()) > 0
                && p.alongColumn().dot(q.alongColumn()) > 0
                && p.alongRow().degreesTo(q.alongRow()) < SAME_DIRECTION_DEGREES
                && p.alongColumn().degreesTo(q.alongColumn()) < SAME_DIRECTION_DEGREES
                && Math.abs(p.rowSpacingMm() - q.rowSpacingMm()) < SAME_SPACING_MM
                && Math.abs(p.columnSpacingMm() - q.columnSpacingMm()) < SAME_SPACING_MM;
    }

    private static SliceStack ordered(List<SliceHeader> part) {
        List<SliceHeader> sorted = new ArrayList<>(part);
        sorted.sort(Comparator.comparingDouble((SliceHeader s) -> planeOf(s).height())
                .thenComparingInt(SliceHeader::instanceNumber)
                .thenComparing(SliceHeader::sopInstanceUid)
                .thenComparingInt(SliceHeader::frame));
        List<SliceHeader> kept = new ArrayList<>();
        for (SliceHeader slice : sorted) {
            if (kept.isEmpty()
                    || planeOf(slice).height() - planeOf(kept.getLast()).height() >= SAME_HEIGHT_MM) {
                kept.add(slice);
            }
        }
        return new SliceStack(kept, sorted.size() - kept.size());
    }

    /** Heights along the normal, mm, ascending. */
    public double[] heights() {
        return slices.stream().mapToDouble(s -> planeOf(s).height()).toArray();
    }

    /** Distances between neighbours along the normal, mm; one fewer than slices. */
    double[] gaps() {
        double[] heights = heights();
        double[] gaps = new double[Math.max(0, heights.length - 1)];
        for (int i = 0; i < gaps.length; i++) {
            gaps[i] = heights[i + 1] - heights[i];
        }
        return gaps;
    }

    /** Median of the gaps, mm; 0 for fewer than two slices. */
    double medianGapMm() {
        double[] sorted = gaps();
        Arrays.sort(sorted);
        int count = sorted.length;
        return count == 0 ? 0 : (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
    }

    /** Largest gap, mm; 0 for fewer than two slices. */
    double largestGapMm() {
        return Arrays.stream(gaps()).max().orElse(0);
    }

    /** Distance from the first to the last slice along the normal, mm. */
    public double extentMm() {
        return Arrays.stream(gaps()).sum();
    }

    /** Angle between the slices' normal and the body axis, degrees: how oblique they are cut. */
    double obliquityDegrees() {
        return firstPlane().normal().degreesTo(new Vector3(0, 0, 1));
    }

    /**
     * Gantry tilt, degrees: the angle between the normal and the direction in which the slices are stacked. Measured, since the tag
     * (0018,1120) is often wrong or absent. 0 for fewer than two slices.
     */
    double tiltDegrees() {
        if (slices.size() < 2) {
            return 0;
        }
        Plane first = firstPlane();
        Vector3 along = planeOf(slices.getLast()).position().minus(first.position());
        return first.normal().degreesTo(along);
    }

    /** Where the slice lies in the one orientation, see {@link Turn}. */
    private static Plane planeOf(SliceHeader slice) {
        return slice.turnedPlane();
    }

    /** Where the lowest slice lies in the one orientation. */
    Plane firstPlane() {
        return planeOf(slices.getFirst());
    }
}
