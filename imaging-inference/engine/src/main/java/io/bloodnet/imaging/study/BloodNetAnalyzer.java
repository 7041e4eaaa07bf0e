package io.bloodnet.imaging.study;

import io.bloodnet.imaging.bloodnet.BloodNet;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.growing.GrowingStudies;
import io.bloodnet.imaging.growing.GrowingStudy;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.trace.Spans;
import java.time.ZoneId;
import java.util.Optional;

/** Headers, choice of the series, pixels and network, overlapping, for a few studies at a time. Safe for many threads. */
public final class BloodNetAnalyzer implements StudyAnalyzer, AutoCloseable {

    private final SeriesImages images;
    private final BloodNet net;
    private final Limits limits;
    private final ZoneId zone;
    private final Turns turns;
    private final GrowingStudies growing;

    /**
     * @param dicom for each instance
     * @param studiesAtOnce studies in memory at a time, 1 to 16; each takes about its own size
     * @param coverageMmMin extent of the brain from base to vertex below which a study is no whole head, mm, 0 to 150
     * @param ageYearsMin younger patients are not analyzed, 0 to 120; the model card says adults
     */
    public record Limits(DicomLimits dicom, int studiesAtOnce, double coverageMmMin, int ageYearsMin) {

        private static final double COVERAGE_MM_MIN = 90;

        private static final int ADULT_YEARS = 18;

        /** Two studies: one computes while the next one's images come. */
        public static final Limits DEFAULT = new Limits(DicomLimits.DEFAULT, 2, COVERAGE_MM_MIN, ADULT_YEARS);

        public Limits {
            if (studiesAtOnce < 1 || studiesAtOnce > 16) {
                throw new IllegalArgumentException("studiesAtOnce " + studiesAtOnce + " not in 1..16");
            }
            if (!(coverageMmMin >= 0 && coverageMmMin <= 150)) {
                throw new IllegalArgumentException("coverageMmMin " + coverageMmMin + " not in 0..150");
            }
            if (ageYearsMin < 0 || ageYearsMin > 120) {
                throw new IllegalArgumentException("ageYearsMin " + ageYearsMin + " not in 0..120");
            }
        }

        /** The same with another age limit. */
        public Limits withAgeYearsMin(int years) {
            return new Limits(dicom, studiesAtOnce, coverageMmMin, years);
        }

        /** The same with another limit of coverage. */
        public Limits withCoverageMmMin(double mm) {
            return new Limits(dicom, studiesAtOnce, mm, ageYearsMin);
        }
    }

    /**
     * Over an archive or a folder.
     *
     * @param images where headers and pixels come from
     * @param zone where the scanners stand, for headers that do not say
     */
    public BloodNetAnalyzer(SeriesImages images, BloodNet net, Limits limits, ZoneId zone) {
        this(images, net, limits, zone, GrowingStudies.Limits.defaults());
    }

    /** As above. @param kept what may be kept of studies whose images still arrive */
    BloodNetAnalyzer(SeriesImages images, BloodNet net, Limits limits, ZoneId zone, GrowingStudies.Limits kept) {
        this.growing = new GrowingStudies(kept);
        this.images = images;
        this.net = net;
        this.limits = limits;
        this.zone = zone;
        this.turns = new Turns(limits.studiesAtOnce());
    }

    @Override
    public Analysis analyze(StudySource.StudyListing listing, Urgency urgency) {
        return analyze(listing, urgency, false, false);
    }

    @Override
    public Analysis look(StudySource.StudyListing listing, Urgency urgency, boolean growing) {
        return analyze(listing, urgency, true, growing);
    }

    /** @param more whether the study will be looked at again */
    private Analysis analyze(StudySource.StudyListing listing, Urgency urgency, boolean more, boolean grows) {
        try (Turns.Turn turn = Spans.time("turn", () -> turns.take(listing.studyUid(), urgency))) {
            boolean once = !more && !growing.knows(listing.studyUid());
            Analysis analysis = ScopedValue.where(Patience.OF_STUDY, turn)
                    .call(() -> once
                            ? new StudyLook(images, net, limits, zone, listing, null).analyze()
                            : lookAgain(listing, more, grows));
            turn.done();
            return analysis;
        }
    }

    @Override
    public Optional<String> inputNow(StudySource.StudyListing listing, Finding.Analyzed finding) {
        try (Turns.Turn turn = turns.take(listing.studyUid(), Urgency.LAST)) {
            Optional<String> digest = ScopedValue.where(Patience.OF_STUDY, turn)
                    .call(() -> new StudyLook(images, net, limits, zone, listing, null).inputNow(finding));
            turn.done();
            return digest;
        }
    }

    private Analysis lookAgain(StudySource.StudyListing listing, boolean more, boolean grows) {
        GrowingStudy study = growing.of(listing.studyUid());
        KeptImages kept = new KeptImages(images, study, limits.dicom(), more);
        return kept.counted(new StudyLook(kept, net, limits, zone, listing, new EarlierLooks(study, grows)).analyze());
    }

    @Override
    public void forget(StudyUid study) {
        growing.forget(study);
    }

    /** Lets go of what is kept of studies whose images still arrive. */
    @Override
    public void close() {
        growing.close();
    }
}
