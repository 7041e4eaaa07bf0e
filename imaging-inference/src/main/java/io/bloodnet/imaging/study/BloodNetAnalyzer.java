package io.bloodnet.imaging.study;

import io.bloodnet.imaging.bloodnet.BloodNet;
import io.bloodnet.imaging.bloodnet.ModelAnswerException;
import io.bloodnet.imaging.bloodnet.SliceJudgement;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.Mask;
import io.bloodnet.imaging.finding.NotAnalyzedReason;
import io.bloodnet.imaging.finding.StudyFacts;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Headers, choice of the series, pixels and network, overlapping, for a few studies at a time. Safe for many threads. */
public final class BloodNetAnalyzer implements StudyAnalyzer {

    private static final Logger LOG = LoggerFactory.getLogger(BloodNetAnalyzer.class);

    private final SeriesImages images;
    private final BloodNet net;
    private final Limits limits;
    private final ZoneId zone;
    private final Turns turns;

    /**
     * @param dicom for each instance
     * @param studiesAtOnce studies in memory at a time, 1 to 16; each takes about its own size
     */
    public record Limits(DicomLimits dicom, int studiesAtOnce) {

        /** Two studies: one computes while the next one's images come. */
        public static final Limits DEFAULT = new Limits(DicomLimits.DEFAULT, 2);

        public Limits {
            if (studiesAtOnce < 1 || studiesAtOnce > 16) {
                throw new IllegalArgumentException("studiesAtOnce " + studiesAtOnce + " not in 1..16");
            }
        }
    }

    /**
     * Over an archive.
     *
     * @param zone where the scanners stand, for headers that do not say
     */
    public BloodNetAnalyzer(DicomWebClient archive, BloodNet net, Limits limits, ZoneId zone) {
        this(archive.images(), net, limits, zone);
    }

    BloodNetAnalyzer(SeriesImages images, BloodNet net, Limits limits, ZoneId zone) {
        this.images = images;
        this.net = net;
        this.limits = limits;
        this.zone = zone;
        this.turns = new Turns(limits.studiesAtOnce());
    }

    @Override
    public Analysis analyze(StudySource.StudyListing listing, Urgency urgency) {
        try (Turns.Turn turn = turns.take(listing.studyUid(), urgency)) {
            Analysis analysis = ScopedValue.where(Patience.OF_STUDY, turn).call(() -> new OneStudy(listing).analyze());
            turn.done();
            return analysis;
        }
    }

    /** What is known while one study is looked at. */
    private final class OneStudy {

        private final StudySource.StudyListing listing;
        private final long startNanos = System.nanoTime();

        OneStudy(StudySource.StudyListing listing) {
            this.listing = listing;
        }

        Analysis analyze() {
            List<SeriesHeaders> headers = images.headers(listing);
            return switch (SeriesSelection.select(headers)) {
                case SeriesSelection.Selection.None none -> {
                    Finding finding = new Finding.NotAnalyzed(listing.studyUid(), null, none.reason(), none.detail());
                    StudyFacts facts = new StudyFacts(listing.patient(), listing.accession(), null, null, 0, null);
                    yield new Analysis(finding, facts, 0, 0, null, null);
                }
                case SeriesSelection.Selection.Chosen(HeadGeometry geometry) ->
                    lacksHeaders(headers, geometry.seriesUid()) ? incomplete(geometry) : analyze(geometry);
            };
        }

        /** An archive that counts more instances than it gives is still receiving, or has lost some. */
        private static boolean lacksHeaders(List<SeriesHeaders> headers, String seriesUid) {
            return headers.stream()
                    .anyMatch(series -> series.seriesUid().equals(seriesUid)
                            && series.instanceCount() > series.slices().size());
        }

        private Analysis incomplete(HeadGeometry geometry) {
            NotAnalyzedReason reason = NotAnalyzedReason.INCOMPLETE;
            String detail = reason.sentence() + ": the archive counts more than it gives";
            Finding finding = new Finding.NotAnalyzed(listing.studyUid(), geometry.seriesUid(), reason, detail);
            return new Analysis(finding, listedFacts(), 0, 0, null, null);
        }

        private StudyFacts listedFacts() {
            return new StudyFacts(listing.patient(), listing.accession(), null, null, 0, null);
        }

        private Analysis analyze(HeadGeometry geometry) {
            HeadVolume volume = new HeadVolume(geometry);
            WindowRuns runs = new WindowRuns(volume, net);
            SeriesReading reading = new SeriesReading(images, listing, volume, limits.dicom(), runs::sliceComplete);
            boolean finished = false;
            try {
                Optional<NotAnalyzedReason> incomplete = reading.read();
                long readNanos = System.nanoTime() - startNanos;
                if (incomplete.isPresent()) {
                    String detail = incomplete.get().sentence() + ": "
                            + volume.missing().size() + " of "
                            + geometry.sources().size() + " slices";
                    return notAnalyzed(reading, volume, incomplete.get(), detail);
                }
                if (!volume.looksLikeHead()) {
                    NotAnalyzedReason reason = NotAnalyzedReason.NOT_A_HEAD;
                    return notAnalyzed(reading, volume, reason, reason.sentence() + ": no brain inside a skull");
                }
                Analysis analysis = analyzed(reading, volume, runs, readNanos);
                finished = true;
                return analysis;
            } catch (ModelAnswerException e) {
                LOG.warn("no valid answer for a study: {}, next: not analyzed", e.getMessage());
                NotAnalyzedReason reason = NotAnalyzedReason.MODEL_FAILED;
                return notAnalyzed(reading, volume, reason, reason.sentence() + ": " + e.getMessage());
            } finally {
                if (!finished) {
                    runs.abandon();
                }
            }
        }

        private Analysis analyzed(SeriesReading reading, HeadVolume volume, WindowRuns runs, long readNanos) {
            List<SliceJudgement> judgements = runs.judgements();
            FindingMaker maker = new FindingMaker(volume, judgements);
            Mask mask = maker.mask();
            Finding.Timing timing = new Finding.Timing(
                    millis(readNanos), millis(runs.inferenceNanos()), millis(System.nanoTime() - startNanos));
            Finding.Analyzed finding = maker.finding(listing.studyUid(), net, timing);
            byte[] keyImage = maker.keyImagePng(finding.positive());
            return new Analysis(
                    finding,
                    facts(reading, volume),
                    reading.instances(),
                    reading.bytes(),
                    mask.isEmpty() ? null : new SegDraft(mask, reading.headersInOrder(), net.model()),
                    keyImage);
        }

        private Analysis notAnalyzed(
                SeriesReading reading, HeadVolume volume, NotAnalyzedReason reason, String detail) {
            Finding finding = new Finding.NotAnalyzed(
                    listing.studyUid(), volume.geometry().seriesUid(), reason, detail);
            return new Analysis(finding, facts(reading, volume), reading.instances(), reading.bytes(), null, null);
        }

        private StudyFacts facts(SeriesReading reading, HeadVolume volume) {
            return reading.headersInOrder().stream()
                    .findFirst()
                    .map(header -> FactsReader.facts(header, volume.geometry(), zone))
                    .orElseGet(this::listedFacts);
        }

        private static long millis(long nanos) {
            return Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos));
        }
    }
}
