package io.bloodnet.server.pipeline;

import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.InputFlag;
import io.bloodnet.imaging.finding.NotAnalyzedReason;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.imaging.study.StudyAnalyzer.Analysis;
import io.bloodnet.imaging.study.StudySource.StudyListing;
import io.bloodnet.server.job.Job;
import io.bloodnet.server.job.PipelineLimits;
import java.util.Optional;

/** Whose images a study holds, and whether an analysis may be filed under the order's patient. Immutable. */
final class Whose {

    private final PipelineLimits limits;

    Whose(PipelineLimits limits) {
        this.limits = limits;
    }

    /** Why it is doubtful whose images these are; empty when it is not. */
    Optional<String> doubtOf(Job job, StudyListing listing, Analysis analysis) {
        Patient imaged = analysis.facts().patient();
        if (imaged != null && job.order().patient().contradicts(imaged)) {
            return Optional.of("the patient of the order and the patient in the images disagree");
        }
        // once in doubt and tried again, a person has decided
        return isUnnamed(listing, analysis) && limits.holdsUnnamed() && !job.inDoubt()
                ? Optional.of("neither the archive nor the images name a patient")
                : Optional.empty();
    }

    private static boolean isUnnamed(StudyListing listing, Analysis analysis) {
        return analysis.facts().patient() == null && listing.patient() == null;
    }

    static Finding named(StudyListing listing, Analysis analysis) {
        return isUnnamed(listing, analysis) && analysis.finding() instanceof Finding.Analyzed a
                ? a.flagged(InputFlag.NO_PATIENT_ID)
                : analysis.finding();
    }

    static boolean isIncomplete(Finding finding) {
        return finding instanceof Finding.NotAnalyzed none && none.reason() == NotAnalyzedReason.INCOMPLETE;
    }
}
