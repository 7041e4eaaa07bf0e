package io.bloodnet.imaging.study;

import io.bloodnet.imaging.bloodnet.BloodNet;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.NotAnalyzedReason;
import io.bloodnet.imaging.finding.StudyFacts;
import io.bloodnet.imaging.head.BrainReach;
import io.bloodnet.imaging.series.Candidate;
import io.bloodnet.imaging.series.SeriesHeaders;
import io.bloodnet.imaging.series.SeriesSelection;
import io.bloodnet.imaging.series.SeriesSelection.Selection;
import io.bloodnet.imaging.study.StackLook.Look;
import io.bloodnet.imaging.study.StudyAnalyzer.Analysis;
import io.bloodnet.imaging.trace.Spans;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One study: the candidates of its series one after the other, by content first. What is no head makes place for the next one; each scan
 * of the head that none before has shown is analyzed. Used by one thread.
 */
final class StudyLook {

    /** Stacks that are analyzed in one study: two times of two stacks each. */
    private static final int ANALYZED_MAX = 4;

    /** Stacks that are fetched: with some that are refused for what they hold. */
    private static final int FETCHED_MAX = 8;

    private final SeriesImages images;
    private final BloodNet net;
    private final BloodNetAnalyzer.Limits limits;
    private final ZoneId zone;
    private final StudySource.StudyListing listing;
    private final HeadPeek peek;
    private final @Nullable EarlierLooks before;
    private final List<Look> analyzed = new ArrayList<>();
    private final List<Look> failed = new ArrayList<>();
    /** Stacks that show nothing suspicious so far, and that will be looked at again. */
    private final List<Look> open = new ArrayList<>();

    /** @param before null when the study is looked at once */
    StudyLook(
            SeriesImages images,
            BloodNet net,
            BloodNetAnalyzer.Limits limits,
            ZoneId zone,
            StudySource.StudyListing listing,
            @Nullable EarlierLooks before) {
        this.images = images;
        this.net = net;
        this.limits = limits;
        this.zone = zone;
        this.listing = listing;
        this.before = before;
        this.peek = new HeadPeek(images, listing.studyUid(), limits.dicom());
    }

    Analysis analyze() {
        List<SeriesHeaders> headers = Spans.time("headers", () -> images.headers(listing));
        Double age = ageYears(headers);
        if (age != null && age < limits.ageYearsMin()) {
            NotAnalyzedReason reason = NotAnalyzedReason.UNDER_AGE;
            return notAnalyzed(null, reason, reason.sentence() + ": the limit is " + limits.ageYearsMin() + " years");
        }
        Selection selection = SeriesSelection.select(headers);
        if (selection.candidates().isEmpty()) {
            return notAnalyzed(null, selection.reason(), selection.detail());
        }
        for (Candidate candidate : selection.candidates()) {
            int seen = analyzed.size() + open.size();
            if (seen < ANALYZED_MAX && seen + failed.size() < FETCHED_MAX && isNew(candidate)) {
                look(candidate, selection, headers);
            }
        }
        if (analyzed.isEmpty() && !open.isEmpty()) {
            return open.getFirst().analysis();
        }
        return new StudyAnswer(limits.coverageMmMin(), selection, analyzed, failed)
                .analysis(peek.instances(), peek.bytes());
    }

    /** See {@link StudyAnalyzer#inputNow}: the stacks of the series that the finding was made of, with every pixel. */
    Optional<String> inputNow(Finding.Analyzed finding) {
        Set<String> series = new HashSet<>();
        series.add(finding.seriesUid());
        finding.alsoAnalyzed().forEach(other -> series.add(other.seriesUid()));
        int stacks = 1 + finding.alsoAnalyzed().size();
        StackLook look = new StackLook(images, net, limits.dicom(), zone, listing, null);
        List<String> digests = SeriesSelection.select(images.headers(listing)).candidates().stream()
                .filter(candidate -> series.contains(candidate.seriesUid()))
                .limit(FETCHED_MAX)
                .map(look::inputDigest)
                .flatMap(Optional::stream)
                .toList();
        if (stacks == 1 && digests.contains(finding.inputDigest())) {
            return Optional.of(finding.inputDigest()); // of several stacks only that one was analyzed
        }
        return digests.size() == stacks ? Optional.of(StudyAnswer.digestOf(digests)) : Optional.empty();
    }

    /** Whether nothing that was analyzed shows the same; reformats are looked at only where there is nothing else. */
    private boolean isNew(Candidate candidate) {
        return Stream.concat(analyzed.stream(), open.stream())
                .map(Look::candidate)
                .noneMatch(other -> candidate.showsSameAs(other) || other.original() && !candidate.original());
    }

    private void look(Candidate candidate, Selection selection, List<SeriesHeaders> headers) {
        boolean alike = selection.candidates().stream().allMatch(candidate::isAlike);
        Look look;
        if (lacksHeaders(headers, candidate.seriesUid())) {
            look = refused(candidate, NotAnalyzedReason.INCOMPLETE, ": there are more images than can be read");
        } else if (!alike && !Spans.time("peek", () -> peek.maybeHead(candidate))) {
            look = refused(candidate, NotAnalyzedReason.NOT_A_HEAD, ": no brain inside a skull");
        } else {
            look = new StackLook(images, net, limits.dicom(), zone, listing, before).look(candidate);
        }
        switch (look.analysis().finding()) {
            case Finding.Analyzed _ -> analyzed.add(look);
            case Finding.NotAnalyzed _ -> (look.open() ? open : failed).add(look);
        }
    }

    private Look refused(Candidate candidate, NotAnalyzedReason reason, String why) {
        Analysis analysis = notAnalyzed(candidate.seriesUid(), reason, reason.sentence() + why);
        return new Look(candidate, analysis, BrainReach.NONE, 0, false);
    }

    private Analysis notAnalyzed(@Nullable String seriesUid, NotAnalyzedReason reason, String detail) {
        Finding finding = new Finding.NotAnalyzed(listing.studyUid(), seriesUid, reason, detail);
        StudyFacts facts = FactsReader.listed(listing);
        return new Analysis(finding, facts, 0, 0);
    }

    /** An archive that counts more instances than it gives is still receiving, or has lost some. */
    private static boolean lacksHeaders(List<SeriesHeaders> headers, String seriesUid) {
        return headers.stream()
                .anyMatch(series ->
                        series.seriesUid().equals(seriesUid) && series.instanceCount() > series.instancesRead());
    }

    /** The patient's age as the images tell it; null when they do not. */
    private static @Nullable Double ageYears(List<SeriesHeaders> headers) {
        Optional<Double> told = headers.stream()
                .flatMap(series -> series.slices().stream())
                .map(slice -> slice.making().ageYears())
                .filter(Objects::nonNull)
                .findFirst();
        return told.orElse(null);
    }
}
