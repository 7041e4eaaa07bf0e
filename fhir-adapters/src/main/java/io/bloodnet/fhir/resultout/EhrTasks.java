package io.bloodnet.fhir.resultout;

import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.audit.Outcome;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.FhirJson;
import io.bloodnet.fhir.Sha256;
import io.bloodnet.fhir.ehr.EhrAnswer;
import io.bloodnet.fhir.ehr.EhrClient;
import io.bloodnet.fhir.ehr.EhrClient.Purpose;
import io.bloodnet.fhir.ehr.EhrException;
import io.bloodnet.fhir.resultout.FilingLookup.Sought;
import io.bloodnet.imaging.finding.StudyFacts;
import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.imaging.order.StudyUid;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.Task;
import org.hl7.fhir.r4.model.Task.TaskStatus;
import org.jspecify.annotations.Nullable;

/**
 * Tells the EHR how an order stands that has no result yet, by the Task that the result's own transaction ends. It takes no lock that a
 * result would wait for: a Task is created only where none is, changed only as the version that was read, and never once it has ended.
 * Where a server knows no Task or no conditional writes nothing is told. Safe for all threads.
 */
public final class EhrTasks {

    /** How an order stands. */
    public enum Stage {
        /** Accepted; the images are not there yet. */
        WAITING(TaskStatus.REQUESTED),
        /** The network looks at the images. */
        ANALYZING(TaskStatus.INPROGRESS),
        /** A person must decide. */
        HELD(TaskStatus.ONHOLD),
        /** Called off before there was a result. */
        CANCELLED(TaskStatus.CANCELLED),
        /** Given up; a person can try again. */
        FAILED(TaskStatus.FAILED);

        private final TaskStatus status;

        Stage(TaskStatus status) {
            this.status = status;
        }
    }

    private final EhrClient ehr;
    private final FhirConfig config;
    private final Supplier<EhrProfile> profile;
    private final AuditLog audit;
    private final InstantSource clock;

    EhrTasks(EhrClient ehr, FhirConfig config, Supplier<EhrProfile> profile, AuditLog audit, InstantSource clock) {
        this.ehr = ehr;
        this.config = config;
        this.profile = profile;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * Tells how the order of a study stands. The same again changes nothing.
     *
     * @param reason why it is held, failed or cancelled, without patient data; null when there is nothing to say
     * @return whether there is nothing more to tell: false when somebody else wrote at the same time, so that it should be told again
     * @throws EhrException when the EHR cannot be asked now
     */
    public boolean tell(
            String jobId,
            ImagingOrder order,
            StudyUid study,
            String modelVersion,
            Stage stage,
            @Nullable String reason) {
        EhrProfile can = profile.get();
        if (!can.tasks() || !can.conditional()) {
            return true;
        }
        Sought sought = new Sought(jobId, order, study, StudyFacts.unknown());
        Purpose purpose = new Purpose(sought.about(), "telling how an order stands");
        Identifier identifier = Names.task(config.naming(), study.value(), modelVersion);
        List<Task> there = TaskTwins.find(ehr, identifier, purpose);
        if (there.size() > 1) {
            takeBackTwins(identifier, purpose);
            return false;
        }
        if (!there.isEmpty()) {
            return change(there.getFirst(), stage, reason, purpose.about());
        }
        return switch (new FilingLookup(ehr, config.naming(), config.results().withoutPatient())
                .find(sought, purpose)) {
            case FilingLookup.Result.Mismatch _ -> true; // the result will say so, and hold the order
            case FilingLookup.Result.Found(var filing) -> {
                Task task = ReportResources.task(identifier, order, study, filing, config.naming(), clock.instant());
                say(task, stage, reason);
                boolean done = written(task, purpose.about(), () -> ehr.createUnless(task, Names.query(identifier)));
                takeBackTwins(identifier, purpose);
                yield done;
            }
        };
    }

    private boolean change(Task task, Stage stage, @Nullable String reason, About about) {
        if (!TaskTwins.OPEN.contains(task.getStatus())
                || task.getStatus() == stage.status
                || !task.getMeta().hasVersionId()) {
            return true;
        }
        say(task, stage, reason);
        task.setLastModifiedElement(ReportResources.dateTime(clock.instant()));
        return written(task, about, () -> TaskTwins.update(ehr, task));
    }

    private void takeBackTwins(Identifier identifier, Purpose purpose) {
        for (Task twin : TaskTwins.toTakeBack(ehr, identifier, purpose)) {
            written(twin, purpose.about(), () -> TaskTwins.update(ehr, twin));
        }
    }

    private static void say(Task task, Stage stage, @Nullable String reason) {
        task.setStatus(stage.status);
        task.setStatusReason(reason == null ? null : new CodeableConcept().setText(reason));
    }

    /** One write between its two audit entries. A refusal for good is not repeated: the result tells the rest. */
    private boolean written(Task task, About about, Supplier<EhrAnswer> write) {
        String name = "Task " + task.getStatus().toCode();
        String digest = Sha256.hex(FhirJson.write(task));
        audit.record(new AuditEvent.DeliveryIntended(clock.instant(), about, Outcome.SUCCESS, "ehr", name, 1, digest));
        EhrAnswer answer;
        try {
            answer = write.get();
        } catch (EhrException e) {
            ended(about, name, digest, Outcome.MINOR_FAILURE, e.code().name());
            throw e;
        }
        Outcome outcome = answer.isSuccess() ? Outcome.SUCCESS : Outcome.MINOR_FAILURE;
        ended(about, name, digest, outcome, "HTTP " + answer.status());
        if (answer.status() == 409 || answer.status() == 412) {
            return false;
        }
        if (!answer.isSuccess() && answer.failure("the Task").code().retryable()) {
            throw answer.failure("the Task");
        }
        return true;
    }

    private void ended(About about, String name, String digest, Outcome outcome, String code) {
        audit.record(new AuditEvent.DeliveryEnded(clock.instant(), about, outcome, "ehr", name, 1, digest, code, null));
    }
}
