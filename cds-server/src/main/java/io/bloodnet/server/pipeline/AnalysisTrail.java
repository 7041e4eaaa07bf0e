package io.bloodnet.server.pipeline;

import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.audit.Outcome;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.study.StudyAnalyzer.Analysis;
import io.bloodnet.server.job.Job;
import io.bloodnet.server.job.JobStore;
import io.bloodnet.server.result.HumanReports;
import io.bloodnet.server.result.Outbox;
import io.bloodnet.server.result.Results;
import java.time.InstantSource;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** What the audit log keeps of looking for, fetching and judging a study, each in the caller's transaction. Safe for all threads. */
final class AnalysisTrail {

    private final AuditLog audit;
    private final ImagingPipeline.Model model;
    private final InstantSource clock;

    AnalysisTrail(AuditLog audit, ImagingPipeline.Model model, InstantSource clock) {
        this.audit = audit;
        this.model = model;
        this.clock = clock;
    }

    /** The PACS was asked and has {@code count} instances. */
    void queried(Handle handle, Job job, int count) {
        audit.append(
                handle.getConnection(),
                new AuditEvent.StudyQueried(
                        clock.instant(), job.about(), Outcome.SUCCESS, Outbox.PACS, "study of the order", count, null));
    }

    /** The PACS could not be read; {@code code} says why. */
    void notFetched(Handle handle, Job job, String code) {
        fetched(handle, job, Outcome.MINOR_FAILURE, 0, 0, null, code);
    }

    /** What was there of the study was fetched and looked at, and nothing is told of it. */
    void fetched(Handle handle, Job job, Analysis analysis) {
        fetched(handle, job, Outcome.SUCCESS, analysis.instances(), analysis.bytes(), null, null);
    }

    /** The study was fetched and looked at. */
    void analyzed(Handle handle, Job job, Finding finding, Analysis analysis) {
        String digest = finding instanceof Finding.Analyzed a ? a.inputDigest() : null;
        fetched(handle, job, Outcome.SUCCESS, analysis.instances(), analysis.bytes(), digest, null);
        judged(handle, job, finding);
    }

    /** A person had read the study before there was a result. */
    void alreadyRead(Handle handle, Job job) {
        audit.append(handle.getConnection(), HumanReports.link(job, "report before the result", clock.instant()));
    }

    private void fetched(
            Handle handle,
            Job job,
            Outcome outcome,
            int instances,
            long bytes,
            @Nullable String digest,
            @Nullable String code) {
        audit.append(
                handle.getConnection(),
                new AuditEvent.StudyFetched(
                        clock.instant(), job.about(), outcome, Outbox.PACS, instances, bytes, digest, code));
    }

    /** What came out, also when nothing could be looked at. */
    void judged(Handle handle, Job job, Finding finding) {
        audit.append(
                handle.getConnection(),
                switch (finding) {
                    case Finding.Analyzed a ->
                        new AuditEvent.StudyAnalyzed(
                                clock.instant(),
                                job.about(),
                                Outcome.SUCCESS,
                                a.model().id(),
                                a.model().version(),
                                a.model().sha256(),
                                a.inputDigest(),
                                Results.outputDigest(a),
                                a.threshold(),
                                a.executionProvider(),
                                a.timing().inferenceMs(),
                                JobStore.result(a),
                                null);
                    case Finding.NotAnalyzed n ->
                        new AuditEvent.StudyAnalyzed(
                                clock.instant(),
                                job.about(),
                                Outcome.MINOR_FAILURE,
                                model.id().id(),
                                model.id().version(),
                                model.id().sha256(),
                                null,
                                null,
                                model.threshold(),
                                "none",
                                0,
                                JobStore.result(n),
                                n.reason().name());
                });
    }
}
