package io.bloodnet.imaging.series;

import io.bloodnet.imaging.geometry.Plane;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.Comparator;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A stack of slices that may show the head, by its headers.
 *
 * @param seriesUid its series
 * @param stack what would be analyzed
 * @param original whether Image Type says so; else an axial reformat
 * @param sharp whether it has a bone or sharp kernel
 * @param elsewhere whether the header names another part of the body: a hint, it is often wrong
 * @param leftOut slices of the series that were left out one by one
 * @param unplaced those of them that could not be placed: what they show is not known
 */
public record Candidate(
        String seriesUid,
        SliceStack stack,
        boolean original,
        boolean sharp,
        boolean elsewhere,
        int leftOut,
        int unplaced) {

    /** Scans that lie further apart were made at different times. */
    private static final Duration APART = Duration.ofSeconds(60);

    /** Share of a stack's length within another from which both show the same. */
    private static final double SAME_PART = 0.5;

    /** Share of the longer stack that both cover from which neither can hide anything from the other. */
    private static final double ALIKE_PART = 0.8;

    private static final double PIXEL_RATIO = 1.05;

    private static final double SAME_TILT_DEGREES = 2;

    public HeadGeometry geometry() {
        return HeadGeometry.of(seriesUid, stack, sharp);
    }

    private double low() {
        return stack.heights()[0];
    }

    private double high() {
        return stack.heights()[stack.slices().size() - 1];
    }

    private double sharedMm(Candidate other) {
        return Math.min(high(), other.high()) - Math.max(low(), other.low());
    }

    /** Whether another stack of the same scan shows what this one shows: another kernel, thickness or reconstruction. */
    public boolean showsSameAs(Candidate other) {
        boolean samePlace = sharedMm(other) >= SAME_PART * stack.extentMm();
        boolean ownView = seriesUid.equals(other.seriesUid) && !sharp && isOtherView(other);
        return sameScan(other) && samePlace && !ownView;
    }

    /** Whether both reach over nearly the same, so that one cannot be a head and the other another part of the body. */
    public boolean isAlike(Candidate other) {
        double longer = Math.max(stack.extentMm(), other.stack.extentMm());
        return sameScan(other) && sharedMm(other) >= ALIKE_PART * longer;
    }

    /** Another tilt or field of view. */
    private boolean isOtherView(Candidate other) {
        Plane a = Objects.requireNonNull(stack.slices().getFirst().plane());
        Plane b = Objects.requireNonNull(other.stack.slices().getFirst().plane());
        double ratio = a.rowSpacingMm()
                * stack.slices().getFirst().rows()
                / (b.rowSpacingMm() * other.stack.slices().getFirst().rows());
        return a.normal().degreesTo(b.normal()) > SAME_TILT_DEGREES || Math.max(ratio, 1 / ratio) > PIXEL_RATIO;
    }

    /** Not a statement that both are one scan, only that nothing says otherwise. */
    public boolean sameScan(Candidate other) {
        Set<Integer> mine = acquisitions();
        Set<Integer> others = other.acquisitions();
        // Within one series no number is a number like others; elsewhere it tells nothing.
        boolean told = seriesUid.equals(other.seriesUid) || !mine.contains(0) && !others.contains(0);
        boolean otherNumbers = told && mine.stream().noneMatch(others::contains);
        return !otherNumbers && !isApart(other);
    }

    /** Whether the scanner's clock says that there was time between both. */
    public boolean isApart(Candidate other) {
        LocalDateTime start = start();
        LocalDateTime end = end();
        LocalDateTime otherStart = other.start();
        LocalDateTime otherEnd = other.end();
        if (start == null || end == null || otherStart == null || otherEnd == null) {
            return false;
        }
        return Duration.between(otherEnd, start).compareTo(APART) > 0
                || Duration.between(end, otherStart).compareTo(APART) > 0;
    }

    private Set<Integer> acquisitions() {
        return stack.slices().stream()
                .map(slice -> slice.making().acquisition())
                .collect(Collectors.toSet());
    }

    private @Nullable LocalDateTime start() {
        return stack.slices().stream()
                .map(slice -> slice.making().acquiredAt())
                .filter(Objects::nonNull)
                .min(Comparator.naturalOrder())
                .orElse(null);
    }

    private @Nullable LocalDateTime end() {
        return stack.slices().stream()
                .map(slice -> slice.making().acquiredAt())
                .filter(Objects::nonNull)
                .max(Comparator.naturalOrder())
                .orElse(null);
    }

    double thicknessOff() {
        return Math.abs(stack.medianGapMm() - HeadGeometry.NETWORK_SLICE_MM);
    }
}
