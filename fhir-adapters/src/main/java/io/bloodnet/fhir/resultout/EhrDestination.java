package io.bloodnet.fhir.resultout;

import io.bloodnet.audit.AuditLog;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.ehr.Deadline;
import io.bloodnet.fhir.ehr.EhrAnswer;
import io.bloodnet.fhir.ehr.EhrClient;
import io.bloodnet.fhir.ehr.EhrClient.Purpose;
import io.bloodnet.fhir.ehr.EhrException;
import io.bloodnet.fhir.face.MadeResources;
import io.bloodnet.fhir.resultout.FilingLookup.Sought;
import io.bloodnet.imaging.finding.Destination;
import io.bloodnet.imaging.finding.FindingReport;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.DiagnosticReport;
import org.hl7.fhir.r4.model.DiagnosticReport.DiagnosticReportStatus;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Task;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The EHR: files each report once, under the patient and the order that the EHR itself knows. Repeating a delivery changes nothing; an
 * unknown end (timeout, reset) is answered by repeating. One delivery of a study runs at a time in this process. A delivery ends within
 * {@link FhirConfig.Limits#whole}, with all its calls.
 *
 * <p>Not caught here: {@link io.bloodnet.audit.AuditUnavailableException}, since without the audit log nothing may be done.
 */
public final class EhrDestination implements Destination {

    private static final Logger LOG = LoggerFactory.getLogger(EhrDestination.class);
    private static final int LOCKS = 64;
    /** What a person has taken over; the AI never touches it again. */
    private static final Set<DiagnosticReportStatus> HUMAN = Set.of(
            DiagnosticReportStatus.FINAL,
            DiagnosticReportStatus.AMENDED,
            DiagnosticReportStatus.CORRECTED,
            DiagnosticReportStatus.APPENDED);

    private final EhrClient ehr;
    private final FhirConfig config;
    private final FhirConfig.Naming naming;
    private final AiSystem system;
    private final Transactions transactions;
    private final EhrWrites writes;
    private final InstantSource clock;
    private final List<Lock> locks =
            IntStream.range(0, LOCKS).mapToObj(_ -> (Lock) new ReentrantLock()).toList();
    private volatile @Nullable EhrProfile profile;

    /**
     * @param made where to keep what was filed
     * @param audit told of writes beside a result's own; the delivery itself is the caller's to tell
     */
    public EhrDestination(
            EhrClient ehr,
            FhirConfig config,
            AiSystem system,
            MadeResources made,
            AuditLog audit,
            InstantSource clock) {
        this.ehr = ehr;
        this.config = config;
        this.naming = config.naming();
        this.system = system;
        this.transactions = new Transactions(ehr, made, clock);
        this.writes = new EhrWrites(ehr, audit, clock);
        this.clock = clock;
    }

    @Override
    public String name() {
        return "ehr";
    }

    @Override
    public Outcome deliver(FindingReport report) {
        return Deadline.within(config.limits().whole(), () -> deliverInTime(report));
    }

    private Outcome deliverInTime(FindingReport report) {
        Lock lock = locks.get(Math.floorMod(report.key().studyUid().hashCode(), LOCKS));
        if (!isFree(lock)) {
            return new Outcome.Retry("timeout", null); // the other delivery of this study waits for the EHR
        }
        try {
            return file(report);
        } catch (EhrException e) {
            return failed(e);
        } catch (Unconditional.DuplicateException e) {
            return new Outcome.Refused("duplicate-in-ehr");
        } finally {
            lock.unlock();
        }
    }

    private boolean isFree(Lock lock) {
        try {
            return lock.tryLock(config.limits().whole().toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Outcome file(FindingReport report) {
        Purpose purpose = new Purpose(Sought.of(report).about(), "filing a result");
        List<DiagnosticReport> there = filed(report, purpose);
        if (there.size() > 1) {
            return new Outcome.Refused("duplicate-in-ehr");
        }
        DiagnosticReport known = there.isEmpty() ? null : there.getFirst();
        if (report.kind() == FindingReport.Kind.WITHDRAWN) {
            return withdraw(report, known, purpose);
        }
        if (known != null && HUMAN.contains(known.getStatus())) {
            return new Outcome.Delivered(reference(known));
        }
        return switch (new FilingLookup(ehr, naming, config.results().withoutPatient())
                .find(Sought.of(report), purpose)) {
            case FilingLookup.Result.Mismatch(var code) -> new Outcome.Mismatch(code);
            case FilingLookup.Result.Found(var filing) ->
                isWithdrawnFor(known, filing)
                        ? new Outcome.Refused("withdrawn-in-ehr")
                        : send(report, filing, known, purpose);
        };
    }

    /** Withdrawn where it lies: the patient it was filed under is just what may be wrong, so nothing is looked up again. */
    private Outcome withdraw(FindingReport report, @Nullable DiagnosticReport known, Purpose purpose) {
        if (known == null) {
            return new Outcome.Delivered("nothing-filed");
        }
        if (HUMAN.contains(known.getStatus())) {
            return new Outcome.Refused("signed-by-human");
        }
        Filing filing = new Filing(
                known.getSubject(),
                known.hasEncounter() ? known.getEncounter() : null,
                known.hasBasedOn() ? known.getBasedOnFirstRep() : null,
                known.hasImagingStudy() ? known.getImagingStudyFirstRep() : null);
        return send(report, filing, known, purpose);
    }

    /** A late repetition must not bring back what was withdrawn; filing it again under the right patient is something else. */
    private boolean isWithdrawnFor(@Nullable DiagnosticReport known, Filing filing) {
        return known != null
                && known.getStatus() == DiagnosticReportStatus.ENTEREDINERROR
                && known.getSubject().hasReference()
                && filing.patient().hasReference()
                && ehr.base()
                        .resourceOf(known.getSubject().getReference())
                        .equals(ehr.base().resourceOf(filing.patient().getReference()));
    }

    private Outcome send(FindingReport report, Filing filing, @Nullable DiagnosticReport known, Purpose purpose) {
        EhrProfile can = profile();
        EhrAnswer answer = attempt(report, filing, known, can, purpose);
        if (can.mark() == AiMark.SECURITY_LABEL
                && can.adapts()
                && !answer.isSuccess()
                && EhrProfile.refusesLabel(answer)) {
            can = can.withTag();
            profile = can;
            answer = attempt(report, filing, known, can, purpose);
        }
        boolean lostRace =
                answer.status() == 409; // may name the Task that somebody else wrote: the next attempt ends it
        if (!answer.isSuccess()
                && !lostRace
                && can.tasks()
                && EhrProfile.refusesTask(answer, ReportBundle.of(report, filing, can, config, system))) {
            LOG.warn("EHR refuses the Task of job {}: the result goes without it", report.jobId());
            answer = attempt(report, filing, known, can.withoutTasks(), purpose);
        }
        if (!answer.isSuccess()) {
            return refused(report, answer, purpose);
        }
        String receipt = transactions.receipt(answer);
        if (filed(report, purpose).size() > 1) {
            LOG.error("duplicate report in the EHR after filing: job {}, a person must look", report.jobId());
            return new Outcome.Refused("duplicate-in-ehr");
        }
        if (can.tasks()) {
            TaskTwins.toTakeBack(ehr, new Names(naming, report).task(), purpose)
                    .forEach(
                            twin -> // a conflict leaves it, which harms nothing but the view
                            writes.update(twin, EhrTasks.name(twin), purpose.about()));
        }
        supersede(report, purpose);
        return new Outcome.Delivered(receipt);
    }

    private EhrAnswer attempt(
            FindingReport report, Filing filing, @Nullable DiagnosticReport known, EhrProfile can, Purpose purpose) {
        Bundle bundle = ReportBundle.of(report, filing, can, config, system);
        if (known != null && known.getMeta().hasVersionId()) {
            onlyIfUnchanged(bundle.getEntryFirstRep(), known);
        }
        if (known != null && can.tasks()) {
            keepBusinessStatus(bundle, new Names(naming, report).task(), purpose);
        }
        return transactions.send(bundle, report.key().identifier(), can, purpose);
    }

    /** A report that is filed again must not take back the word that its order was called off ({@link EhrTasks#tellCalledOff}). */
    private void keepBusinessStatus(Bundle bundle, Identifier task, Purpose purpose) {
        Optional<CodeableConcept> said = TaskTwins.find(ehr, task, purpose).stream()
                .filter(Task::hasBusinessStatus)
                .map(Task::getBusinessStatus)
                .findFirst();
        said.ifPresent(status -> bundle.getEntry().stream()
                .map(Bundle.BundleEntryComponent::getResource)
                .filter(Task.class::isInstance)
                .forEach(resource -> ((Task) resource).setBusinessStatus(status)));
    }

    /** A person may sign the report between our look and our write: then the EHR refuses the whole transaction, and we look again. */
    private static void onlyIfUnchanged(Bundle.BundleEntryComponent report, DiagnosticReport known) {
        report.getResource().setId(known.getIdElement().getIdPart());
        report.getRequest()
                .setUrl(reference(known))
                .setIfMatch(EhrClient.etag(known.getMeta().getVersionId()));
    }

    /** 412 may mean "several match" (a person must look) or a lost race (read again, decide again): the search tells them apart. */
    private Outcome refused(FindingReport report, EhrAnswer answer, Purpose purpose) {
        if (answer.status() == 412 && filed(report, purpose).size() > 1) {
            return new Outcome.Refused("duplicate-in-ehr");
        }
        return failed(answer.failure("the transaction"), "http-" + answer.status());
    }

    /** All reports in the EHR that carry our identifier. */
    private List<DiagnosticReport> filed(FindingReport report, Purpose purpose) {
        return withIdentifier(new Names(naming, report).report(), purpose);
    }

    private List<DiagnosticReport> withIdentifier(Identifier identifier, Purpose purpose) {
        return ehr.search(DiagnosticReport.class, Map.of("identifier", Names.token(identifier)), purpose).stream()
                .filter(dr -> dr.getIdentifier().stream()
                        .anyMatch(i -> identifier.getValue().equals(i.getValue())
                                && identifier.getSystem().equals(i.getSystem())))
                .toList();
    }

    /** Tags the corrected report, when it is still only the AI's. That it fails harms nothing: the Provenance says the same. */
    private void supersede(FindingReport report, Purpose purpose) {
        if (report.supersedes() == null || report.kind() != FindingReport.Kind.CORRECTED) {
            return;
        }
        Names names = new Names(naming, report);
        for (DiagnosticReport old : withIdentifier(names.report(report.supersedes()), purpose)) {
            boolean tagged = old.getMeta().getTag(Code.SUPERSEDED.system(), Code.SUPERSEDED.code()) != null;
            boolean oursAlone = old.getStatus() == DiagnosticReportStatus.PRELIMINARY && !old.hasResultsInterpreter();
            if (oursAlone && !tagged && old.getMeta().hasVersionId()) {
                old.getMeta().addTag(Code.SUPERSEDED.coding());
                EhrAnswer answer = writes.update(old, "DiagnosticReport superseded", purpose.about());
                LOG.info("older result tagged as superseded: job {}, status {}", report.jobId(), answer.status());
            }
        }
    }

    /** Tells this EHR of orders that have no result yet. */
    public EhrTasks tasks() {
        return new EhrTasks(ehr, config, this::profile, writes, clock);
    }

    private EhrProfile profile() {
        EhrProfile known = profile;
        if (known == null) {
            known = EhrProfile.of(ehr, config.results().label());
            profile = known;
        }
        return known;
    }

    private static Outcome failed(EhrException e) {
        return failed(e, e.code().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }

    private static Outcome failed(EhrException e, String code) {
        Duration after = e.retryAfter();
        return e.code().retryable() ? new Outcome.Retry(code, after) : new Outcome.Refused(code);
    }

    private static String reference(DiagnosticReport report) {
        return new Reference("DiagnosticReport/" + report.getIdElement().getIdPart()).getReference();
    }
}
