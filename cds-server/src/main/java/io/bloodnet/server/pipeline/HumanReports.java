package io.bloodnet.server.pipeline;

import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditText;
import io.bloodnet.audit.Outcome;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.order.OrderEvent;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A person's final report beside the AI's result, whichever came first: linked in the audit log for review, and neither ever edited. */
final class HumanReports {

    /** OBR-25 of a correction (HL7 table 0123). */
    private static final String CORRECTED = "C";

    private HumanReports() {}

    /**
     * When a final report counts as read; null when a later word is known. A clock that is ahead counts as now, or it would outlast every
     * correction. A correction counts because it arrived, whatever its clock says, and outlasts what was said before it; a final report that
     * comes again with an older time does not take it back.
     */
    static @Nullable Instant readAt(Job job, OrderEvent.HumanReport report, Instant now) {
        Instant known = job.humanReadAt();
        Instant said = report.at().isAfter(now) ? now : report.at();
        if (known == null || said.isAfter(known)) {
            return said;
        }
        if (report.status().equals(CORRECTED)) {
            return now;
        }
        return said.equals(known) ? said : null;
    }

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
