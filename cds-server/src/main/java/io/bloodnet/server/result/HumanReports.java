package io.bloodnet.server.result;

import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditText;
import io.bloodnet.audit.Outcome;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.server.job.Job;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A person's final report beside the AI's result, whichever came first: linked in the audit log for review, and neither ever edited. */
public final class HumanReports {

    /** OBR-25 of a correction (HL7 table 0123). */
    private static final String CORRECTED = "C";

    private static final String CANCELLED = "X";

    /** Of a report that was deleted, sent in error, or will not come (HL7 tables 0085 and 0123). */
    private static final Set<String> TAKEN_BACK = Set.of("W", "D", "X");

    private HumanReports() {}

    /**
     * When a final report counts as read; null when a later word is known. A clock that is ahead counts as now, or it would outlast every
     * correction. A correction counts because it arrived, whatever its clock says, and outlasts what was said before it; a final report that
     * comes again with an older time does not take it back.
     */
    public static @Nullable Instant readAt(Job job, OrderEvent.HumanReport report, Instant now) {
        Instant known = job.humanReadAt();
        Instant said = report.at().isAfter(now) ? now : report.at();
        if (known == null || said.isAfter(known)) {
            return said;
        }
        if (report.status().equals(CORRECTED)) {
            return now;
        }
        return said.equals(known) && job.humanTakenBackAt() == null ? said : null;
    }

    /**
     * Whether it can count: a number may be another patient's, too, so that it needs the patient, or the study, whose UID is one in the world.
     * What only takes a word back needs neither.
     */
    public static boolean saysOfWhom(OrderEvent.HumanReport report) {
        return report.key().patient() != null || report.key().studyUid() != null || takesBack(report);
    }

    /** Whether the report says that what it said before does not count. */
    public static boolean takesBack(OrderEvent.HumanReport report) {
        return TAKEN_BACK.contains(report.status());
    }

    /**
     * Whether it may be the report that counts: another one of the same study may be cancelled, or have been entered in error, beside it.
     * One that was only cancelled may never have said anything, so that it must be known to be that one where it has a name.
     */
    public static boolean mayBeTheOne(Job job, OrderEvent.HumanReport report) {
        String name = report.report();
        return name == null
                || name.equals(job.humanReport())
                || job.humanReport() == null && !report.status().equals(CANCELLED);
    }

    /**
     * The job after its report was taken back: nobody has read the study, as far as we know, so that our flag is shown as if it were new.
     * That counts because it arrived, whatever its clock says. The report itself, and what is older, do not count when they come again.
     */
    public static Job takenBack(Job job, OrderEvent.HumanReport report, Instant now) {
        Instant said = report.at().isAfter(now) ? now : report.at();
        Instant known = job.humanReadAt();
        Job after = job.takenBack(known != null && known.isAfter(said) ? known : said, now);
        boolean shown = job.isReadByHuman() && job.hasSuspicion() && job.reason() == null;
        return shown ? after.noted("a person's report on it was taken back: the suspicion is open again") : after;
    }

    /**
     * The entry that links them.
     *
     * @param job with what is known of both
     * @param report which report, without patient data
     */
    public static AuditEvent link(Job job, String report, Instant now) {
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
