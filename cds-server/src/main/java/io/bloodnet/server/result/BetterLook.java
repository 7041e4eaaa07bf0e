package io.bloodnet.server.result;

import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.InputFlag;
import io.bloodnet.imaging.finding.StudyFacts;
import io.bloodnet.server.job.Job;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Whether a new look at a study may replace what was filed of it (DESIGN promise 8). Stateless. */
public final class BetterLook {

    /** One thick slice, mm: less coverage than that at either end is no worse look. */
    private static final double COVERAGE_TOLERANCE_MM = 5.5;

    /** What one look may lack and another not. */
    private static final Set<InputFlag> LACKS = EnumSet.of(
            InputFlag.GAP, InputFlag.SLICES_LEFT_OUT, InputFlag.SERIES_LEFT_OUT, InputFlag.INCOMPLETE_COVERAGE);

    private BetterLook() {}

    /**
     * A suspicion is replaced by an analysis that covers at least as much of the head and lacks nothing that the first one had, or judges
     * all slices that it judged and more: by nothing else. What was no suspicion gives way to whatever is found now.
     */
    public static boolean replaces(Job filed, Finding found, StudyFacts facts) {
        if (!filed.hasSuspicion() || !(filed.finding() instanceof Finding.Analyzed before)) {
            return true;
        }
        return switch (found) {
            case Finding.NotAnalyzed n -> false;
            case Finding.Analyzed now ->
                coveredMm(now, facts) >= coveredMm(before, filed.facts()) - COVERAGE_TOLERANCE_MM
                        && (before.flags().containsAll(lacks(now)) || seesAllOf(before, now));
        };
    }

    /** Whether all that was judged then is judged now: what this look lacks lies where the other one did not look. */
    private static boolean seesAllOf(Finding.Analyzed before, Finding.Analyzed now) {
        Set<String> seen = now.slices().stream().map(BetterLook::name).collect(Collectors.toSet());
        return before.seriesUid().equals(now.seriesUid())
                && before.slices().size() < now.slices().size()
                && before.slices().stream().map(BetterLook::name).allMatch(seen::contains);
    }

    private static String name(Finding.SliceFinding slice) {
        return slice.sopInstanceUid() + "/" + slice.frame();
    }

    private static List<InputFlag> lacks(Finding.Analyzed finding) {
        return finding.flags().stream().filter(LACKS::contains).toList();
    }

    private static double coveredMm(Finding.Analyzed finding, @Nullable StudyFacts facts) {
        if (finding.coverageMm() != null) {
            return finding.coverageMm();
        }
        Double slice = facts == null
                ? null
                : facts.analyzedThicknessMm() == null ? facts.sliceThicknessMm() : facts.analyzedThicknessMm();
        int slices = facts == null || facts.sliceCount() == 0 ? finding.slices().size() : facts.sliceCount();
        return slices * (slice == null ? COVERAGE_TOLERANCE_MM : slice);
    }
}
