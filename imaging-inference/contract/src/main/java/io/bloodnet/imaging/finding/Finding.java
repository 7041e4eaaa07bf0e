package io.bloodnet.imaging.finding;

import io.bloodnet.imaging.order.StudyUid;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What is said of one study: analyzed, or not analyzed with a reason. "Not analyzed" MUST never be shown like a negative result. */
public sealed interface Finding {

    /** More than a head holds, mL. */
    double VOLUME_MAX_ML = 5_000;

    /** The study. */
    StudyUid studyUid();

    /** The chosen axial series; null when none could be chosen. */
    @Nullable
    String seriesUid();

    /**
     * The network looked at the study.
     *
     * @param probability of intracranial hemorrhage, 0 to 1: the maximum over the slices
     * @param bloodVolumeMl thresholded mask times measured voxel volume, mL, not negative
     * @param bloodVolumeRange how much the volume depends on where the outline is drawn; null in findings made before it was measured
     * @param threshold the operating point in use, 0 to 1; at or above it the study is positive
     * @param slices one entry per analyzed slice, from feet to head
     * @param model the model that looked
     * @param inputDigest lower-case hexadecimal SHA-256 over the chosen instances' UIDs and pixels, in order
     * @param flags what a reader should know about the input (uneven gaps, missing slice, thin stack averaged...), codes of {@link InputFlag}
     * @param executionProvider {@code CPU} or {@code CUDA}: where the network really ran
     * @param timing how long it took
     * @param coverageMm extent of the brain in the analyzed slices, from base to vertex, mm; null in findings made before it was measured
     * @param alsoAnalyzed other stacks of slices that were analyzed, none of which is more suspicious; empty when there was one
     * @param slicesLeftOut slices of the series that were left out one by one, not negative; 0 in findings made before they were counted
     */
    record Analyzed(
            StudyUid studyUid,
            String seriesUid,
            double probability,
            double bloodVolumeMl,
            @Nullable VolumeRange bloodVolumeRange,
            double threshold,
            List<SliceFinding> slices,
            ModelId model,
            String inputDigest,
            List<InputFlag> flags,
            String executionProvider,
            Timing timing,
            @Nullable Double coverageMm,
            List<AlsoAnalyzed> alsoAnalyzed,
            int slicesLeftOut)
            implements Finding {

        /** @throws IllegalArgumentException when a number is out of its range: a model that emits NaN never becomes a result */
        public Analyzed {
            slices = List.copyOf(slices);
            flags = List.copyOf(flags);
            // Findings that were stored before studies had several analyzed stacks do not name any.
            alsoAnalyzed = alsoAnalyzed == null ? List.of() : List.copyOf(alsoAnalyzed);
            requireUnit("probability", probability);
            requireUnit("threshold", threshold);
            requireVolume(bloodVolumeMl);
        }

        /** This finding with one more flag. */
        public Analyzed flagged(InputFlag flag) {
            return with(
                    Stream.concat(flags.stream(), Stream.of(flag)).distinct().toList(), timing);
        }

        /** This finding without a flag that does not hold any more. */
        public Analyzed without(InputFlag flag) {
            return with(flags.stream().filter(other -> other != flag).toList(), timing);
        }

        /** This finding with another account of the time that it took. */
        public Analyzed timed(Timing other) {
            return with(flags, other);
        }

        private Analyzed with(List<InputFlag> otherFlags, Timing otherTiming) {
            return new Analyzed(
                    studyUid,
                    seriesUid,
                    probability,
                    bloodVolumeMl,
                    bloodVolumeRange,
                    threshold,
                    slices,
                    model,
                    inputDigest,
                    otherFlags,
                    executionProvider,
                    otherTiming,
                    coverageMm,
                    alsoAnalyzed,
                    slicesLeftOut);
        }

        /** Whether the probability reaches the operating point. */
        public boolean positive() {
            return probability >= threshold;
        }

        private static void requireVolume(double ml) {
            if (!(ml >= 0 && ml <= VOLUME_MAX_ML)) {
                throw new IllegalArgumentException("blood volume " + ml + " mL is not in 0.." + (int) VOLUME_MAX_ML);
            }
        }

        private static void requireUnit(String what, double value) {
            if (!(value >= 0 && value <= 1)) {
                throw new IllegalArgumentException(what + " " + value + " is not in 0..1");
            }
        }
    }

    /**
     * No statement about the study is possible.
     *
     * @param reason the kind of reason
     * @param detail one sentence for a person, without patient data; at most 300 characters
     */
    record NotAnalyzed(StudyUid studyUid, @Nullable String seriesUid, NotAnalyzedReason reason, String detail)
            implements Finding {}

    /**
     * The volume when the mask's threshold asks for three times the odds, and for a third of them (0.75 and 0.25 around 0.5). It tells how
     * sharp the outline is; it is no confidence interval, since the network may be sure and wrong.
     *
     * @param leastMl mL, not negative
     * @param mostMl mL, not less than {@code leastMl}
     */
    record VolumeRange(double leastMl, double mostMl) {

        /** @throws IllegalArgumentException when it is no range */
        public VolumeRange {
            if (!(leastMl >= 0 && leastMl <= mostMl && mostMl <= VOLUME_MAX_ML)) {
                throw new IllegalArgumentException("blood volume from " + leastMl + " to " + mostMl
                        + " mL is no range in 0.." + (int) VOLUME_MAX_ML);
            }
        }
    }

    /**
     * Another stack of slices of the study that was analyzed: another time, another tilt or another field of view.
     *
     * @param seriesUid its series; may be the same as the finding's
     * @param slices slices that were analyzed
     * @param probability maximum over its slices, 0 to 1
     * @param bloodVolumeMl as in {@link Analyzed}, mL
     */
    record AlsoAnalyzed(String seriesUid, int slices, double probability, double bloodVolumeMl) {}

    /**
     * Probability of one slice.
     *
     * @param sopInstanceUid the instance that holds the slice
     * @param frame its number in a multi-frame image, from 1; 0 where the instance is one slice, and in findings made before those were read
     * @param probability 0 to 1
     * @param bloodMl its thresholded mask, mL
     */
    record SliceFinding(String sopInstanceUid, int frame, double probability, double bloodMl) {

        /** Of an instance that is one slice. */
        public SliceFinding(String sopInstanceUid, double probability, double bloodMl) {
            this(sopInstanceUid, 0, probability, bloodMl);
        }
    }

    /** Milliseconds: until all pixels were there, inside the network, and in all. The first two overlap. */
    record Timing(long readMs, long inferenceMs, long totalMs) {}
}
