package io.bloodnet.imaging.study;

import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.InputFlag;
import io.bloodnet.imaging.finding.NotAnalyzedReason;
import io.bloodnet.imaging.head.BrainReach;
import io.bloodnet.imaging.peer.Sha256;
import io.bloodnet.imaging.series.Candidate;
import io.bloodnet.imaging.series.SeriesRefusal;
import io.bloodnet.imaging.series.SeriesSelection.Selection;
import io.bloodnet.imaging.study.StackLook.Look;
import io.bloodnet.imaging.study.StudyAnalyzer.Analysis;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Makes one answer of what the stacks of a study gave: the most suspicious one is told, the others are named. A negative needs a whole
 * head and nothing left out that may show another part of it; a positive stands, with a flag that says what is missing.
 *
 * @param coverageMmMin extent of the brain that makes a whole head, mm
 * @param analyzed stacks of heads
 * @param failed stacks that gave no answer, in the order in which they were preferred
 */
record StudyAnswer(double coverageMmMin, Selection selection, List<Look> analyzed, List<Look> failed) {

    /** A stack with less than this part of the best coverage is a piece, such as an aborted scan. */
    private static final double PIECE_PART = 0.8;

    /** @param peeked instances, and {@code peekedBytes} bytes, fetched to choose */
    Analysis analysis(int peeked, long peekedBytes) {
        Analysis answer = analyzed.isEmpty() ? nothing() : answer();
        int instances = peeked;
        long bytes = peekedBytes;
        for (List<Look> looks : List.of(analyzed, failed)) {
            for (Look look : looks) {
                instances += look.analysis().instances();
                bytes += look.analysis().bytes();
            }
        }
        return new Analysis(
                answer.finding(), answer.facts(), instances, bytes, answer.mask(), answer.keyImagePng(), answer.firm());
    }

    /** The candidate that came nearest to an answer gives the reason. */
    private Analysis nothing() {
        return failed.stream()
                .filter(look -> reason(look) != NotAnalyzedReason.NOT_A_HEAD)
                .findFirst()
                .orElse(failed.getFirst())
                .analysis();
    }

    private static NotAnalyzedReason reason(Look look) {
        return switch (look.analysis().finding()) {
            case Finding.NotAnalyzed n -> n.reason();
            case Finding.Analyzed _ -> throw new IllegalStateException("an analyzed stack has no such reason");
        };
    }

    private static Finding.Analyzed finding(Look look) {
        return (Finding.Analyzed) look.analysis().finding();
    }

    private Analysis answer() {
        Look told = told();
        Finding.Analyzed finding = finding(told);
        double coverage = coverageMm(told);
        if (!finding.positive()) {
            Optional<Finding> open = openQuestion(told);
            if (open.isPresent()) {
                return with(told, open.get());
            }
        }
        return with(told, complete(told, finding, coverage));
    }

    /** A negative that cannot be said: a part of the head was not seen. */
    private Optional<Finding> openQuestion(Look told) {
        Finding.Analyzed finding = finding(told);
        double coverage = analyzed.stream().mapToDouble(this::coverageMm).max().orElse(0);
        if (coverage < coverageMmMin) {
            NotAnalyzedReason reason = NotAnalyzedReason.INCOMPLETE_COVERAGE;
            String detail = String.format(
                    Locale.ROOT, "%s, %.0f mm of at least %.0f mm", reason.sentence(), coverage, coverageMmMin);
            return Optional.of(new Finding.NotAnalyzed(finding.studyUid(), finding.seriesUid(), reason, detail));
        }
        double hole = analyzed.stream().mapToDouble(Look::holeMm).min().orElse(0);
        if (hole > 0) {
            NotAnalyzedReason reason = NotAnalyzedReason.INCOMPLETE_COVERAGE;
            String detail = String.format(Locale.ROOT, "%s, a hole of %.0f mm between slices", reason.sentence(), hole);
            return Optional.of(new Finding.NotAnalyzed(finding.studyUid(), finding.seriesUid(), reason, detail));
        }
        int unplaced = told.candidate().unplaced();
        if (unplaced > 0) {
            NotAnalyzedReason reason = NotAnalyzedReason.BAD_GEOMETRY;
            String detail = reason.sentence() + ": " + unplaced + " slices of the series";
            return Optional.of(new Finding.NotAnalyzed(finding.studyUid(), finding.seriesUid(), reason, detail));
        }
        return failed.stream()
                .filter(look -> reason(look) != NotAnalyzedReason.NOT_A_HEAD)
                .filter(look -> look.candidate().seriesUid().equals(finding.seriesUid()) && isPartOf(look, told)
                        || told.candidate().sharp() && !look.candidate().sharp())
                .findFirst()
                .map(look -> look.analysis().finding());
    }

    /** Whether the stack that failed shows what the one that is told does not. */
    private static boolean isPartOf(Look failed, Look told) {
        return failed.candidate().sameScan(told.candidate())
                && !failed.candidate().showsSameAs(told.candidate());
    }

    /** The most suspicious stack; of several that are suspicious, a whole head before a piece of one. */
    private Look told() {
        double best = analyzed.stream().mapToDouble(this::ownCoverage).max().orElse(0);
        return analyzed.stream()
                .max(Comparator.comparing((Look look) -> finding(look).positive())
                        .thenComparing(look -> finding(look).positive() && ownCoverage(look) >= PIECE_PART * best)
                        .thenComparingDouble(look -> finding(look).probability()))
                .orElseThrow();
    }

    private double ownCoverage(Look look) {
        Double mm = finding(look).coverageMm();
        return mm == null ? 0 : mm;
    }

    /** What all stacks of one time show together, mm along the body. */
    private double coverageMm(Look told) {
        List<BrainReach> reaches = analyzed.stream()
                .filter(look -> !look.candidate().isApart(told.candidate()))
                .map(Look::brainMm)
                .sorted(Comparator.comparingDouble(BrainReach::low))
                .toList();
        double covered = 0;
        double end = Double.NEGATIVE_INFINITY;
        for (BrainReach reach : reaches) {
            covered += Math.max(0, reach.high() - Math.max(end, reach.low()));
            end = Math.max(end, reach.high());
        }
        return reaches.size() == 1 ? ownCoverage(told) : Math.max(covered, ownCoverage(told));
    }

    private Finding.Analyzed complete(Look told, Finding.Analyzed f, double coverage) {
        EnumSet<InputFlag> flags = EnumSet.noneOf(InputFlag.class);
        flags.addAll(f.flags());
        Candidate candidate = told.candidate();
        setIf(flags, InputFlag.REFORMATTED, !candidate.original());
        setIf(flags, InputFlag.SLICES_LEFT_OUT, candidate.leftOut() > 0);
        setIf(flags, InputFlag.SERIES_LEFT_OUT, leavesSeriesOut());
        setIf(flags, InputFlag.SEVERAL_STACKS, analyzed.size() > 1);
        setIf(flags, InputFlag.INCOMPLETE_COVERAGE, coverage < coverageMmMin);
        List<Finding.AlsoAnalyzed> others = analyzed.stream()
                .filter(look -> look != told)
                .map(StudyAnswer::finding)
                .map(o ->
                        new Finding.AlsoAnalyzed(o.seriesUid(), o.slices().size(), o.probability(), o.bloodVolumeMl()))
                .toList();
        return new Finding.Analyzed(
                f.studyUid(),
                f.seriesUid(),
                f.probability(),
                f.bloodVolumeMl(),
                f.bloodVolumeRange(),
                f.threshold(),
                f.slices(),
                f.model(),
                digestOf(analyzed.stream()
                        .map(look -> finding(look).inputDigest())
                        .toList()),
                List.copyOf(flags),
                f.executionProvider(),
                timing(f.timing()),
                coverage,
                others,
                candidate.leftOut());
    }

    private static void setIf(EnumSet<InputFlag> flags, InputFlag flag, boolean condition) {
        if (condition) {
            flags.add(flag);
        }
    }

    private boolean leavesSeriesOut() {
        return selection.refused().containsKey(SeriesRefusal.UNREADABLE)
                || selection.refused().containsKey(SeriesRefusal.LACKS_A_PART)
                || selection.refused().containsKey(SeriesRefusal.TOO_LARGE)
                || failed.stream().anyMatch(look -> reason(look) != NotAnalyzedReason.NOT_A_HEAD);
    }

    /** The input of one stack is told by its own digest; that of several by all of them, in whatever order. */
    static String digestOf(List<String> stacks) {
        if (stacks.size() == 1) {
            return stacks.getFirst();
        }
        MessageDigest sha = Sha256.begin();
        stacks.stream().sorted().forEach(digest -> sha.update(digest.getBytes(StandardCharsets.US_ASCII)));
        return HexFormat.of().formatHex(sha.digest());
    }

    /** Stacks are analyzed one after the other. */
    private Finding.Timing timing(Finding.Timing one) {
        if (analyzed.size() == 1) {
            return one;
        }
        long read = 0;
        long inference = 0;
        long total = 0;
        for (Look look : analyzed) {
            Finding.Timing timing = finding(look).timing();
            read += timing.readMs();
            inference += timing.inferenceMs();
            total += timing.totalMs();
        }
        return new Finding.Timing(read, inference, total);
    }

    private static Analysis with(Look told, Finding finding) {
        Analysis a = told.analysis();
        boolean firm =
                a.firm() && told.candidate().original() && !told.candidate().sharp();
        return switch (finding) {
            case Finding.Analyzed _ ->
                new Analysis(finding, a.facts(), a.instances(), a.bytes(), a.mask(), a.keyImagePng(), firm);
            case Finding.NotAnalyzed _ -> new Analysis(finding, a.facts(), a.instances(), a.bytes());
        };
    }
}
