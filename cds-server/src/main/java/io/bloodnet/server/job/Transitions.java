package io.bloodnet.server.job;

import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.audit.AuditText;
import io.bloodnet.audit.Outcome;
import io.bloodnet.server.store.Inserts;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one place where a job's state changes: the row and its audit entry in the caller's transaction. Safe for all threads. */
public final class Transitions {

    private static final Logger LOG = LoggerFactory.getLogger(Transitions.class);

    private final JobStore jobs;
    private final AuditLog audit;
    private final InstantSource clock;

    public Transitions(JobStore jobs, AuditLog audit, InstantSource clock) {
        this.jobs = jobs;
        this.audit = audit;
        this.clock = clock;
    }

    /** Writes a new job in its first state. */
    public void create(Handle handle, Job added) {
        Inserts rows = new Inserts();
        List<AuditEvent> events = create(rows, List.of(added));
        rows.write(handle.getConnection());
        audit.append(handle.getConnection(), events);
    }

    /** Adds new jobs in their first state to the rows; gives the entries that must be written with them. */
    public List<AuditEvent> create(Inserts rows, List<Job> added) {
        Instant now = clock.instant();
        rows.add(JobRow.TABLE, added.stream().map(job -> new JobRow(job, now)).toList());
        JobCounts.added(rows, added);
        return added.stream().map(job -> changed(job, null, now)).toList();
    }

    /**
     * Writes {@code after}, made of {@code before} as this transaction read it under its lock; audited when its state differs. Returns the
     * job as it is then.
     *
     * @throws FencedException see {@link JobStore#save}
     */
    public Job apply(Handle handle, Job before, Job after) {
        Instant now = clock.instant();
        Job saved = jobs.save(handle, after, now);
        if (before.state() != after.state()) {
            JobCounts.moved(handle, before.state(), after.state());
            audit.append(handle.getConnection(), changed(after, before.state(), now));
        }
        return saved;
    }

    /** Tells the log, and gives the entry that tells the audit log. */
    private static AuditEvent changed(Job job, @Nullable JobState from, Instant now) {
        Outcome outcome = switch (job.state()) {
            case FAILED -> Outcome.SERIOUS_FAILURE;
            case ON_HOLD, NOT_ANALYZED -> Outcome.MINOR_FAILURE;
            case WAITING_FOR_IMAGES, ANALYZING, DELIVERING, REPORTED_POSITIVE, REPORTED_NEGATIVE, CANCELLED ->
                Outcome.SUCCESS;
        };
        String reason = job.reason() == null ? null : AuditText.fit(job.reason(), AuditText.SENTENCE_CHARS_MAX);
        if (job.state() == JobState.FAILED) {
            LOG.warn("job {} failed, a person can retry it: {}", job.id(), job.reason());
        } else {
            LOG.info("job {} is {}{}", job.id(), job.state().sentence(), reason == null ? "" : ": " + reason);
        }
        return new AuditEvent.JobStateChanged(
                now,
                job.about(),
                outcome,
                from == null ? null : from.name(),
                job.state().name(),
                reason);
    }
}
