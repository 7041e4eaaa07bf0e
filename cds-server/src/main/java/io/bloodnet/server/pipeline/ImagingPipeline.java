package io.bloodnet.server.pipeline;

import io.bloodnet.audit.AuditLog;
import io.bloodnet.audit.AuditUnavailableException;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.InputFlag;
import io.bloodnet.imaging.finding.ModelId;
import io.bloodnet.imaging.finding.NotAnalyzedReason;
import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.study.StudyAnalyzer;
import io.bloodnet.imaging.study.StudyAnalyzer.Analysis;
import io.bloodnet.imaging.study.StudySource;
import io.bloodnet.imaging.study.StudySource.StudyListing;
import io.bloodnet.imaging.study.StudySource.StudyLookup;
import io.bloodnet.imaging.study.StudySourceException;
import io.bloodnet.imaging.trace.Spans;
import io.bloodnet.server.job.FaultPoint;
import io.bloodnet.server.job.FencedException;
import io.bloodnet.server.job.Job;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.job.JobStore;
import io.bloodnet.server.job.PipelineLimits;
import io.bloodnet.server.job.StudyOwner;
import io.bloodnet.server.job.Transitions;
import io.bloodnet.server.result.Results;
import io.bloodnet.server.store.Database;
import io.bloodnet.server.trace.OrderTimes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An order's life, top-down: {@link #run} holds every branch, what follows are its steps in the order of the way. Each step commits the
 * new state with its audit entry before the next begins, so a crash anywhere repeats at most one step; each step may run twice. Safe for
 * many threads: a job is claimed by one run at a time, and a run that lost its claim cannot write ({@link FencedException}). Every save is
 * made of the row as it is under its lock, so that what a message said since the step began stays said.
 */
public final class ImagingPipeline {

    private static final Logger LOG = LoggerFactory.getLogger(ImagingPipeline.class);

    /** A study that waits for its analysis becomes one step more urgent in each of these minutes, for so long. */
    private static final int MINUTES_A_STEP = 2;

    private static final int WAITED_MINUTES_MAX = 60;
    /** Until somebody who got no place for its analysis asks again; it waited for one already. */
    private static final Duration NO_TURN_PAUSE = Duration.ofSeconds(1);

    private final Database database;
    private final JobStore jobs;
    private final StudySource studies;
    private final StudyAnalyzer analyzer;
    private final Results results;
    private final AnalysisTrail trail;
    private final Transitions transitions;
    private final Filing filing;
    private final PipelineLimits limits;
    private final Completeness completeness;
    private final Claims claims;
    private final Ends ends;
    private final Whose whose;
    private final LooksSoFar looks = new LooksSoFar();
    private final OrderTimes times;
    private final FaultPoint faults;
    private final InstantSource clock;

    /** @param model the one in use, for the audit of studies that it could not look at */
    public ImagingPipeline(
            Database database,
            JobStore jobs,
            StudySource studies,
            StudyAnalyzer analyzer,
            Results results,
            AuditLog audit,
            Model model,
            PipelineLimits limits,
            OrderTimes times,
            FaultPoint faults,
            InstantSource clock) {
        this.database = database;
        this.jobs = jobs;
        this.studies = studies;
        this.analyzer = analyzer;
        this.results = results;
        this.trail = new AnalysisTrail(audit, model, clock);
        this.transitions = new Transitions(jobs, audit, clock);
        this.filing = new Filing(results, transitions, trail);
        this.limits = limits;
        this.completeness = new Completeness(limits);
        this.claims = new Claims(database, jobs, transitions);
        this.ends = new Ends(database, claims, results, transitions, filing, trail, limits, clock);
        this.whose = new Whose(limits);
        this.times = times;
        this.faults = faults;
        this.clock = clock;
    }

    /** The model in use and its operating point. */
    public record Model(ModelId id, double threshold) {}

    /** Takes the job as far as it can go now. Deliveries have their own runs, see {@link DeliveryRun}. */
    public Next run(String jobId) {
        return times.during(jobId, () -> claimAndStep(jobId));
    }

    private Next claimAndStep(String jobId) {
        Optional<Job> claimed = Spans.time("claim", () -> database.inTransaction(handle -> jobs.claim(handle, jobId)));
        if (claimed.isEmpty()) {
            return new Next.Done();
        }
        faults.reached("after-claim");
        Job job = claimed.get();
        if (job.run() == 1) {
            times.waited(job.id(), "queue", Duration.between(job.acceptedAt(), clock.instant()));
        }
        try {
            Next next = step(job);
            if (next instanceof Next.Done) {
                forget(job);
            }
            return next;
        } catch (FencedException e) {
            LOG.info("{}; looking again", e.getMessage());
            return new Next.At(clock.instant());
        } catch (AuditUnavailableException e) {
            LOG.error("job {} stands still: the audit log cannot be written, trying again", job.id(), e);
            return new Next.At(clock.instant().plus(limits.pollMax()));
        }
    }

    private Next step(Job job) {
        try {
            return switch (job.state()) {
                case WAITING_FOR_IMAGES -> awaitImages(job);
                case ANALYZING -> analyzeAgain(job);
                case ON_HOLD, DELIVERING, REPORTED_POSITIVE, REPORTED_NEGATIVE, NOT_ANALYZED, FAILED, CANCELLED ->
                    new Next.Done();
            };
        } catch (FencedException | AuditUnavailableException e) {
            throw e;
        } catch (StudySourceException e) {
            return e.code() == StudySourceException.Code.NO_TURN
                    ? new Next.At(clock.instant().plus(NO_TURN_PAUSE))
                    : ends.pacsTrouble(job, e);
        } catch (CountedAnalyses.DeadlyStudyException e) {
            return ends.deadly(job, e);
        } catch (RuntimeException e) {
            return ends.broken(job, e);
        }
    }

    /** Nothing more is looked at for now: what came of the study need not be kept. */
    private void forget(Job job) {
        looks.forget(job);
        StudyUid study = job.order().key().studyUid();
        if (study != null) {
            analyzer.forget(study);
        }
    }

    // ------------------------------------------------------------------ await

    private Next awaitImages(Job job) {
        return switch (lookUp(job)) {
            case StudyLookup.NotFound() -> notThereYet(job, 0, 0, limits.beforeImages(job, clock.instant()));
            case StudyLookup.Ambiguous(int count) ->
                ends.hold(job, count + " studies in the PACS answer to this order");
            case StudyLookup.Found(StudyListing listing) -> found(job, listing);
        };
    }

    private StudyLookup lookUp(Job job) {
        OrderKey key = job.order().key();
        return Spans.time(
                "ask",
                () -> studies.find(
                        key.studyUid(), key.accession(), job.order().patient().id()));
    }

    private Next found(Job job, StudyListing listing) {
        if (listing.patient() != null && job.order().patient().contradicts(listing.patient())) {
            return ends.doubt(job, "the patient of the order and the patient of the study disagree");
        }
        Optional<Job> named = nameStudy(job, listing.studyUid());
        if (named.isEmpty()) {
            return new Next.Done();
        }
        if (!completeness.isComplete(named.get(), listing, clock.instant())) {
            return stillArriving(named.get(), listing);
        }
        Instant correctable = database.read(handle -> results.correctableFrom(handle, named.get()));
        return correctable.isAfter(clock.instant()) ? new Next.At(correctable) : complete(named.get(), listing);
    }

    private Next complete(Job job, StudyListing listing) {
        Job analyzing = database.inTransaction(handle -> {
            Job now = claims.mine(handle, job);
            trail.queried(handle, now, Completeness.instances(listing));
            return transitions.apply(
                    handle,
                    now,
                    now.complete(clock.instant())
                            .seen(Completeness.slices(listing), clock.instant())
                            .withImages(Completeness.digest(listing))
                            .moved(JobState.ANALYZING, null));
        });
        faults.reached("images-complete");
        return analyze(analyzing, listing);
    }

    /** Nobody knows yet whether these are all images: what is there may be looked at, and only a suspicion is told of it. */
    private Next stillArriving(Job job, StudyListing listing) {
        Instant now = clock.instant();
        int slices = Completeness.slices(listing);
        Next next = notThereYet(
                job, Completeness.instances(listing), slices, completeness.pauseWhileGrowing(job, listing, now));
        boolean waits = next instanceof Next.At;
        LooksSoFar.Due due = looks.due(job, slices, Completeness.digest(listing), now);
        return waits && due != LooksSoFar.Due.NOT ? lookSoFar(job, listing, due) : next;
    }

    /** An order by accession number alone learns its study here; empty when another job has that study, and this one has ended. */
    private Optional<Job> nameStudy(Job job, StudyUid study) {
        if (study.equals(job.order().key().studyUid())) {
            return Optional.of(job);
        }
        return database.inTransaction(handle -> {
            Job now = claims.mine(handle, job);
            Job named = now.withOrder(now.order().withKey(now.order().key().withStudy(study)));
            return new StudyOwner(jobs, transitions).claim(handle, now, named);
        });
    }

    private Next notThereYet(Job job, int count, int slices, Duration pause) {
        Instant now = clock.instant();
        boolean first = slices > 0 && job.slicesSeen() == 0;
        Duration waited = first ? Duration.ZERO : Duration.between(job.waitingSince(), now);
        if (waited.compareTo(limits.giveUpAfter()) >= 0) {
            return ends.notAnalyzed(
                    job, NotAnalyzedReason.IMAGES_NOT_IN_TIME, NotAnalyzedReason.IMAGES_NOT_IN_TIME.sentence());
        }
        boolean overdue = waited.compareTo(limits.overdueAfter()) >= 0 && !job.overdue();
        boolean changed = slices != job.slicesSeen() || job.slicesSince() == null;
        if (changed || overdue) {
            database.inTransaction(handle -> {
                Job current = claims.mine(handle, job);
                Job after = first ? current.expectedFrom(now) : current;
                after = changed ? after.seen(slices, now) : after;
                trail.queried(handle, current, count);
                return transitions.apply(handle, current, overdue ? after.withOverdue() : after);
            });
        }
        if (overdue) {
            LOG.warn("job {}: images are overdue, still looking", job.id());
        }
        return new Next.At(now.plus(pause));
    }

    // ------------------------------------------------------------------ look at what is there so far

    /** A suspicion in what has come so far is told at once. A negative, and what cannot be analyzed, is told of a complete study only. */
    private Next lookSoFar(Job job, StudyListing listing, LooksSoFar.Due due) {
        String digest = Completeness.digest(listing);
        int slices = Completeness.slices(listing);
        Analysis analysis;
        try {
            analysis = analyzer.look(listing, urgency(job), due == LooksSoFar.Due.GROWN);
        } catch (StudySourceException e) {
            throw e;
        } catch (RuntimeException e) {
            LOG.error("job {} broke in an early look, next: it waits for the whole study", job.id(), e);
            looks.keep(job, slices, digest, null, true);
            return new Next.At(clock.instant().plus(limits.pollMin()));
        }
        faults.reached("after-early-look");
        Optional<String> doubt = whose.doubtOf(job, listing, analysis);
        if (doubt.isPresent()) {
            return ends.doubt(job, doubt.get());
        }
        boolean open = Whose.isIncomplete(analysis.finding());
        looks.keep(job, slices, digest, open ? null : analysis, !open || due == LooksSoFar.Due.STILL);
        boolean suspected = analysis.finding() instanceof Finding.Analyzed a && a.positive() && analysis.firm();
        return suspected ? tell(job, listing, analysis) : lookOn(job, digest, analysis);
    }

    private Next lookOn(Job job, String imagesDigest, Analysis analysis) {
        database.inTransaction(handle -> {
            Job current = claims.mine(handle, job);
            trail.fetched(handle, current, analysis);
            return transitions.apply(handle, current, current.withImages(imagesDigest));
        });
        return new Next.At(clock.instant()); // more may have come meanwhile
    }

    private Next tell(Job job, StudyListing listing, Analysis analysis) {
        Finding.Analyzed suspicion =
                ((Finding.Analyzed) Whose.named(listing, analysis)).flagged(InputFlag.IMAGES_MAY_STILL_BE_ARRIVING);
        Results.Prepared prepared =
                Spans.time("prepare", () -> results.prepare(job, suspicion, analysis.facts(), analysis));
        long filed = System.nanoTime();
        database.inTransaction(handle -> {
            Job current = claims.mine(handle, job);
            trail.analyzed(handle, current, suspicion, analysis);
            times.flags().filed(handle, current);
            filing.tell(
                    handle, current.withImages(Completeness.digest(listing)), suspicion, analysis.facts(), prepared);
            faults.reached("before-commit-of-suspicion");
            return true;
        });
        Spans.tell("file", filed);
        faults.reached("after-commit-of-suspicion");
        results.wake();
        return new Next.At(clock.instant().plus(limits.pollMin()));
    }

    // ------------------------------------------------------------------ fetch and analyze

    /** After a crash or a broken fetch: asks again what there is. */
    private Next analyzeAgain(Job job) {
        return switch (lookUp(job)) {
            case StudyLookup.NotFound() -> ends.hold(job, "the study has gone from the PACS");
            case StudyLookup.Ambiguous(int count) ->
                ends.hold(job, count + " studies in the PACS answer to this order");
            case StudyLookup.Found(StudyListing listing) ->
                Completeness.slices(listing) == job.slicesSeen() ? analyze(job, listing) : awaitAgain(job, listing);
        };
    }

    /** Others came or went since the study was complete: a negative of a study that grows must not leave. */
    private Next awaitAgain(Job job, StudyListing listing) {
        Instant now = clock.instant();
        claims.change(
                job,
                current -> current.seen(Completeness.slices(listing), now)
                        .moved(JobState.WAITING_FOR_IMAGES, "more images came"));
        return new Next.At(now);
    }

    /** What was seen of just these images while they were waited for is not looked at again. */
    private Next analyze(Job job, StudyListing listing) {
        Optional<Analysis> seen = looks.of(job, Completeness.digest(listing));
        Analysis analysis = seen.orElseGet(() -> analyzer.analyze(listing, urgency(job)));
        faults.reached("after-inference");
        Optional<String> doubt = whose.doubtOf(job, listing, analysis);
        if (doubt.isPresent()) {
            return ends.doubt(job, doubt.get());
        }
        Finding finding = Whose.named(listing, analysis);
        if (Whose.isIncomplete(finding) && !isSaidTwice(job)) {
            return askAgain(job);
        }
        return conclude(job, finding, analysis, seen.isPresent());
    }

    private boolean isSaidTwice(Job job) {
        Instant first = job.incompleteSince();
        return first != null && !first.plus(PipelineLimits.INCOMPLETE_TWICE).isAfter(clock.instant());
    }

    /** Images may be on their way, or an answer was cut: one look is no verdict. */
    private Next askAgain(Job job) {
        Instant now = clock.instant();
        Job counted = claims.change(
                job, current -> (current.incompleteSince() == null ? current.incomplete(now) : current).outage());
        LOG.info("job {}: images are missing on the PACS, asking again", job.id());
        return new Next.At(now.plus(ends.pauseAfter(counted.outages())));
    }

    private Next conclude(Job job, Finding finding, Analysis analysis, boolean fetchedBefore) {
        Results.Prepared prepared =
                Spans.time("prepare", () -> results.prepare(job, finding, analysis.facts(), analysis));
        long filed = System.nanoTime();
        boolean concluded = database.inTransaction(handle -> {
            Job current = claims.mine(handle, job);
            if (fetchedBefore) {
                trail.judged(handle, current, finding);
            } else {
                trail.analyzed(handle, current, finding, analysis);
            }
            if (Filing.isPromisedMore(current, job, finding)) {
                transitions.apply(
                        handle, current, current.moved(JobState.WAITING_FOR_IMAGES, "more images were promised"));
                return false;
            }
            if (finding instanceof Finding.Analyzed a && a.positive()) {
                times.flags().filed(handle, current);
            }
            filing.file(handle, current, finding, analysis.facts(), prepared);
            faults.reached("before-commit-of-finding");
            return true;
        });
        Spans.tell("file", filed);
        forget(job);
        faults.reached("after-commit-of-finding");
        results.wake();
        return concluded ? new Next.Done() : new Next.At(clock.instant());
    }

    /** Who waits for a place goes up with time: urgent work that never ends must not starve the rest. */
    private StudyAnalyzer.Urgency urgency(Job job) {
        Instant since = job.imagesCompleteAt() == null ? job.acceptedAt() : job.imagesCompleteAt();
        long waited = Math.clamp(Duration.between(since, clock.instant()).toMinutes(), 0, WAITED_MINUTES_MAX);
        return new StudyAnalyzer.Urgency(Results.priority(job) + (int) waited / MINUTES_A_STEP, since);
    }
}
