package io.bloodnet.server.job;

import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.imaging.order.StudyUid;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Which of several jobs has a study. An order by accession number learns its study late: another order may have it. What was said of
 * the one that ends then goes to the one that has the study. Stateless.
 */
public final class StudyOwner {

    private final JobStore jobs;
    private final OrderNames names;
    private final Transitions transitions;

    public StudyOwner(JobStore jobs, Transitions transitions) {
        this.jobs = jobs;
        this.names = new OrderNames(jobs);
        this.transitions = transitions;
    }

    /**
     * Gives the job its study's name; empty when another job has it and this one has ended or is held.
     *
     * @param now the job, locked
     * @param named the same with its study
     */
    public Optional<Job> claim(Handle handle, Job now, Job named) {
        StudyUid study = Objects.requireNonNull(named.order().key().studyUid(), "it was just named");
        Optional<Job> owner = owner(handle, study, now);
        if (owner.isEmpty() || isGone(owner.get())) {
            owner.ifPresent(gone -> names.drop(handle, gone.id()));
            names.add(handle, now.id(), named.order().key());
            return Optional.of(transitions.apply(handle, now, named));
        }
        Job other = owner.get();
        if (!other.order().patient().id().matches(now.order().patient().id())) {
            transitions.apply(
                    handle,
                    now,
                    now.doubted("the study belongs to an order of another patient", JobState.WAITING_FOR_IMAGES));
            return Optional.empty();
        }
        transitions.apply(handle, other, told(other, now));
        transitions.apply(
                handle, now, named.moved(JobState.CANCELLED, "the same study was ordered before under another number"));
        return Optional.empty();
    }

    /** The other job that has the study, locked; empty when there is none. */
    public Optional<Job> owner(Handle handle, StudyUid study, Job besides) {
        return names.ofStudy(handle, new OrderKey(study, null, null, null))
                .filter(id -> !id.equals(besides.id()))
                .flatMap(id -> jobs.lock(handle, id));
    }

    private static boolean isGone(Job owner) {
        return owner.state() == JobState.CANCELLED && owner.finding() == null;
    }

    /** What is known of one order of a study holds for the other: how urgent it is, and what a person reported. */
    private static Job told(Job owner, Job other) {
        Job urgent = owner.withOrder(owner.order().asUrgentAs(other.order()));
        Instant read = other.humanReadAt();
        boolean newer = read != null && (owner.humanReadAt() == null || read.isAfter(owner.humanReadAt()));
        if (read == null || !newer) {
            return urgent;
        }
        return other.humanTakenBackAt() == null
                ? urgent.readByHuman(read, other.humanSays(), other.humanReport())
                : urgent.takenBack(read, other.humanTakenBackAt());
    }
}
