package io.bloodnet.imaging.study;

import io.bloodnet.imaging.bloodnet.BloodNet;
import io.bloodnet.imaging.bloodnet.ModelAnswerException;
import io.bloodnet.imaging.bloodnet.SliceJudgement;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.Mask;
import io.bloodnet.imaging.finding.NotAnalyzedReason;
import io.bloodnet.imaging.finding.StudyFacts;
import io.bloodnet.imaging.head.BrainReach;
import io.bloodnet.imaging.head.HeadVolume;
import io.bloodnet.imaging.series.Candidate;
import io.bloodnet.imaging.study.StudyAnalyzer.Analysis;
import io.bloodnet.imaging.trace.Spans;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Fetches one stack of slices and lets the network look at it while it arrives. Used by one thread. */
final class StackLook {

    private static final Logger LOG = LoggerFactory.getLogger(StackLook.class);

    private final SeriesImages images;
    private final BloodNet net;
    private final DicomLimits limits;
    private final ZoneId zone;
    private final StudySource.StudyListing listing;
    private final @Nullable EarlierLooks before;
    private boolean open;
    private final long startNanos = System.nanoTime();

    /** @param before null when the study is looked at once */
    StackLook(
            SeriesImages images,
            BloodNet net,
            DicomLimits limits,
            ZoneId zone,
            StudySource.StudyListing listing,
            @Nullable EarlierLooks before) {
        this.before = before;
        this.images = images;
        this.net = net;
        this.limits = limits;
        this.zone = zone;
        this.listing = listing;
    }

    /**
     * What came out of one stack.
     *
     * @param brainMm from where to where brain was seen along the body's axis, mm; low is above high when none was
     * @param holeMm see {@link HeadVolume#holeMm()}; 0 for what was not analyzed
     * @param open whether nothing suspicious was there so far and it will be looked at again: no finding was made
     */
    record Look(Candidate candidate, Analysis analysis, BrainReach brainMm, double holeMm, boolean open) {}

    Look look(Candidate candidate) {
        HeadVolume volume = new HeadVolume(candidate.geometry());
        Analysis analysis = analyze(volume);
        boolean analyzed = analysis.finding() instanceof Finding.Analyzed;
        return new Look(candidate, analysis, volume.brainReach(), analyzed ? volume.holeMm() : 0, open);
    }

    /** The digest of a stack as the source gives it now; empty when it is not complete. */
    Optional<String> inputDigest(Candidate candidate) {
        HeadVolume volume = new HeadVolume(candidate.geometry());
        Optional<NotAnalyzedReason> incomplete = new SeriesReading(images, listing, volume, limits, slice -> {}).read();
        return incomplete.isPresent() ? Optional.empty() : Optional.of(volume.inputDigest());
    }

    private Analysis analyze(HeadVolume volume) {
        WindowRuns runs = new WindowRuns(volume, net, before);
        SeriesReading reading = new SeriesReading(images, listing, volume, limits, runs::sliceComplete);
        boolean finished = false;
        try {
            Optional<NotAnalyzedReason> incomplete = Spans.time("images", reading::read);
            long readNanos = System.nanoTime() - startNanos;
            if (incomplete.isPresent()) {
                String detail = incomplete.get().sentence() + ": "
                        + volume.missing().size() + " of "
                        + volume.geometry().sources().size() + " slices";
                return notAnalyzed(reading, volume, incomplete.get(), detail);
            }
            NotAnalyzedReason refusal = volume.contentRefusal();
            if (refusal != null) {
                return notAnalyzed(reading, volume, refusal, refusal.sentence());
            }
            if (before != null && before.growing() && !suspects(volume, runs)) {
                open = true;
                return notAnalyzed(reading, volume, NotAnalyzedReason.INCOMPLETE, "nothing suspicious so far");
            }
            Analysis analysis = analyzed(reading, volume, runs, readNanos);
            finished = true;
            return analysis;
        } catch (ModelAnswerException e) {
            LOG.warn("no valid answer for a study: {}, next: not analyzed", e.getMessage());
            NotAnalyzedReason reason = NotAnalyzedReason.MODEL_FAILED;
            return notAnalyzed(reading, volume, reason, reason.sentence() + ": " + e.getMessage());
        } catch (StudySourceException e) {
            if (e.code() != StudySourceException.Code.TOO_LARGE) {
                throw e;
            }
            NotAnalyzedReason reason = NotAnalyzedReason.TOO_LARGE;
            return notAnalyzed(reading, volume, reason, reason.sentence());
        } finally {
            if (!finished) {
                runs.abandon();
            }
        }
    }

    /**
     * Whether a slice with all its neighbours is suspicious: nothing else is told of a study whose images still arrive, and what the network
     * says of the slices at both ends changes with the next image.
     */
    private boolean suspects(HeadVolume volume, WindowRuns runs) {
        double threshold = net.threshold();
        boolean suspects = Spans.time(
                "network",
                () -> runs.anyWithin(
                        (slice, judgement) -> judgement.probability() >= threshold && volume.isWithinBrain(slice)));
        if (suspects) {
            runs.judgeEnds(); // behind the rest, which is still being judged
        }
        return suspects;
    }

    private Analysis analyzed(SeriesReading reading, HeadVolume volume, WindowRuns runs, long readNanos) {
        List<SliceJudgement> judgements = Spans.time("network", runs::judgements);
        long made = System.nanoTime();
        FindingMaker maker = new FindingMaker(volume, judgements);
        Mask mask = maker.mask();
        Finding.Timing timing = new Finding.Timing(
                millis(readNanos), millis(runs.inferenceNanos()), millis(System.nanoTime() - startNanos));
        Finding.Analyzed finding = maker.finding(listing.studyUid(), net, timing);
        Analysis analysis = new Analysis(
                finding,
                facts(reading, volume),
                reading.instances(),
                reading.bytes(),
                mask.isEmpty() ? null : new SegDraft(mask, reading.headersInOrder(), net.model()),
                maker.keyImagePng(finding.positive()),
                maker.suspectsWithin(finding.threshold()));
        Spans.tell("finding", made);
        return analysis;
    }

    private Analysis notAnalyzed(SeriesReading reading, HeadVolume volume, NotAnalyzedReason reason, String detail) {
        Finding finding =
                new Finding.NotAnalyzed(listing.studyUid(), volume.geometry().seriesUid(), reason, detail);
        return new Analysis(finding, facts(reading, volume), reading.instances(), reading.bytes());
    }

    private StudyFacts facts(SeriesReading reading, HeadVolume volume) {
        return reading.headersInOrder().stream()
                .findFirst()
                .map(header -> FactsReader.facts(header, volume.geometry(), zone))
                .orElseGet(() -> FactsReader.listed(listing));
    }

    private static long millis(long nanos) {
        return Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos));
    }
}
