package io.bloodnet.imaging.series;

import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Tells apart what was put into one series: soft and bone, two thicknesses, two times, an aborted scan and its repeat. Slices made in
 * different ways that lie beside each other are one scan of two parts; where they lie among each other they are two looks at one place.
 */
final class ScanSplit {

    /** A rest between two acquisitions; the table moves on within less. */
    private static final Duration PAUSE = Duration.ofSeconds(20);

    /** Two reconstructions share at least this many slices' heights; one is where two parts of a scan meet. */
    private static final int SHARED_MIN = 2;

    private ScanSplit() {}

    /** @param slices each with a plane */
    static List<List<SliceHeader>> split(List<SliceHeader> slices) {
        List<List<SliceHeader>> parts = List.of(slices);
        parts = apart(parts, ScanSplit::sharp, 0);
        parts = apart(parts, slice -> slice.kernel() == null ? "" : slice.kernel(), SHARED_MIN);
        parts = apart(parts, slice -> slice.making().kvp(), SHARED_MIN);
        parts = apart(parts, slice -> Math.round(slice.making().thicknessMm() * 10), SHARED_MIN);
        parts = apart(parts, SliceHeader::imageType, SHARED_MIN);
        parts = apart(parts, slice -> slice.making().stack(), SHARED_MIN);
        parts = apart(parts, slice -> slice.making().time(), 1);
        parts = apart(parts, slice -> slice.making().acquisition(), 1);
        List<List<SliceHeader>> scans = new ArrayList<>();
        for (List<SliceHeader> part : parts) {
            Map<SliceHeader, Integer> times = times(part);
            scans.addAll(apart(List.of(part), slice -> times.getOrDefault(slice, 0), SHARED_MIN));
        }
        return scans;
    }

    static boolean sharp(SliceHeader slice) {
        return Acquisition.isSharp(slice.kernel(), slice.seriesDescription());
    }

    /** @param sharedMin slices of both among each other that make two scans of them; 0: always two */
    private static List<List<SliceHeader>> apart(
            List<List<SliceHeader>> parts, Function<SliceHeader, Object> key, int sharedMin) {
        List<List<SliceHeader>> apart = new ArrayList<>();
        for (List<SliceHeader> part : parts) {
            Map<Object, List<SliceHeader>> groups = new LinkedHashMap<>();
            for (SliceHeader slice : inOrder(part)) {
                groups.computeIfAbsent(key.apply(slice), _ -> new ArrayList<>()).add(slice);
            }
            List<List<SliceHeader>> scans = new ArrayList<>();
            for (List<SliceHeader> group : groups.values()) {
                List<SliceHeader> last = scans.isEmpty() ? null : scans.getLast();
                if (last == null || sharedMin == 0 || shared(last, group) >= sharedMin) {
                    scans.add(new ArrayList<>(group));
                } else {
                    last.addAll(group);
                }
            }
            apart.addAll(scans);
        }
        return apart;
    }

    /** As they were scanned. */
    private static List<SliceHeader> inOrder(List<SliceHeader> slices) {
        return slices.stream()
                .sorted(Comparator.comparing(
                                (SliceHeader s) -> s.making().acquiredAt(),
                                Comparator.nullsFirst(Comparator.naturalOrder()))
                        .thenComparingInt(s -> s.making().acquisition())
                        .thenComparingInt(SliceHeader::instanceNumber)
                        .thenComparing(SliceHeader::sopInstanceUid)
                        .thenComparingInt(SliceHeader::frame))
                .toList();
    }

    /** Slices of the one that lie within the reach of the other; those of the smaller count. */
    private static long shared(List<SliceHeader> a, List<SliceHeader> b) {
        Reach first = Reach.of(a);
        Reach second = Reach.of(b);
        return Math.min(
                a.stream().filter(s -> second.holds(height(s))).count(),
                b.stream().filter(s -> first.holds(height(s))).count());
    }

    private static double height(SliceHeader slice) {
        return slice.turnedPlane().height();
    }

    private record Reach(double low, double high) {

        static Reach of(List<SliceHeader> slices) {
            return new Reach(
                    slices.stream().mapToDouble(ScanSplit::height).min().orElse(0),
                    slices.stream().mapToDouble(ScanSplit::height).max().orElse(0));
        }

        boolean holds(double height) {
            return height >= low - SliceStack.SAME_HEIGHT_MM && height <= high + SliceStack.SAME_HEIGHT_MM;
        }
    }

    /** Numbers the times between pauses; empty when a slice does not tell its time. */
    private static Map<SliceHeader, Integer> times(List<SliceHeader> slices) {
        Map<SliceHeader, Integer> times = new LinkedHashMap<>();
        @Nullable LocalDateTime before = null;
        int number = 0;
        for (SliceHeader slice : inOrder(slices)) {
            LocalDateTime at = slice.making().acquiredAt();
            if (at == null) {
                return Map.of();
            }
            if (before != null && Duration.between(before, at).compareTo(PAUSE) > 0) {
                number++;
            }
            before = at;
            times.put(slice, number);
        }
        return times;
    }
}
