package io.bloodnet.server.pipeline;

import io.bloodnet.server.store.Database;
import java.time.InstantSource;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** What a person can do with a job, and the sweep that finds jobs whose wake-up was lost. Safe for all threads. */
public final class JobControl {

    private final Database database;
    private final JobStore jobs;
    private final Outbox outbox = new Outbox();
    private final Results results;
    private final Transitions transitions;
    private final Runnable wake;
    private final InstantSource clock;

    /** @param wake tells both queues that there is work */
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
        this.wake = wake;
        this.clock = clock;
    }

    /** What became of a person's wish to try a job again. */
    public sealed interface Retry {
        /** It goes on. */
        record Going(JobState state) implements Retry {}

        /** There is no such job. */
        record Unknown() implements Retry {}

        /** A job in this state cannot be tried again. */
        record NotNow(JobState state) implements Retry {}
    }

    /** Tries a job again that failed, was not analyzed, or is on hold. Given-up deliveries start anew; else the images are fetched again. */
    public Retry retry(String jobId) {
        Retry done = database.inTransaction(handle -> {
            Optional<Job> job = jobs.lock(handle, jobId);
            return job.isEmpty() ? new Retry.Unknown() : retry(handle, job.get());
        });
        wake.run();
        return done;
    }

    private Retry retry(Handle handle, Job job) {
        return switch (job.state()) {
            case FAILED, NOT_ANALYZED, ON_HOLD -> {
                Job fenced = jobs.fence(handle, job);
                boolean deliveries = fenced.finding() != null && outbox.reviveAll(handle, job.id()) > 0;
                Job going = fenced.moved(deliveries ? JobState.DELIVERING : JobState.WAITING_FOR_IMAGES, null);
                transitions.apply(handle, fenced, going);
                if (deliveries) {
                    results.scheduleReady(handle, going);
                } else {
                    Schedule.at(handle, Schedule.Queue.JOBS, job.id(), clock.instant(), Results.priority(going));
                }
                yield new Retry.Going(going.state());
            }
            case WAITING_FOR_IMAGES, ANALYZING, DELIVERING, REPORTED_POSITIVE, REPORTED_NEGATIVE, CANCELLED ->
                new Retry.NotNow(job.state());
        };
    }

    /**
     * Schedules unfinished jobs and deliveries that are in no queue: a wake-up and the end of a run may cross. Two statements, whatever
     * the number of jobs. Returns how many were found.
     */
    public int sweep() {
        int found = database.inTransaction(handle -> sweep(
                        handle,
                        Schedule.Queue.JOBS,
                        "select id, 2 - priority as priority from job where state in ('WAITING_FOR_IMAGES', 'ANALYZING')")
                + sweep(
                        handle,
                        Schedule.Queue.DELIVERIES,
                        "select id, 0 as priority from delivery where state = 'PENDING'"));
        if (found > 0) {
            wake.run();
        }
        return found;
    }

    private int sweep(Handle handle, Schedule.Queue queue, String unfinished) {
        return handle.createUpdate("insert into " + queue.table
                        + " (task_name, task_instance, execution_time, picked, version, priority)"
                        + " select cast(:task as varchar(40)), u.id, cast(:now as timestamp(6) with time zone), false, 1, u.priority from ("
                        + unfinished
                        + ") u where not exists (select 1 from " + queue.table
                        + " s where s.task_name = :task and s.task_instance = u.id)")
                .bind("task", queue.task)
                .bind("now", JobStore.utc(clock.instant()))
                .execute();
    }
}
