package io.bloodnet.server.pipeline;

import io.bloodnet.audit.AuditLog;
import io.bloodnet.audit.AuditUnavailableException;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.study.StudyAnalyzer;
import io.bloodnet.imaging.study.StudySource;
import io.bloodnet.imaging.study.StudySource.StudyLookup;
import io.bloodnet.imaging.study.StudySourceException;
import io.bloodnet.server.job.Job;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.job.JobStore;
import io.bloodnet.server.job.Transitions;
import io.bloodnet.server.result.Results;
import io.bloodnet.server.result.Schedule;
import io.bloodnet.server.store.Database;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks again at studies that ended a short while ago. Nobody may have said how many images there would be, and the axial series may
 * come long after the localizer: a study that has grown since is analyzed again, and what changes is sent as a correction. Safe for all
 * threads.
 */
public final class LateImages {

    /** How long a study is looked after once its result was reported. */
    static final Duration WATCHED = Duration.ofMinutes(60);

    /** How long after the report the images themselves are fetched once more: what was replaced under its own numbers is in no list. */
    static final Duration PIXELS_AFTER = Duration.ofMinutes(30);

    /** Results whose images were fetched once more and are remembered; who falls out is fetched again. */
    private static final int PIXELS_SEEN_MAX = 20_000;

    /** How long nothing is fetched for that once others waited for their analysis. */
    private static final Duration WHILE_BUSY = Duration.ofMinutes(1);

    /** Jobs read at a time; all that qualify are looked at. */
    private static final int PAGE = 50;

    private static final List<JobState> REPORTED =
            List.of(JobState.REPORTED_POSITIVE, JobState.REPORTED_NEGATIVE, JobState.NOT_ANALYZED);

    private static final Logger LOG = LoggerFactory.getLogger(LateImages.class);

    private final Database database;
    private final JobStore jobs;
    private final StudySource studies;
    private final StudyAnalyzer analyzer;
    private final Transitions transitions;
    private final Runnable wake;
    private final InstantSource clock;
    private volatile Instant busyUntil = Instant.MIN;
    private final Set<String> pixelsSeen = Collections.synchronizedSet(Collections.newSetFromMap(new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > PIXELS_SEEN_MAX;
        }
    }));

    /** @param wake tells the queue of jobs that there is work */
    public LateImages(
            Database database,
            JobStore jobs,
            StudySource studies,
            StudyAnalyzer analyzer,
            AuditLog audit,
            Runnable wake,
            InstantSource clock) {
        this.database = database;
        this.jobs = jobs;
        this.studies = studies;
        this.analyzer = analyzer;
        this.transitions = new Transitions(jobs, audit, clock);
        this.wake = wake;
        this.clock = clock;
    }

    /**
     * One look at all of them. Returns how many studies have other images now. An archive that does not answer is asked again at the next
     * look; a study that it cannot tell of holds up no other.
     */
    public int look() {
        int changed = 0;
        Instant since = clock.instant().minus(WATCHED);
        for (JobState state : REPORTED) {
            Watched last = null;
            for (List<Watched> page = page(state, since, last); !page.isEmpty(); page = page(state, since, last)) {
                last = page.getLast();
                for (Watched watched : page) {
                    try {
                        changed += look(watched) ? 1 : 0;
                    } catch (StudySourceException e) {
                        LOG.warn("PACS {}, next: look again for late images: {}", e.code(), e.getMessage());
                        if (isAway(e)) {
                            return told(changed);
                        }
                    } catch (AuditUnavailableException e) {
                        LOG.error("late images are not looked for: the audit log cannot be written, trying again", e);
                        return told(changed);
                    } catch (RuntimeException e) {
                        LOG.error("job {} broke the look for late images, next: the others", watched.id(), e);
                    }
                }
            }
        }
        return told(changed);
    }

    private int told(int changed) {
        if (changed > 0) {
            wake.run();
        }
        return changed;
    }

    private static boolean isAway(StudySourceException e) {
        return switch (e.code()) {
            case UNREACHABLE, TIMEOUT, BUSY, NO_TURN -> true;
            case REFUSED, BAD_ANSWER, TOO_LARGE -> false;
        };
    }

    private record Watched(String id, Instant updatedAt) {}

    /** The next of one state, newest change first. */
    private List<Watched> page(JobState state, Instant since, @Nullable Watched last) {
        String behind = last == null ? "" : " and updated_at <= :before and (updated_at < :before or id > :id)";
        return database.read(handle -> {
            var query = handle.createQuery("select id, updated_at from job where state = :state and updated_at > :since"
                            + behind + " and study_uid is not null order by state, updated_at desc, id limit :max")
                    .bind("state", state.name())
                    .bind("since", JobStore.utc(since))
                    .bind("max", PAGE);
            if (last != null) {
                query.bind("before", JobStore.utc(last.updatedAt())).bind("id", last.id());
            }
            return query.map((row, context) ->
                            new Watched(row.getString(1), Objects.requireNonNull(JobStore.instant(row, "updated_at"))))
                    .list();
        });
    }

    private boolean look(Watched watched) {
        Job job = database.read(handle -> jobs.find(handle, watched.id())).orElse(null);
        if (job == null || !job.state().isTerminal()) {
            return false;
        }
        StudyLookup lookup = studies.find(
                job.order().key().studyUid(),
                job.order().key().accession(),
                job.order().patient().id());
        if (!(lookup instanceof StudyLookup.Found(StudySource.StudyListing listing))) {
            return false;
        }
        int slices = Completeness.slices(listing);
        if (slices > job.slicesSeen()) {
            return reopen(job, slices, "more images came after the analysis");
        }
        return slices == job.slicesSeen()
                && (isReplaced(job, listing) || hasOtherPixels(watched, job, listing))
                && reopen(job, slices, "images were replaced after the analysis");
    }

    /** The same images by their numbers, with other pixels; asked once for a result, some time after it, when nobody waits for a result. */
    private boolean hasOtherPixels(Watched watched, Job job, StudySource.StudyListing listing) {
        Instant now = clock.instant();
        boolean due = !watched.updatedAt().plus(PIXELS_AFTER).isAfter(now) && !busyUntil.isAfter(now);
        if (!due || !(job.finding() instanceof Finding.Analyzed analyzed)) {
            return false;
        }
        String result = job.id() + " " + analyzed.inputDigest();
        if (pixelsSeen.contains(result)) {
            return false;
        }
        Optional<String> there;
        try {
            there = analyzer.inputNow(listing, analyzed);
        } catch (StudySourceException e) {
            if (e.code() != StudySourceException.Code.NO_TURN) {
                throw e;
            }
            busyUntil = now.plus(WHILE_BUSY);
            return false;
        }
        pixelsSeen.add(result);
        return there.isPresent() && !there.get().equals(analyzed.inputDigest());
    }

    /** As many images, but others: other series, or series that lack an image which was analyzed. */
    private boolean isReplaced(Job job, StudySource.StudyListing listing) {
        if (job.imagesDigest() != null && !job.imagesDigest().equals(Completeness.digest(listing))) {
            return true;
        }
        if (!(job.finding() instanceof Finding.Analyzed analyzed)) {
            return false;
        }
        int listed = listing.series().stream()
                .filter(series -> series.seriesUid().equals(analyzed.seriesUid()))
                .mapToInt(StudySource.SeriesListing::instanceCount)
                .sum();
        Set<String> there = studies.instances(analyzed.studyUid(), analyzed.seriesUid());
        return listed > 0
                && there.size() >= listed // a list that was cut tells nothing
                && analyzed.slices().stream()
                        .map(Finding.SliceFinding::sopInstanceUid)
                        .anyMatch(uid -> !there.contains(uid));
    }

    /** False when the job has moved meanwhile. What was filed stays, and is shown, until a better look replaces it. */
    private boolean reopen(Job job, int slices, String why) {
        return database.inTransaction(handle -> {
            Job locked = jobs.lock(handle, job.id()).orElseThrow();
            if (locked.state() != job.state() || locked.slicesSeen() != job.slicesSeen()) {
                return false;
            }
            Instant now = clock.instant();
            Job fenced = jobs.fence(handle, locked);
            Job again = fenced.moved(JobState.WAITING_FOR_IMAGES, why)
                    .seen(slices, now)
                    .expectedFrom(now);
            transitions.apply(handle, fenced, again);
            Schedule.at(handle, Schedule.Queue.JOBS, job.id(), now, Results.priority(again));
            return true;
        });
    }
}
