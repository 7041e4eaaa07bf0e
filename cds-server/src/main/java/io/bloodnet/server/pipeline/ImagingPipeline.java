package io.bloodnet.server.pipeline;

import io.bloodnet.audit.AuditLog;
import io.bloodnet.audit.AuditUnavailableException;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.ModelId;
import io.bloodnet.imaging.finding.NotAnalyzedReason;
import io.bloodnet.imaging.finding.StudyFacts;
import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.study.StudyAnalyzer;
import io.bloodnet.imaging.study.StudyAnalyzer.Analysis;
import io.bloodnet.imaging.study.StudySource;
import io.bloodnet.imaging.study.StudySource.SeriesListing;
import io.bloodnet.imaging.study.StudySource.StudyListing;
import io.bloodnet.imaging.study.StudySource.StudyLookup;
import io.bloodnet.imaging.study.StudySourceException;
import io.bloodnet.server.store.Database;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An order's life, top-down: {@link #run} holds every branch, what follows are its steps in the order of the way. Each step commits the
 * new state with its audit entry before the next begins, so a crash anywhere repeats at most one step; each step may run twice. Safe for
 * many threads: a job is claimed by one run at a time, and a run that lost its claim cannot write ({@link FencedException}).
 */
public final class ImagingPipeline {

    private static final Logger LOG = LoggerFactory.getLogger(ImagingPipeline.class);

    private final Database database;
    private final JobStore jobs;
    private final StudySource studies;
    private final StudyAnalyzer analyzer;
    private final Results results;
    private final AnalysisTrail trail;
    private final Transitions transitions;
    private final PipelineLimits limits;
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
            FaultPoint faults,
            InstantSource clock) {
        this.database = database;
        this.jobs = jobs;
        this.studies = studies;
        this.analyzer = analyzer;
        this.results = results;
        this.trail = new AnalysisTrail(audit, model, clock);
        this.transitions = new Transitions(jobs, audit, clock);
        this.limits = limits;
        this.faults = faults;
        this.clock = clock;
    }

    /** The model in use and its operating point. */
    public record Model(ModelId id, double threshold) {}

    /** Takes the job as far as it can go now. Deliveries have their own runs, see {@link DeliveryRun}. */
    Next run(String jobId) {
        Optional<Job> claimed = database.inTransaction(handle -> jobs.claim(handle, jobId));
        if (claimed.isEmpty()) {
            return new Next.Done();
        }
        faults.reached("after-claim");
        Job job = claimed.get();
        try {
            return switch (job.state()) {
                case WAITING_FOR_IMAGES -> awaitImages(job);
                case ANALYZING -> analyzeAgain(job);
                case ON_HOLD, DELIVERING, REPORTED_POSITIVE, REPORTED_NEGATIVE, NOT_ANALYZED, FAILED, CANCELLED ->
                    new Next.Done();
            };
        } catch (FencedException e) {
            LOG.info("{}; looking again", e.getMessage());
            return new Next.At(clock.instant());
        } catch (StudySourceException e) {
            return pacsTrouble(job, e);
        } catch (AuditUnavailableException e) {
            LOG.error("job {} stands still: the audit log cannot be written, trying again", job.id(), e);
            return new Next.At(clock.instant().plus(limits.pollMax()));
        } catch (RuntimeException e) {
            return broken(job, e);
        }
    }

    // ------------------------------------------------------------------ await

    private Next awaitImages(Job job) {
        OrderKey key = job.order().key();
        StudyLookup lookup = studies.find(
                key.studyUid(), key.accession(), job.order().patient().id());
        return switch (lookup) {
            case StudyLookup.NotFound() -> notThereYet(job, 0, 0);
            case StudyLookup.Ambiguous(int count) -> hold(job, count + " studies in the PACS answer to this order");
            case StudyLookup.Found(StudyListing listing) -> found(job, listing);
        };
    }

    private Next found(Job job, StudyListing listing) {
        if (listing.patient() != null && job.order().patient().contradicts(listing.patient())) {
            return hold(job, "the patient of the order and the patient of the study disagree");
        }
        Optional<Job> named = nameStudy(job, listing.studyUid());
        if (named.isEmpty()) {
            return end(job, JobState.CANCELLED, "the same study was ordered before under another number");
        }
        int count = instances(listing);
        int slices = slices(listing);
        if (!isComplete(named.get(), count, slices)) {
            return notThereYet(named.get(), count, slices);
        }
        Job analyzing = database.inTransaction(handle -> {
            Job after = named.get()
                    .complete(clock.instant())
                    .seen(slices, clock.instant())
                    .moved(JobState.ANALYZING, null);
            trail.queried(handle, after, count);
            transitions.apply(handle, named.get(), after);
            return after;
        });
        faults.reached("images-complete");
        return analyze(analyzing, listing);
    }

    /** An order by accession number alone learns its study here; empty when another job has that study. */
    private Optional<Job> nameStudy(Job job, StudyUid study) {
        ImagingOrder order = job.order();
        if (study.equals(order.key().studyUid())) {
            return Optional.of(job);
        }
        OrderKey key = order.key().withStudy(study);
        return database.inTransaction(handle -> {
            jobs.addAliases(handle, job.id(), key);
            Optional<String> owner = jobs.byKey(handle, new OrderKey(study, null, null, null));
            if (!owner.equals(Optional.of(job.id()))) {
                return Optional.<Job>empty();
            }
            Job named = job.withOrder(Orders.withKey(order, key));
            transitions.apply(handle, job, named);
            return Optional.of(named);
        });
    }

    private static int instances(StudyListing listing) {
        int sum =
                listing.series().stream().mapToInt(SeriesListing::instanceCount).sum();
        return Math.max(listing.instanceCount(), sum);
    }

    /** Those that may be slices: what we or others add to a study later (masks, reports, key objects) does not make it grow. */
    static int slices(StudyListing listing) {
        int slices = listing.series().stream()
                .filter(series -> series.modality() == null || series.modality().equals("CT"))
                .mapToInt(SeriesListing::instanceCount)
                .sum();
        return slices > 0 ? slices : instances(listing);
    }

    /** Promised counts first, then the sender's word, then a quiet period (DESIGN section 3). */
    private boolean isComplete(Job job, int count, int slices) {
        Integer expected = job.order().expectedInstances();
        if (count == 0) {
            return false;
        }
        if (expected != null && count >= expected || job.imagesComplete() && expected == null) {
            return true;
        }
        Duration quiet = expected == null ? limits.quietPeriod() : limits.shortfall();
        Instant since = job.slicesSince();
        return slices == job.slicesSeen() && since != null && !since.plus(quiet).isAfter(clock.instant());
    }

    private Next notThereYet(Job job, int count, int slices) {
        Instant now = clock.instant();
        Duration waited = Duration.between(job.acceptedAt(), now);
        if (waited.compareTo(limits.giveUpAfter()) >= 0) {
            return notAnalyzed(
                    job, NotAnalyzedReason.IMAGES_NOT_IN_TIME, NotAnalyzedReason.IMAGES_NOT_IN_TIME.sentence());
        }
        boolean overdue = waited.compareTo(limits.overdueAfter()) >= 0 && !job.overdue();
        boolean changed = slices != job.slicesSeen() || job.slicesSince() == null;
        if (changed || overdue) {
            database.inTransaction(handle -> {
                Job after = changed ? job.seen(slices, now) : job;
                trail.queried(handle, after, count);
                transitions.apply(handle, job, overdue ? after.withOverdue() : after);
                return after;
            });
        }
        if (overdue) {
            LOG.warn("job {}: images are overdue, still looking", job.id());
        }
        return new Next.At(now.plus(pause(waited)));
    }

    /** A tenth of the time waited, between the limits: quick at first, cheap later. */
    private Duration pause(Duration waited) {
        Duration tenth = waited.dividedBy(10);
        if (tenth.compareTo(limits.pollMin()) < 0) {
            return limits.pollMin();
        }
        return tenth.compareTo(limits.pollMax()) > 0 ? limits.pollMax() : tenth;
    }

    // ------------------------------------------------------------------ fetch and analyze

    /** After a crash or a broken fetch: asks again what there is. */
    private Next analyzeAgain(Job job) {
        OrderKey key = job.order().key();
        StudyLookup lookup = studies.find(
                key.studyUid(), key.accession(), job.order().patient().id());
        return switch (lookup) {
            case StudyLookup.NotFound() -> hold(job, "the study has gone from the PACS");
            case StudyLookup.Ambiguous(int count) -> hold(job, count + " studies in the PACS answer to this order");
            case StudyLookup.Found(StudyListing listing) -> analyze(job, listing);
        };
    }

    private Next analyze(Job job, StudyListing listing) {
        Analysis analysis = analyzer.analyze(listing);
        faults.reached("after-inference");
        Patient imaged = analysis.facts().patient();
        if (imaged != null && job.order().patient().contradicts(imaged)) {
            return hold(job, "the patient of the order and the patient in the images disagree");
        }
        Results.Prepared prepared = results.prepare(job, analysis.finding(), analysis.facts(), analysis);
        database.inTransaction(handle -> {
            trail.analyzed(handle, job, analysis);
            conclude(handle, job, analysis.finding(), analysis.facts(), prepared);
            faults.reached("before-commit-of-finding");
            return true;
        });
        faults.reached("after-commit-of-finding");
        results.wake();
        return new Next.Done();
    }

    /** Reads the job again: what was learned of the order meanwhile stays; a run that lost its claim ends here. */
    private void conclude(Handle handle, Job job, Finding finding, StudyFacts facts, Results.Prepared prepared) {
        Job current = jobs.lock(handle, job.id())
                .filter(j -> j.run() == job.run())
                .orElseThrow(() -> new FencedException(job.id()));
        Job delivering = current.withFinding(finding, facts).moved(JobState.DELIVERING, reasonOf(finding));
        transitions.apply(handle, current, delivering);
        results.enqueue(handle, delivering, prepared);
        if (delivering.humanReadAt() != null) {
            trail.alreadyRead(handle, delivering);
        }
        // The same as was told before, or nobody to tell: there is nothing to wait for.
        results.ended(handle, delivering).ifPresent(ended -> transitions.apply(handle, delivering, ended));
    }

    static @Nullable String reasonOf(Finding finding) {
        return switch (finding) {
            case Finding.Analyzed a -> null;
            case Finding.NotAnalyzed n -> n.detail();
        };
    }

    // ------------------------------------------------------------------ other ends

    private Next notAnalyzed(Job job, NotAnalyzedReason reason, String detail) {
        StudyUid study = job.order().key().studyUid();
        if (study == null) {
            return end(job, JobState.NOT_ANALYZED, detail); // nothing can be filed: no study is known
        }
        Finding finding = new Finding.NotAnalyzed(study, null, reason, detail);
        Results.Prepared prepared = results.prepare(job, finding, StudyFacts.unknown(), null);
        database.inTransaction(handle -> {
            trail.judged(handle, job, finding);
            conclude(handle, job, finding, StudyFacts.unknown(), prepared);
            return true;
        });
        results.wake();
        return new Next.Done();
    }

    private Next hold(Job job, String reason) {
        database.inTransaction(handle -> {
            transitions.apply(handle, job, job.held(reason, JobState.WAITING_FOR_IMAGES));
            return true;
        });
        return new Next.Done();
    }

    private Next end(Job job, JobState state, String reason) {
        database.inTransaction(handle -> {
            transitions.apply(handle, job, job.moved(state, reason));
            return true;
        });
        return new Next.Done();
    }

    /** The PACS cannot be asked: the order waits, as long as the site's limit allows. */
    private Next pacsTrouble(Job job, StudySourceException e) {
        Instant now = clock.instant();
        if (Duration.between(job.acceptedAt(), now).compareTo(limits.giveUpAfter()) >= 0) {
            return end(job, JobState.FAILED, "the PACS could not be read within the site's limit: " + e.code());
        }
        LOG.warn("job {}: PACS {}, trying again: {}", job.id(), e.code(), e.getMessage());
        Job counted = job.failedOnce();
        database.inTransaction(handle -> {
            if (job.attempts() == 0) {
                trail.notFetched(handle, job, e.code().name());
            }
            transitions.apply(handle, job, counted);
            return true;
        });
        Duration backoff = limits.backoff(counted.attempts());
        return new Next.At(now.plus(backoff.compareTo(limits.pollMax()) > 0 ? limits.pollMax() : backoff));
    }

    /** Something that should not happen: a few tries, then a person looks; other jobs go on. */
    private Next broken(Job job, RuntimeException e) {
        LOG.error(
                "job {} broke in {}, attempt {} of {}",
                job.id(),
                job.state(),
                job.attempts() + 1,
                limits.attemptsMax(),
                e);
        Job counted = job.failedOnce();
        if (counted.attempts() >= limits.attemptsMax()) {
            return end(
                    job,
                    JobState.FAILED,
                    "internal error " + e.getClass().getSimpleName() + "; the log has it under this job's id");
        }
        database.inTransaction(handle -> {
            transitions.apply(handle, job, counted);
            return true;
        });
        return new Next.At(clock.instant().plus(limits.backoff(counted.attempts())));
    }
}
