package io.bloodnet.server.pipeline;

import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.StudyFacts;
import io.bloodnet.server.job.Job;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.job.Transitions;
import io.bloodnet.server.result.BetterLook;
import io.bloodnet.server.result.Results;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Commits what was found, or lets stand what was filed before. Each method works in the caller's transaction on a job that it has locked.
 * Stateless.
 */
final class Filing {

    private final Results results;
    private final Transitions transitions;
    private final AnalysisTrail trail;

    Filing(Results results, Transitions transitions, AnalysisTrail trail) {
        this.results = results;
        this.transitions = transitions;
        this.trail = trail;
    }

    /** Nothing but a suspicion is told of less than all images, and how many that are may have been said while they were looked at. */
    static boolean isPromisedMore(Job current, Job analyzed, Finding finding) {
        Integer promised = current.order().expectedInstances();
        Integer before = analyzed.order().expectedInstances();
        boolean positive = finding instanceof Finding.Analyzed a && a.positive();
        return !positive
                && promised != null
                && promised > current.slicesSeen()
                && (before == null || promised > before);
    }

    /** Files what was found, unless a suspicion was filed before and this is no better look at the same head (promise 8). */
    void file(Handle handle, Job current, Finding finding, StudyFacts facts, Results.Prepared prepared) {
        if (!BetterLook.replaces(current, finding, facts)) {
            stand(handle, current, "looked at again: " + describe(finding));
            return;
        }
        Job delivering = transitions.apply(
                handle, current, current.withFinding(finding, facts).moved(JobState.DELIVERING, reasonOf(finding)));
        results.enqueue(handle, delivering, prepared);
        if (delivering.isReadByHuman()) {
            trail.alreadyRead(handle, delivering);
        }
        // The same as was told before, or nobody to tell: there is nothing to wait for.
        results.ended(handle, delivering).ifPresent(ended -> transitions.apply(handle, delivering, ended));
    }

    /** Files a suspicion of a study that is still waited for. */
    void tell(Handle handle, Job current, Finding.Analyzed suspicion, StudyFacts facts, Results.Prepared prepared) {
        Job told = transitions.apply(
                handle,
                current,
                current.withFinding(suspicion, facts).noted("hemorrhage suspected, images may still be arriving"));
        results.enqueue(handle, told, prepared);
        if (told.humanReadAt() != null) {
            trail.alreadyRead(handle, told);
        }
    }

    /** The suspicion that was filed stays, and says what became of the new look. */
    void stand(Handle handle, Job current, String why) {
        String noted = why + "; the earlier finding stands";
        Job delivering = transitions.apply(handle, current, current.moved(JobState.DELIVERING, noted));
        results.scheduleReady(handle, delivering);
        results.ended(handle, delivering)
                .map(ended -> ended.reason() == null ? ended.noted(noted) : ended)
                .ifPresent(ended -> transitions.apply(handle, delivering, ended));
    }

    private static String describe(Finding finding) {
        return switch (finding) {
            case Finding.Analyzed a -> "less of the head was there";
            case Finding.NotAnalyzed n -> n.reason().sentence();
        };
    }

    private static @Nullable String reasonOf(Finding finding) {
        return switch (finding) {
            case Finding.Analyzed a -> null;
            case Finding.NotAnalyzed n -> n.detail();
        };
    }
}
