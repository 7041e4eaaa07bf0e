package io.bloodnet.fhir.resultout;

import io.bloodnet.audit.About;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.ehr.Deadline;
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
    private final EhrWrites writes;
    private final InstantSource clock;

    EhrTasks(EhrClient ehr, FhirConfig config, Supplier<EhrProfile> profile, EhrWrites writes, InstantSource clock) {
        this.ehr = ehr;
        this.config = config;
        this.profile = profile;
        this.writes = writes;
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
        return Deadline.within(
                config.limits().whole(), () -> tellInTime(jobId, order, study, modelVersion, stage, reason));
    }

    private boolean tellInTime(
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
                EhrAnswer answer = writes.createUnless(task, Names.query(identifier), name(task), purpose.about());
                boolean done = done(answer);
                takeBackTwins(identifier, purpose);
                yield done;
            }
        };
    }

    /**
     * Marks the Task of a result that was filed before its order was called off. Its status stays what it is: the work was done, and the
     * report is there. The same again changes nothing.
     *
     * @return whether there is nothing more to tell: false when somebody else wrote at the same time, so that it should be told again
     * @throws EhrException when the EHR cannot be asked now
     */
    public boolean tellCalledOff(String jobId, ImagingOrder order, StudyUid study, String modelVersion) {
        return Deadline.within(config.limits().whole(), () -> tellCalledOffInTime(jobId, order, study, modelVersion));
    }

    private boolean tellCalledOffInTime(String jobId, ImagingOrder order, StudyUid study, String modelVersion) {
        if (!profile.get().tasks()) {
            return true;
        }
        Purpose purpose = new Purpose(
                new Sought(jobId, order, study, StudyFacts.unknown()).about(), "telling that an order was called off");
        List<Task> there = TaskTwins.find(ehr, Names.task(config.naming(), study.value(), modelVersion), purpose);
        if (there.size() != 1
                || TaskTwins.OPEN.contains(there.getFirst().getStatus())
                || there.getFirst().hasBusinessStatus()
                || !there.getFirst().getMeta().hasVersionId()) {
            return true;
        }
        Task task = there.getFirst();
        task.setBusinessStatus(new CodeableConcept().setText("Order called off after this result was filed"));
        task.setLastModifiedElement(ReportResources.dateTime(clock.instant()));
        return done(writes.update(task, "Task called off", purpose.about()));
    }

    private boolean change(Task task, Stage stage, @Nullable String reason, About about) {
        if (!TaskTwins.OPEN.contains(task.getStatus())
                || task.getStatus() == stage.status
                || !task.getMeta().hasVersionId()) {
            return true;
        }
        say(task, stage, reason);
        task.setLastModifiedElement(ReportResources.dateTime(clock.instant()));
        return done(writes.update(task, name(task), about));
    }

    private void takeBackTwins(Identifier identifier, Purpose purpose) {
        for (Task twin : TaskTwins.toTakeBack(ehr, identifier, purpose)) {
            done(writes.update(twin, name(twin), purpose.about()));
        }
    }

    private static void say(Task task, Stage stage, @Nullable String reason) {
        task.setStatus(stage.status);
        task.setStatusReason(reason == null ? null : new CodeableConcept().setText(reason));
    }

    /** Whether there is nothing more to tell. A refusal for good is not repeated: the result tells the rest. */
    private static boolean done(EhrAnswer answer) {
        if (answer.status() == 409 || answer.status() == 412) {
            return false;
        }
        if (!answer.isSuccess() && answer.failure("the Task").code().retryable()) {
            throw answer.failure("the Task");
        }
        return true;
    }

    /** What a write of this Task is called in the audit log. */
    static String name(Task task) {
        return "Task " + task.getStatus().toCode();
    }
}
