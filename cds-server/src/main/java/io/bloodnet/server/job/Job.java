package io.bloodnet.server.job;

import io.bloodnet.audit.About;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.StudyFacts;
import io.bloodnet.imaging.order.ImagingOrder;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One ImagingOrder on its way, as stored.
 *
 * @param id UUID text
 * @param reason why it is on hold, not analyzed, failed or cancelled; else null. Never patient data
 * @param resumeState where it goes on when it is released; null when it is not held
 * @param imagesComplete whether the sender said that all images are there
 * @param slicesSeen CT images on the PACS at the last look; what is in other modalities does not count
 * @param slicesSince when that number was first seen; null before the first look
 * @param overdue whether the images are later than the site's limit
 * @param run grows with each run; a write under an older run is refused (fencing)
 * @param version counted up by each save; a save from a row that another save has overtaken is refused
 * @param attempts runs of the present state in a row that broke in us
 * @param outages runs in a row that the archive's bad weather ended
 * @param waitingSince since when the images could be expected: accepted, scheduled, first image, or asked for anew by a message or a person
 * @param incompleteSince when the archive itself first said that images are missing; null when it does not say so
 * @param inDoubt whether it is doubtful that the finding is this patient's; nobody is shown it then
 * @param imagesDigest which images were analyzed, see {@link ImagesDigest}; null when not known
 * @param humanReadAt when a human's final report was seen; null before
 * @param humanSays whether that report says hemorrhage; null when it is not coded
 * @param humanReport which report that is, as its sender calls it; null when that is not known
 * @param humanTakenBackAt when that report was taken back; null while it stands
 */
public record Job(
        String id,
        JobState state,
        @Nullable String reason,
        @Nullable JobState resumeState,
        ImagingOrder order,
        @Nullable Finding finding,
        @Nullable StudyFacts facts,
        boolean imagesComplete,
        int slicesSeen,
        @Nullable Instant slicesSince,
        boolean overdue,
        long run,
        long version,
        int attempts,
        int outages,
        Instant acceptedAt,
        Instant waitingSince,
        @Nullable Instant incompleteSince,
        boolean inDoubt,
        @Nullable String imagesDigest,
        @Nullable Instant imagesCompleteAt,
        @Nullable Instant reportedAt,
        @Nullable Instant humanReadAt,
        @Nullable Boolean humanSays,
        @Nullable String humanReport,
        @Nullable Instant humanTakenBackAt) {

    /** A new one of which nothing is known but its order; {@code hold} is why it waits for a person, null when it does not. */
    public static Job placed(String id, ImagingOrder order, @Nullable String hold, Instant at) {
        JobState state = hold == null ? JobState.WAITING_FOR_IMAGES : JobState.ON_HOLD;
        JobState resume = hold == null ? null : JobState.WAITING_FOR_IMAGES;
        return new Draft(state, hold, resume, order, order.imagesFrom(at)).job(id, 0, 0, at);
    }

    /** The job as the audit log names it. */
    public About about() {
        About about =
                About.nothing().withJobId(id).withPatientId(order.patient().id().value());
        if (order.key().accession() != null) {
            about = about.withAccessionNumber(order.key().accession().value());
        }
        return order.key().studyUid() == null
                ? about
                : about.withStudyUid(order.key().studyUid().value());
    }

    /** The job in another state. Keeps what is known; failed attempts start anew. */
    public Job moved(JobState to, @Nullable String why) {
        return changed(draft -> draft.into(to, why, null));
    }

    /** The job held; {@code resume} is where it goes on. */
    public Job held(String why, JobState resume) {
        return changed(draft -> draft.into(JobState.ON_HOLD, why, resume));
    }

    /** The job held because it is doubtful whose images these are, or whose record: what was found is shown to nobody until that is clear. */
    public Job doubted(String why, JobState resume) {
        return held(why, resume).changed(draft -> draft.inDoubt = true);
    }

    public Job trusted() {
        return changed(draft -> draft.inDoubt = false);
    }

    /** The job with a reason that a person sees beside its state. */
    public Job noted(String why) {
        return changed(draft -> draft.reason = why);
    }

    /** The images are expected anew: the give-up clock starts, and so does every budget. */
    public Job expectedFrom(Instant at) {
        return changed(draft -> {
            draft.waitingSince = at;
            draft.overdue = false;
            draft.anew();
        });
    }

    public Job incomplete(Instant at) {
        return changed(draft -> draft.incompleteSince = at);
    }

    public Job withImages(@Nullable String digest) {
        return changed(draft -> draft.imagesDigest = digest);
    }

    /** The job as it stands in the database after this was saved. */
    Job saved() {
        return new Draft(this).job(id, run, version + 1, acceptedAt);
    }

    /** Whether a suspicion was filed for this patient: only a better look at the same head may replace it (promise 8). */
    public boolean hasSuspicion() {
        return !inDoubt && finding instanceof Finding.Analyzed analyzed && analyzed.positive();
    }

    public Job withOrder(ImagingOrder changed) {
        return changed(draft -> draft.order = changed);
    }

    public Job withImagesComplete() {
        return changed(draft -> draft.imagesComplete = true);
    }

    public Job seen(int slices, Instant since) {
        return changed(draft -> {
            draft.slicesSeen = slices;
            draft.slicesSince = since;
        });
    }

    public Job complete(Instant at) {
        return changed(draft -> draft.imagesCompleteAt = at);
    }

    public Job withOverdue() {
        return changed(draft -> draft.overdue = true);
    }

    public Job failedOnce() {
        return changed(draft -> draft.attempts = attempts + 1);
    }

    public Job outage() {
        return changed(draft -> draft.outages = outages + 1);
    }

    public Job withFinding(Finding found, StudyFacts known) {
        return changed(draft -> {
            draft.finding = found;
            draft.facts = known;
            draft.inDoubt = false;
        });
    }

    public Job reported(Instant at) {
        return changed(draft -> draft.reportedAt = at);
    }

    public Job readByHuman(Instant at, @Nullable Boolean hemorrhage, @Nullable String report) {
        return changed(draft -> {
            draft.humanReport = report;
            draft.humanReadAt = at;
            draft.humanSays = hemorrhage;
            draft.humanTakenBackAt = null;
        });
    }

    /** The human's report does not count any more. @param of that of which time, and older ones, do not come back */
    public Job takenBack(Instant of, Instant at) {
        return changed(draft -> {
            draft.humanReadAt = of;
            draft.humanSays = null;
            draft.humanTakenBackAt = at;
        });
    }

    /** Whether a human's final report on the study stands. */
    public boolean isReadByHuman() {
        return humanReadAt != null && humanTakenBackAt == null;
    }

    private Job changed(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.job(id, run, version, acceptedAt);
    }

    /** Nothing that identifies. */
    @Override
    public String toString() {
        return "Job[" + id + ", " + state + "]";
    }

    /** What may change of a job within a run. Lives for one change, in one thread. */
    private static final class Draft {
        private JobState state;
        private @Nullable String reason;
        private @Nullable JobState resumeState;
        private ImagingOrder order;
        private @Nullable Finding finding;
        private @Nullable StudyFacts facts;
        private boolean imagesComplete;
        private int slicesSeen;
        private @Nullable Instant slicesSince;
        private boolean overdue;
        private int attempts;
        private int outages;
        private Instant waitingSince;
        private @Nullable Instant incompleteSince;
        private boolean inDoubt;
        private @Nullable String imagesDigest;
        private @Nullable Instant imagesCompleteAt;
        private @Nullable Instant reportedAt;
        private @Nullable Instant humanReadAt;
        private @Nullable Boolean humanSays;
        private @Nullable String humanReport;
        private @Nullable Instant humanTakenBackAt;

        Draft(
                JobState state,
                @Nullable String reason,
                @Nullable JobState resumeState,
                ImagingOrder order,
                Instant waitingSince) {
            this.waitingSince = waitingSince;
            this.state = state;
            this.reason = reason;
            this.resumeState = resumeState;
            this.order = order;
        }

        Draft(Job job) {
            this(job.state, job.reason, job.resumeState, job.order, job.waitingSince);
            finding = job.finding;
            facts = job.facts;
            imagesComplete = job.imagesComplete;
            slicesSeen = job.slicesSeen;
            slicesSince = job.slicesSince;
            overdue = job.overdue;
            attempts = job.attempts;
            outages = job.outages;
            incompleteSince = job.incompleteSince;
            inDoubt = job.inDoubt;
            imagesDigest = job.imagesDigest;
            imagesCompleteAt = job.imagesCompleteAt;
            reportedAt = job.reportedAt;
            humanReadAt = job.humanReadAt;
            humanSays = job.humanSays;
            humanReport = job.humanReport;
            humanTakenBackAt = job.humanTakenBackAt;
        }

        void into(JobState to, @Nullable String why, @Nullable JobState resume) {
            state = to;
            reason = why;
            resumeState = resume;
            anew();
        }

        private void anew() {
            attempts = 0;
            outages = 0;
            incompleteSince = null;
        }

        Job job(String id, long run, long version, Instant acceptedAt) {
            return new Job(
                    id,
                    state,
                    reason,
                    resumeState,
                    order,
                    finding,
                    facts,
                    imagesComplete,
                    slicesSeen,
                    slicesSince,
                    overdue,
                    run,
                    version,
                    attempts,
                    outages,
                    acceptedAt,
                    waitingSince,
                    incompleteSince,
                    inDoubt,
                    imagesDigest,
                    imagesCompleteAt,
                    reportedAt,
                    humanReadAt,
                    humanSays,
                    humanReport,
                    humanTakenBackAt);
        }
    }
}
