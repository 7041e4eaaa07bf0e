package io.bloodnet.imaging.series;

import io.bloodnet.imaging.finding.NotAnalyzedReason;
import io.bloodnet.imaging.geometry.Plane;
import io.bloodnet.imaging.geometry.Vector3;
import io.bloodnet.imaging.multiframe.ImageFrames;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds in the headers of a study the stacks of axial slices without contrast medium that may show the head, and says of others why not. */
public final class SeriesSelection {

    /** Fewer than a SliceWindow. Counted after thin slices are averaged. */
    static final int SLICES_MIN = 5;

    /** Most source slices: 0.3 mm over 60 cm. */
    public static final int SOURCE_SLICES_MAX = 2_000;

    /** Most slices for the network: 75 cm of 5 mm is more than any head and neck. */
    static final int NETWORK_SLICES_MAX = 150;

    /** Most pixels of a slice. */
    static final int SLICE_PIXELS_MAX = 1024 * 1024;

    private static final int SLICE_SIDE_MIN = 64;

    /** Gantries tilt up to 30 degrees; half a degree for rounding. */
    static final double TILT_DEGREES_MAX = 30.5;

    /** A hole that no half distances can bridge, mm. */
    static final double GAP_MM_MAX = 30;

    /** A stack that covers less than this part of the longest is a piece of a head, whatever its thickness. */
    private static final double COVERAGE_MIN = 0.6;

    /** No stack of this length is a piece, however long its neighbours are: a chest is longer than any head, mm. */
    private static final double PIECE_MM_MAX = 100;

    /** Scans of one place in one series; more are a study over time, as perfusion is. */
    private static final int SCANS_MAX = 4;

    private static final int DETAIL_CHARACTERS_MAX = 300;

    private static final Logger LOG = LoggerFactory.getLogger(SeriesSelection.class);

    private SeriesSelection() {}

    /**
     * What came out.
     *
     * @param candidates stacks that may show the head, the best first
     * @param refused why others may not, and how many
     */
    public record Selection(List<Candidate> candidates, Map<SeriesRefusal, Integer> refused) {

        public Selection {
            candidates = List.copyOf(candidates);
        }

        /** The series that came nearest gives the reason. */
        public NotAnalyzedReason reason() {
            NotAnalyzedReason reason = NotAnalyzedReason.NO_AXIAL_SERIES;
            for (SeriesRefusal refusal : refused.keySet()) {
                reason = refusal.reason();
            }
            return reason;
        }

        /** One sentence for a person; it counts them all. */
        public String detail() {
            String counts = refused.entrySet().stream()
                    .map(e -> e.getValue() + " series " + e.getKey().predicate())
                    .collect(Collectors.joining(", "));
            String detail = reason().sentence() + (counts.isEmpty() ? ": the study has no CT series" : ": " + counts);
            return detail.substring(0, Math.min(detail.length(), DETAIL_CHARACTERS_MAX));
        }
    }

    /** Orders the candidates of one study. The same series in another order give the same choice. */
    public static Selection select(List<SeriesHeaders> study) {
        ContrastScans contrast = ContrastScans.of(study);
        List<Candidate> candidates = new ArrayList<>();
        Map<SeriesRefusal, Integer> refused = new EnumMap<>(SeriesRefusal.class);
        for (SeriesHeaders series : study) {
            SeriesRefusal refusal = consider(series, contrast, candidates);
            if (refusal != null) {
                refused.merge(refusal, 1, Integer::sum);
                LOG.info("series of {} instances refused: it {}", series.instanceCount(), refusal.predicate());
            }
        }
        double longest =
                candidates.stream().mapToDouble(c -> c.stack().extentMm()).max().orElse(0);
        double piece = Math.min(COVERAGE_MIN * longest, PIECE_MM_MAX);
        List<Candidate> ordered = candidates.stream()
                .sorted(Comparator.comparing((Candidate c) -> !c.original())
                        .thenComparing(Candidate::sharp)
                        .thenComparing((Candidate c) -> c.stack().extentMm() < piece)
                        .thenComparing(Candidate::elsewhere)
                        .thenComparingDouble(Candidate::thicknessOff)
                        .thenComparingInt(c -> -c.stack().slices().size())
                        .thenComparing(Candidate::seriesUid)
                        .thenComparing(c -> c.stack().slices().getFirst().sopInstanceUid())
                        .thenComparingInt(c -> c.stack().slices().getFirst().frame()))
                .toList();
        return new Selection(ordered, refused);
    }

    /** Adds the series' stacks to the candidates, or says why there is none. */
    private static @Nullable SeriesRefusal consider(
            SeriesHeaders series, ContrastScans contrast, List<Candidate> candidates) {
        if (series.refusal() != null) {
            return series.refusal();
        }
        if (Math.max(series.instanceCount(), series.slices().size()) > SOURCE_SLICES_MAX) {
            return SeriesRefusal.TOO_LARGE;
        }
        List<SliceHeader> kept = new ArrayList<>();
        EnumMap<SeriesRefusal, Integer> dropped = new EnumMap<>(SeriesRefusal.class);
        for (SliceHeader slice : series.slices()) {
            SeriesRefusal refusal = refusalOf(slice, contrast);
            if (refusal == null) {
                kept.add(slice);
            } else {
                dropped.merge(refusal, 1, Integer::sum);
            }
        }
        SeriesRefusal nearest = dropped.isEmpty() ? SeriesRefusal.NOT_CT_IMAGES : lastOf(dropped);
        if (kept.isEmpty()) {
            return nearest;
        }
        return stacks(series, kept, dropped, candidates);
    }

    private static SeriesRefusal lastOf(EnumMap<SeriesRefusal, Integer> dropped) {
        SeriesRefusal last = SeriesRefusal.NOT_CT_IMAGES;
        for (SeriesRefusal refusal : dropped.keySet()) {
            last = refusal;
        }
        return last;
    }

    private static @Nullable SeriesRefusal stacks(
            SeriesHeaders series,
            List<SliceHeader> kept,
            Map<SeriesRefusal, Integer> dropped,
            List<Candidate> candidates) {
        boolean original = kept.stream().anyMatch(Acquisition::isOriginal);
        List<SliceHeader> slices =
                kept.stream().filter(s -> Acquisition.isOriginal(s) == original).toList();
        List<List<SliceHeader>> scans = ScanSplit.split(slices);
        if (scans.stream().filter(scan -> !ScanSplit.sharp(scan.getFirst())).count() > SCANS_MAX) {
            return SeriesRefusal.REPEATED;
        }
        List<SliceStack> stacks = new ArrayList<>();
        SeriesRefusal best = SeriesRefusal.NOT_CT_IMAGES;
        int leftOut = dropped.entrySet().stream()
                .filter(e -> e.getKey().mayBeOfTheHead())
                .mapToInt(Map.Entry::getValue)
                .sum();
        for (List<SliceHeader> scan : scans) {
            for (SliceStack stack : SliceStack.split(scan)) {
                SeriesRefusal refusal = refusalOf(stack);
                if (refusal == null) {
                    stacks.add(stack);
                } else {
                    leftOut += refusal.mayBeOfTheHead() ? stack.slices().size() : 0;
                    best = refusal.compareTo(best) > 0 ? refusal : best;
                }
            }
        }
        int unplaced = dropped.getOrDefault(SeriesRefusal.BAD_GEOMETRY, 0);
        for (SliceStack stack : stacks) {
            SliceHeader first = stack.slices().getFirst();
            candidates.add(new Candidate(
                    series.seriesUid(),
                    stack,
                    original,
                    ScanSplit.sharp(first),
                    Acquisition.isElsewhere(first.bodyPart()),
                    leftOut,
                    unplaced));
        }
        return stacks.isEmpty() ? best : null;
    }

    private static @Nullable SeriesRefusal refusalOf(SliceHeader slice, ContrastScans contrast) {
        if (!ImageFrames.isCt(slice.sopClassUid())) {
            return SeriesRefusal.NOT_CT_IMAGES;
        }
        if (slice.imageType().contains("LOCALIZER")) {
            return SeriesRefusal.LOCALIZER;
        }
        if (Acquisition.isNoSlice(slice)) {
            return SeriesRefusal.NOT_ORIGINAL;
        }
        if (Acquisition.isComputed(slice)) {
            return SeriesRefusal.COMPUTED;
        }
        if (contrast.covers(slice) || Acquisition.isContrast(slice)) {
            return SeriesRefusal.CONTRAST;
        }
        if (slice.plane() == null || slice.rows() < SLICE_SIDE_MIN || slice.columns() < SLICE_SIDE_MIN) {
            return SeriesRefusal.BAD_GEOMETRY;
        }
        return (long) slice.rows() * slice.columns() > SLICE_PIXELS_MAX ? SeriesRefusal.TOO_LARGE : null;
    }

    private static @Nullable SeriesRefusal refusalOf(SliceStack stack) {
        Plane plane = stack.firstPlane();
        boolean leftToRight = plane.alongRow().degreesTo(new Vector3(1, 0, 0)) <= TILT_DEGREES_MAX;
        if (!leftToRight || stack.obliquityDegrees() > TILT_DEGREES_MAX) {
            return SeriesRefusal.NOT_AXIAL;
        }
        if (stack.slices().size() < SLICES_MIN) {
            return SeriesRefusal.TOO_FEW_SLICES;
        }
        if (stack.tiltDegrees() > TILT_DEGREES_MAX || stack.largestGapMm() > GAP_MM_MAX) {
            return SeriesRefusal.BAD_GEOMETRY;
        }
        int slices = HeadGeometry.networkSlices(stack);
        if (slices < SLICES_MIN) {
            return SeriesRefusal.TOO_FEW_SLICES;
        }
        return slices > NETWORK_SLICES_MAX ? SeriesRefusal.TOO_LARGE : null;
    }
}
