package io.bloodnet.server.pipeline;

import io.bloodnet.server.job.FencedException;
import io.bloodnet.server.job.Job;
import io.bloodnet.server.job.JobStore;
import io.bloodnet.server.job.Transitions;
import io.bloodnet.server.store.Database;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;

/** The rows of jobs that this server's runs have claimed. Safe for many threads. */
final class Claims {

    private final Database database;
    private final JobStore jobs;
    private final Transitions transitions;

    Claims(Database database, JobStore jobs, Transitions transitions) {
        this.database = database;
        this.jobs = jobs;
        this.transitions = transitions;
    }

    /** The job as it is now, locked. Messages may have said more since this run read it; one that began another run ends this one. */
    Job mine(Handle handle, Job read) {
        return jobs.lock(handle, read.id())
                .filter(now -> now.run() == read.run())
                .orElseThrow(() -> new FencedException(read.id()));
    }

    /** As above, for an end: what was said meanwhile may be just what was missing, so it is looked at before anything ends. */
    Job unchanged(Handle handle, Job read) {
        Job now = mine(handle, read);
        boolean asRead = now.order().equals(read.order()) && now.waitingSince().equals(read.waitingSince());
        if (!asRead) {
            throw new FencedException(read.id());
        }
        return now;
    }

    Job change(Job read, UnaryOperator<Job> change) {
        return database.inTransaction(handle -> {
            Job now = mine(handle, read);
            return transitions.apply(handle, now, change.apply(now));
        });
    }
}
