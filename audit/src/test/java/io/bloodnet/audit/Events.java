package io.bloodnet.audit;

import java.time.Instant;
import java.util.List;

/** One event of each kind, and small ones in any number. */
public final class Events {

    public static final Instant AT = Instant.parse("2026-11-23T10:15:30.123456Z");

    private static final String DIGEST = "ab".repeat(32);
    private static final About ABOUT = new About("job-1", "ACC1", "1.2.840.1", "PAT-1", "dr.who");

    private Events() {}

    /** The n-th of a long row: about one of 20 jobs and 10 patients. */
    public static AuditEvent numbered(int n) {
        About about = About.job("job-" + n % 20)
                .withPatientId("PAT-" + n % 10)
                .withStudyUid("1.2.840." + n % 20)
                .withUser(n % 3 == 0 ? "dr.who" : null);
        return new AuditEvent.JobStateChanged(
                AT.plusSeconds(n), about, Outcome.SUCCESS, "ANALYZING", "DELIVERING", "number " + n);
    }

    public static List<AuditEvent> oneOfEachKind() {
        Outcome ok = Outcome.SUCCESS;
        return List.of(
                new AuditEvent.ServerStarted(AT, About.nothing(), ok, "0.1.0", "bloodnet", "1", DIGEST, 0.5),
                new AuditEvent.ServerStopped(AT, About.nothing(), ok, "0.1.0", "SIGTERM"),
                new AuditEvent.ConfigurationChanged(AT, ABOUT, ok, DIGEST, "model.threshold"),
                new AuditEvent.KeyRotated(AT, ABOUT, ok, "00112233", "44556677", "AAAA"),
                new AuditEvent.LinkOpened(AT, About.nothing(), ok, "mllp", "127.0.0.1"),
                new AuditEvent.LinkRefused(
                        AT, About.nothing(), Outcome.SERIOUS_FAILURE, "mllp", "10.0.0.1", "not allowed"),
                new AuditEvent.MessageReceived(
                        AT, ABOUT, ok, "mllp", "RIS|KH \"Süd\"", "MSG-1", DIGEST, Disposition.ACCEPTED, null),
                new AuditEvent.JobStateChanged(AT, ABOUT, ok, null, "WAITING_FOR_IMAGES", null),
                new AuditEvent.StudyQueried(AT, ABOUT, ok, "pacs", "series of one study", 3, null),
                new AuditEvent.StudyFetched(AT, ABOUT, ok, "pacs", 36, 18_000_000L, DIGEST, null),
                new AuditEvent.StudyAnalyzed(
                        AT, ABOUT, ok, "bloodnet", "1", DIGEST, DIGEST, DIGEST, 0.5, "CPU", 1200, "positive", null),
                new AuditEvent.DeliveryIntended(AT, ABOUT, ok, "ehr", "key-1", 1, DIGEST),
                new AuditEvent.DeliveryEnded(
                        AT, ABOUT, Outcome.MINOR_FAILURE, "ehr", "key-1", 1, DIGEST, "HTTP 503", "busy"),
                new AuditEvent.EhrRead(AT, ABOUT, ok, "ehr", "ServiceRequest by accession", null),
                new AuditEvent.CardsShown(
                        AT,
                        ABOUT,
                        ok,
                        "https://ehr",
                        "patient-view",
                        "hook-1",
                        List.of(new AuditEvent.CardShown("uuid-1", "critical")),
                        12),
                new AuditEvent.CardFeedback(AT, ABOUT, ok, "https://ehr", "uuid-1", "overridden", "seen"),
                new AuditEvent.AccessRefused(
                        AT, About.nothing(), Outcome.SERIOUS_FAILURE, "cds-hooks", "token expired"),
                new AuditEvent.TokenObtained(AT, About.nothing(), ok, "ehr", "system/*.cruds", null),
                new AuditEvent.HumanReportLinked(AT, ABOUT, ok, "ehr", "DiagnosticReport/7", "agrees"),
                new AuditEvent.WorklistViewed(AT, About.user("dr.who"), ok, "web", 12),
                new AuditEvent.AuditRead(AT, About.user("auditor"), ok, "search by patient", "auditor"),
                new AuditEvent.PartClosed(AT, About.nothing(), ok, 0, 255, DIGEST),
                new AuditEvent.RestoreAccepted(AT, About.user("admin"), ok, "file a.checkpoint", 255, DIGEST, 250),
                new AuditEvent.DataErased(AT, ABOUT, ok, "order", 1, "older than 90 days"),
                new AuditEvent.SignedIn(AT, About.user("dr.who"), ok, "https://idp", "10.0.0.1", "clinician", null),
                new AuditEvent.SignedOut(AT, About.user("dr.who"), ok, "10.0.0.1", "by the person"),
                new AuditEvent.PageViewed(AT, ABOUT, ok, "/studies/{job}", "10.0.0.1", null),
                new AuditEvent.PersonActed(AT, ABOUT, ok, "disagree", "10.0.0.1", "missed", null));
    }
}
