package io.bloodnet.server.cdshooks;

import io.bloodnet.server.cdshooks.card.PatientFinding;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Findings for tests. */
final class Findings {

    private Findings() {}

    static PatientFinding positive(String jobId, Instant acquired) {
        return of(jobId, new PatientFinding.Positive(0.97, 0.5, 12.34), acquired, null, true);
    }

    static PatientFinding negative(String jobId, Instant acquired) {
        return of(jobId, new PatientFinding.Negative(), acquired, null, true);
    }

    static PatientFinding notAnalyzed(String jobId, Instant acquired) {
        return of(jobId, new PatientFinding.NotAnalyzed("too few axial slices"), acquired, null, true);
    }

    static PatientFinding read(PatientFinding finding, Instant at, @Nullable Boolean hemorrhage) {
        Instant acquired = finding.acquiredAt() == null ? at : finding.acquiredAt();
        return of(finding.jobId(), finding.result(), acquired, new PatientFinding.HumanRead(at, hemorrhage), true);
    }

    static PatientFinding openAgain(PatientFinding f, Instant at) {
        return new PatientFinding(
                f.jobId(), f.result(), f.modelId(), f.modelVersion(), f.acquiredAt(), f.reportedAt(), null, true, at);
    }

    static PatientFinding of(
            String jobId,
            PatientFinding.Result result,
            Instant acquired,
            PatientFinding.@Nullable HumanRead read,
            boolean production) {
        return new PatientFinding(
                jobId, result, "bloodnet", "1.0.0", acquired, acquired.plus(Duration.ofMinutes(5)), read, production);
    }
}
