package io.bloodnet.server.fhir;

import io.bloodnet.fhir.resultout.EhrTasks;
import io.bloodnet.fhir.resultout.EhrTasks.Stage;
import io.bloodnet.imaging.finding.ModelId;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.server.job.Job;
import io.bloodnet.server.job.OrdersUnderWay;
import java.util.Objects;

/** A job without a result as the EHR's Task. Safe for all threads. */
public final class OrderTasks implements OrdersUnderWay.Teller {

    private final EhrTasks tasks;
    private final ModelId model;

    /** @param model the one in use: its version is part of a Task's identity, as it is of the result's */
    public OrderTasks(EhrTasks tasks, ModelId model) {
        this.tasks = tasks;
        this.model = model;
    }

    @Override
    public boolean tell(Job job) {
        StudyUid study = study(job);
        return switch (job.state()) {
            case WAITING_FOR_IMAGES -> tell(job, study, Stage.WAITING);
            case ANALYZING -> tell(job, study, Stage.ANALYZING);
            case ON_HOLD -> tell(job, study, Stage.HELD);
            case CANCELLED -> tell(job, study, Stage.CANCELLED);
            case FAILED -> tell(job, study, Stage.FAILED);
            case DELIVERING, REPORTED_POSITIVE, REPORTED_NEGATIVE, NOT_ANALYZED -> true; // the result tells
        };
    }

    @Override
    public boolean tellCalledOff(Job job) {
        return tasks.tellCalledOff(job.id(), job.order(), study(job), model.version());
    }

    private static StudyUid study(Job job) {
        return Objects.requireNonNull(job.order().key().studyUid(), "only orders of a known study are told");
    }

    private boolean tell(Job job, StudyUid study, Stage stage) {
        return tasks.tell(job.id(), job.order(), study, model.version(), stage, job.reason());
    }
}
