package io.bloodnet.server.pipeline;

import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.NotAnalyzedReason;
import io.bloodnet.imaging.finding.StudyFacts;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.study.StudySourceException;
import io.bloodnet.server.job.Job;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.job.PipelineLimits;
import io.bloodnet.server.job.Transitions;
import io.bloodnet.server.result.Results;
import io.bloodnet.server.store.Database;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What becomes of an order that cannot go on now: it waits for the archive, for a person, or ends without a look. Safe for many threads. */
final class Ends {

    private static final Logger LOG = LoggerFactory.getLogger(Ends.class);

    private final Database database;
    private final Claims claims;
    private final Results results;
    private final Transitions transitions;
    private final Filing filing;
    private final AnalysisTrail trail;
    private final PipelineLimits limits;
    private final InstantSource clock;

    Ends(
            Database database,
            Claims claims,
            Results results,
            Transitions transitions,
            Filing filing,
            AnalysisTrail trail,
            PipelineLimits limits,
            InstantSource clock) {
        this.database = database;
        this.claims = claims;
        this.results = results;
        this.transitions = transitions;
        this.filing = filing;
        this.trail = trail;
        this.limits = limits;
        this.clock = clock;
    }

    Next notAnalyzed(Job job, NotAnalyzedReason reason, String detail) {
        StudyUid study = job.order().key().studyUid();
        if (study == null) {
            return end(job, JobState.NOT_ANALYZED, detail); // nothing can be filed: no study is known
        }
        Finding finding = new Finding.NotAnalyzed(study, null, reason, detail);
        Results.Prepared prepared = results.prepare(job, finding, StudyFacts.unknown(), null);
        database.inTransaction(handle -> {
            Job current = claims.unchanged(handle, job);
            trail.judged(handle, current, finding);
            filing.file(handle, current, finding, StudyFacts.unknown(), prepared);
            return true;
        });
        results.wake();
        return new Next.Done();
    }

    /** A person decides. A suspicion that was filed does not wait for that: nothing speaks against it. */
    Next hold(Job job, String reason) {
        return endOrStand(job, reason, current -> current.held(reason, JobState.WAITING_FOR_IMAGES));
    }

    /** Whose images these are is in doubt: a person decides, and nobody is shown what was found until then. */
    Next doubt(Job job, String reason) {
        claims.change(job, current -> current.doubted(reason, JobState.WAITING_FOR_IMAGES));
        return new Next.Done();
    }

    /** Each of the last analyses of the study ended its process. */
    Next deadly(Job job, CountedAnalyses.DeadlyStudyException e) {
        LOG.error("job {}: {}, next: a person must look", job.id(), e.getMessage());
        return end(job, JobState.FAILED, String.valueOf(e.getMessage()));
    }

    private Next end(Job job, JobState state, String reason) {
        return endOrStand(job, reason, current -> current.moved(state, reason));
    }

    private Next endOrStand(Job job, String reason, UnaryOperator<Job> end) {
        database.inTransaction(handle -> {
            Job current = claims.unchanged(handle, job);
            if (current.hasSuspicion()) {
                filing.stand(handle, current, reason);
            } else {
                transitions.apply(handle, current, end.apply(current));
            }
            return true;
        });
        results.wake();
        return new Next.Done();
    }

    /** The PACS cannot be asked: the order waits, as long as the site's limit allows. */
    Next pacsTrouble(Job job, StudySourceException e) {
        Instant now = clock.instant();
        if (Duration.between(job.waitingSince(), now).compareTo(limits.giveUpAfter()) >= 0) {
            return end(job, JobState.FAILED, "the PACS could not be read within the site's limit: " + e.code());
        }
        LOG.warn("job {}: PACS {}, trying again: {}", job.id(), e.code(), e.getMessage());
        Job counted = database.inTransaction(handle -> {
            Job current = claims.mine(handle, job);
            if (current.outages() == 0) {
                trail.notFetched(handle, current, e.code().name());
            }
            return transitions.apply(handle, current, current.outage());
        });
        return new Next.At(now.plus(pauseAfter(counted.outages())));
    }

    Duration pauseAfter(int outages) {
        Duration backoff = limits.backoff(outages);
        return backoff.compareTo(limits.pollMax()) > 0 ? limits.pollMax() : backoff;
    }

    /** Something that should not happen: a few tries, then a person looks; other jobs go on. */
    Next broken(Job job, RuntimeException e) {
        LOG.error(
                "job {} broke in {}, attempt {} of {}",
                job.id(),
                job.state(),
                job.attempts() + 1,
                limits.attemptsMax(),
                e);
        if (job.attempts() + 1 >= limits.attemptsMax()) {
            return end(
                    job,
                    JobState.FAILED,
                    "internal error " + e.getClass().getSimpleName() + "; the log has it under this job's id");
        }
        Job counted = claims.change(job, Job::failedOnce);
        return new Next.At(clock.instant().plus(limits.backoff(counted.attempts())));
    }
}
