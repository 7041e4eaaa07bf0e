package io.bloodnet.server.pipeline;

import io.bloodnet.imaging.study.StudySource;
import io.bloodnet.imaging.study.StudySource.StudyLookup;
import io.bloodnet.imaging.study.StudySourceException;
import io.bloodnet.server.store.Database;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
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

    /** Studies asked for in one look; the longest not looked at come first at the next. */
    private static final int LOOK_MAX = 50;

    private static final Logger LOG = LoggerFactory.getLogger(LateImages.class);

    private final Database database;
    private final JobStore jobs;
    private final StudySource studies;
    private final Transitions transitions;
    private final Runnable wake;
    private final InstantSource clock;

    /** @param wake tells the queue of jobs that there is work */
    public LateImages(
            Database database,
            JobStore jobs,
            StudySource studies,
            io.bloodnet.audit.AuditLog audit,
            Runnable wake,
            InstantSource clock) {
        this.database = database;
        this.jobs = jobs;
        this.studies = studies;
        this.transitions = new Transitions(jobs, audit, clock);
        this.wake = wake;
        this.clock = clock;
    }

    /** One look. Returns how many studies have grown. An archive that does not answer is asked again at the next look. */
    public int look() {
        int grown = 0;
        for (Job job : watched()) {
            try {
                if (hasGrown(job) && reopen(job)) {
                    grown++;
                }
            } catch (StudySourceException e) {
                LOG.warn("PACS {}, next: look again for late images: {}", e.code(), e.getMessage());
                break;
            }
        }
        if (grown > 0) {
            wake.run();
        }
        return grown;
    }

    private List<Job> watched() {
        return database.read(handle -> handle
                .createQuery("select id from job where state in ('REPORTED_POSITIVE',"
                        + " 'REPORTED_NEGATIVE', 'NOT_ANALYZED') and study_uid is not null and updated_at > :since"
                        + " order by updated_at desc limit :max")
                .bind("since", JobStore.utc(clock.instant().minus(WATCHED)))
                .bind("max", LOOK_MAX)
                .mapTo(String.class)
                .list()
                .stream()
                .flatMap(id -> jobs.find(handle, id).stream())
                .toList());
    }

    private boolean hasGrown(Job job) {
        StudyLookup lookup = studies.find(
                job.order().key().studyUid(),
                job.order().key().accession(),
                job.order().patient().id());
        return lookup instanceof StudyLookup.Found(StudySource.StudyListing listing)
                && ImagingPipeline.slices(listing) > job.slicesSeen();
    }

    /** False when the job has moved meanwhile. */
    private boolean reopen(Job job) {
        return database.inTransaction(handle -> {
            Job locked = jobs.lock(handle, job.id()).orElseThrow();
            if (locked.state() != job.state() || locked.slicesSeen() != job.slicesSeen()) {
                return false;
            }
            Job fenced = jobs.fence(handle, locked);
            Job again = fenced.moved(JobState.WAITING_FOR_IMAGES, "more images came after the analysis");
            transitions.apply(handle, fenced, again);
            Schedule.at(handle, Schedule.Queue.JOBS, job.id(), clock.instant(), Results.priority(again));
            return true;
        });
    }
}
