package io.bloodnet.server.pipeline;

import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditText;
import io.bloodnet.audit.Outcome;
import io.bloodnet.imaging.finding.Finding;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A person's final report beside the AI's result, whichever came first: linked in the audit log for review, and neither ever edited. */
final class HumanReports {

    private HumanReports() {}

    /**
     * The entry that links them.
     *
     * @param job with what is known of both
     * @param report which report, without patient data
     */
    static AuditEvent link(Job job, String report, Instant now) {
        return new AuditEvent.HumanReportLinked(
                now,
                job.about(),
                Outcome.SUCCESS,
                "ehr",
                AuditText.fit(report, AuditText.IDENTIFIER_CHARS_MAX),
                agreement(job.finding(), job.humanSays()));
    }

    /** Null while one of them does not say whether there is hemorrhage. */
    private static @Nullable String agreement(@Nullable Finding finding, @Nullable Boolean says) {
        if (says == null || !(finding instanceof Finding.Analyzed analyzed)) {
            return null;
        }
        return analyzed.positive() == says ? "agreement" : "disagreement";
    }
}
