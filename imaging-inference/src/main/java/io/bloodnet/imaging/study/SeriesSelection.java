package io.bloodnet.imaging.study;

import io.bloodnet.imaging.finding.NotAnalyzedReason;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses the axial non-contrast series of the head from all headers of a study, and says of every other one why not. */
final class SeriesSelection {

    /** Fewer than a SliceWindow. Counted after thin slices are averaged. */
    static final int SLICES_MIN = 5;

    /** Most source slices: 0.3 mm over 60 cm. */
    static final int SOURCE_SLICES_MAX = 2_000;

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

    private static final int DETAIL_CHARACTERS_MAX = 300;

    private static final Logger LOG = LoggerFactory.getLogger(SeriesSelection.class);

    private SeriesSelection() {}

    /** What came out. */
    sealed interface Selection {
        /** This series, lying like this. */
        record Chosen(HeadGeometry geometry) implements Selection {}

        /** None. {@code detail}: one sentence for a person. */
        record None(NotAnalyzedReason reason, String detail) implements Selection {}
    }

    /** A stack that could be looked at. */
    private record Candidate(String seriesUid, SliceStack stack, boolean sharp, boolean elsewhere) {

        double thicknessOff() {
            return Math.abs(stack.medianGapMm() - HeadGeometry.NETWORK_SLICE_MM);
        }
    }

    /** Chooses among the series of one study. The same series in another order give the same choice. */
    static Selection select(List<SeriesHeaders> study) {
        List<Candidate> candidates = new ArrayList<>();
        Map<SeriesRefusal, Integer> refused = new EnumMap<>(SeriesRefusal.class);
        for (SeriesHeaders series : study) {
            SeriesRefusal refusal = consider(series, candidates);
            if (refusal != null) {
                refused.merge(refusal, 1, Integer::sum);
                LOG.info("series of {} instances refused: it {}", series.instanceCount(), refusal.predicate());
            }
        }
        double longest =
                candidates.stream().mapToDouble(c -> c.stack().extentMm()).max().orElse(0);
        return candidates.stream()
                .min(Comparator.comparing(Candidate::sharp)
                        .thenComparing((Candidate c) -> c.stack().extentMm() < COVERAGE_MIN * longest)
                        .thenComparing(Candidate::elsewhere)
                        .thenComparingDouble(Candidate::thicknessOff)
                        .thenComparingInt(c -> -c.stack().slices().size())
                        .thenComparing(Candidate::seriesUid))
                .map(SeriesSelection::chosen)
                .orElseGet(() -> none(refused));
    }

    private static Selection chosen(Candidate candidate) {
        return new Selection.Chosen(HeadGeometry.of(candidate.seriesUid(), candidate.stack(), candidate.sharp()));
    }

    /** The series that came nearest gives the reason; the detail counts them all. */
    private static Selection none(Map<SeriesRefusal, Integer> refused) {
        NotAnalyzedReason reason = NotAnalyzedReason.NO_AXIAL_SERIES;
        for (SeriesRefusal refusal : refused.keySet()) {
            reason = refusal.reason();
        }
        String counts = refused.entrySet().stream()
                .map(e -> e.getValue() + " series " + e.getKey().predicate())
                .collect(Collectors.joining(", "));
        String detail = reason.sentence() + (counts.isEmpty() ? ": the study has no CT series" : ": " + counts);
        return new Selection.None(reason, detail.substring(0, Math.min(detail.length(), DETAIL_CHARACTERS_MAX)));
    }

    /** Adds the series' best stack to the candidates, or says why there is none. */
    private static @Nullable SeriesRefusal consider(SeriesHeaders series, List<Candidate> candidates) {
        if (Math.max(series.instanceCount(), series.slices().size()) > SOURCE_SLICES_MAX) {
            return SeriesRefusal.TOO_LARGE;
        }
        List<SliceHeader> kept = new ArrayList<>();
        SeriesRefusal nearest = SeriesRefusal.NOT_CT_IMAGES;
        for (SliceHeader slice : series.slices()) {
            SeriesRefusal refusal = refusalOf(slice);
            if (refusal == null) {
                kept.add(slice);
            } else if (refusal.compareTo(nearest) > 0) {
                nearest = refusal;
            }
        }
        if (kept.isEmpty()) {
            return nearest;
        }
        List<Candidate> stacks = new ArrayList<>();
        SeriesRefusal best = SeriesRefusal.NOT_CT_IMAGES;
        for (SliceStack stack : SliceStack.split(kept)) {
            SeriesRefusal refusal = refusalOf(stack);
            if (refusal == null) {
                SliceHeader first = stack.slices().getFirst();
                stacks.add(new Candidate(
                        series.seriesUid(),
                        stack,
                        Acquisition.isSharp(first.kernel(), first.seriesDescription()),
                        Acquisition.isElsewhere(first.bodyPart())));
            } else if (refusal.compareTo(best) > 0) {
                best = refusal;
            }
        }
        candidates.addAll(stacks);
        return stacks.isEmpty() ? best : null;
    }

    private static @Nullable SeriesRefusal refusalOf(SliceHeader slice) {
        if (!slice.sopClassUid().equals(SliceHeader.CT_IMAGE_STORAGE)) {
            return SeriesRefusal.NOT_CT_IMAGES;
        }
        if (slice.imageType().contains("LOCALIZER")) {
            return SeriesRefusal.LOCALIZER;
        }
        List<String> type = slice.imageType();
        if (type.size() < 3 || !type.subList(0, 3).equals(List.of("ORIGINAL", "PRIMARY", "AXIAL"))) {
            return SeriesRefusal.NOT_ORIGINAL;
        }
        if (slice.contrastAgent() || Acquisition.describesContrast(slice.seriesDescription())) {
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
        int slices = stack.slices().size() / HeadGeometry.averagedTogether(stack.medianGapMm());
        if (slices < SLICES_MIN) {
            return SeriesRefusal.TOO_FEW_SLICES;
        }
        return slices > NETWORK_SLICES_MAX ? SeriesRefusal.TOO_LARGE : null;
    }
}
