package io.bloodnet.server.pipeline;

import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.server.job.Job;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.job.JobStore;
import io.bloodnet.server.job.Transitions;
import io.bloodnet.server.result.Outbox;
import io.bloodnet.server.result.Results;
import io.bloodnet.server.result.Schedule;
import io.bloodnet.server.store.Database;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** What a person can do with a job, and the sweep for lost wake-ups. Safe for all threads. */
public final class JobControl {

    private final Database database;
    private final JobStore jobs;
    private final Outbox outbox = new Outbox();
    private final Results results;
    private final Transitions transitions;
    private final LostWakeUps lost;
    private final Runnable wake;
    private final InstantSource clock;

    /** @param wake tells all queues that there is work */
    public JobControl(
            Database database,
            JobStore jobs,
            Results results,
            io.bloodnet.audit.AuditLog audit,
            Runnable wake,
            InstantSource clock) {
        this.database = database;
        this.jobs = jobs;
        this.results = results;
        this.transitions = new Transitions(jobs, audit, clock);
        this.lost = new LostWakeUps(database, clock);
        this.wake = wake;
        this.clock = clock;
    }

    /** What became of a person's wish to try a job again, or to have done with it. */
    public sealed interface Retry {
        /** It is in this state now. */
        record Going(JobState state) implements Retry {}

        /** There is no such job. */
        record Unknown() implements Retry {}

        /** Not with a job in this state. */
        record NotNow(JobState state) implements Retry {}
    }

    /** What a person may want of a job. */
    public enum Wish {
        /** Try it again: given-up deliveries start anew, else the images are fetched again. Every budget is fresh. */
        RETRY,
        /** Have done with it: nobody needs to look any more. Never of a job with a suspicion that was not delivered. */
        DISMISS
    }

    /** Most jobs that one wish is done for. */
    public static final int AT_ONCE_MAX = 10_000;

    /**
     * Tries a job again that failed, was not analyzed, or is on hold.
     *
     * @param by who wants it, for the audit log and the worklist
     */
    public Retry retry(String jobId, String by) {
        return wish(Wish.RETRY, jobId, by);
    }

    /** Does what a person wants of one job. */
    public Retry wish(Wish wish, String jobId, String by) {
        Retry done = granted(wish, jobId, by);
        wake.run();
        return done;
    }

    /** Does the same for all jobs in a state, at most {@link #AT_ONCE_MAX}, as the worklist has them; each in a transaction of its own. Returns for how many. */
    public int wishAll(Wish wish, JobState state, String by) {
        List<String> ids = database.read(handle -> handle.createQuery(
                        "select id from job where state = :state order by state, worklist_rank, priority, ordered_at limit :max")
                .bind("state", state.name())
                .bind("max", AT_ONCE_MAX)
                .mapTo(String.class)
                .list());
        long done = ids.stream()
                .filter(id -> granted(wish, id, by) instanceof Retry.Going)
                .count();
        wake.run();
        return (int) done;
    }

    private Retry granted(Wish wish, String jobId, String by) {
        return database.inTransaction(handle -> {
            Optional<Job> job = jobs.lock(handle, jobId);
            if (job.isEmpty()) {
                return new Retry.Unknown();
            }
            return switch (wish) {
                case RETRY -> retry(handle, job.get(), by);
                case DISMISS -> dismiss(handle, job.get(), by);
            };
        });
    }

    private Retry retry(Handle handle, Job job, String by) {
        return switch (job.state()) {
            case FAILED, NOT_ANALYZED, ON_HOLD -> {
                Instant now = clock.instant();
                Job fenced = jobs.fence(handle, job);
                StudyUid study = job.order().key().studyUid();
                if (study != null) {
                    CountedAnalyses.startAnew(handle, study);
                }
                // What was withdrawn is looked at again before it is told again: a person stands by it, and the patient
                // may be another.
                boolean withdrawn = results.isWithdrawn(handle, fenced);
                boolean deliveries = fenced.finding() != null && outbox.reviveAll(handle, job.id()) > 0 && !withdrawn;
                Job going = fenced.moved(
                                deliveries ? JobState.DELIVERING : JobState.WAITING_FOR_IMAGES, "retried by " + by)
                        .expectedFrom(now);
                going = transitions.apply(handle, fenced, deliveries ? going.trusted() : going);
                if (deliveries) {
                    outbox.startAnew(handle, job.id(), now);
                    results.scheduleReady(handle, going);
                } else {
                    Schedule.at(handle, Schedule.Queue.JOBS, job.id(), now, Results.priority(going));
                }
                yield new Retry.Going(going.state());
            }
            case WAITING_FOR_IMAGES, ANALYZING, DELIVERING, REPORTED_POSITIVE, REPORTED_NEGATIVE, CANCELLED ->
                new Retry.NotNow(job.state());
        };
    }

    private Retry dismiss(Handle handle, Job job, String by) {
        boolean open = job.state() == JobState.FAILED || job.state() == JobState.ON_HOLD;
        if (!open || job.hasSuspicion()) {
            return new Retry.NotNow(job.state());
        }
        Job fenced = jobs.fence(handle, job);
        transitions.apply(handle, fenced, fenced.moved(JobState.CANCELLED, "dismissed by " + by));
        return new Retry.Going(JobState.CANCELLED);
    }

    /** Finds lost wake-ups, see {@link LostWakeUps}. Returns how many. */
    public int sweep() {
        int found = lost.find();
        if (found > 0) {
            wake.run();
        }
        return found;
    }
}
