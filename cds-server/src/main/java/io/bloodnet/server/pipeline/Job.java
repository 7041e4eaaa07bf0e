package io.bloodnet.server.pipeline;

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
 * @param attempts failed runs of the present state in a row
 * @param humanReadAt when a human's final report was seen; null before
 * @param humanSays whether that report says hemorrhage; null when it is not coded
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
        int attempts,
        Instant acceptedAt,
        @Nullable Instant imagesCompleteAt,
        @Nullable Instant reportedAt,
        @Nullable Instant humanReadAt,
        @Nullable Boolean humanSays) {

    /** A new one of which nothing is known but its order; {@code hold} is why it waits for a person, null when it does not. */
    static Job placed(String id, ImagingOrder order, @Nullable String hold, Instant at) {
        JobState state = hold == null ? JobState.WAITING_FOR_IMAGES : JobState.ON_HOLD;
        JobState resume = hold == null ? null : JobState.WAITING_FOR_IMAGES;
        return new Draft(state, hold, resume, order).job(id, 0, at);
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
    Job moved(JobState to, @Nullable String why) {
        return changed(draft -> draft.into(to, why, null));
    }

    /** The job held; {@code resume} is where it goes on. */
    Job held(String why, JobState resume) {
        return changed(draft -> draft.into(JobState.ON_HOLD, why, resume));
    }

    Job withOrder(ImagingOrder changed) {
        return changed(draft -> draft.order = changed);
    }

    Job withImagesComplete() {
        return changed(draft -> draft.imagesComplete = true);
    }

    Job seen(int slices, Instant since) {
        return changed(draft -> {
            draft.slicesSeen = slices;
            draft.slicesSince = since;
        });
    }

    Job complete(Instant at) {
        return changed(draft -> draft.imagesCompleteAt = at);
    }

    Job withOverdue() {
        return changed(draft -> draft.overdue = true);
    }

    Job failedOnce() {
        return changed(draft -> draft.attempts = attempts + 1);
    }

    Job withFinding(Finding found, StudyFacts known) {
        return changed(draft -> {
            draft.finding = found;
            draft.facts = known;
        });
    }

    Job reported(Instant at) {
        return changed(draft -> draft.reportedAt = at);
    }

    Job readByHuman(Instant at, @Nullable Boolean hemorrhage) {
        return changed(draft -> {
            draft.humanReadAt = at;
            draft.humanSays = hemorrhage;
        });
    }

    private Job changed(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.job(id, run, acceptedAt);
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
        private @Nullable Instant imagesCompleteAt;
        private @Nullable Instant reportedAt;
        private @Nullable Instant humanReadAt;
        private @Nullable Boolean humanSays;

        Draft(JobState state, @Nullable String reason, @Nullable JobState resumeState, ImagingOrder order) {
            this.state = state;
            this.reason = reason;
            this.resumeState = resumeState;
            this.order = order;
        }

        Draft(Job job) {
            this(job.state, job.reason, job.resumeState, job.order);
            finding = job.finding;
            facts = job.facts;
            imagesComplete = job.imagesComplete;
            slicesSeen = job.slicesSeen;
            slicesSince = job.slicesSince;
            overdue = job.overdue;
            attempts = job.attempts;
            imagesCompleteAt = job.imagesCompleteAt;
            reportedAt = job.reportedAt;
            humanReadAt = job.humanReadAt;
            humanSays = job.humanSays;
        }

        void into(JobState to, @Nullable String why, @Nullable JobState resume) {
            state = to;
            reason = why;
            resumeState = resume;
            attempts = 0;
        }

        Job job(String id, long run, Instant acceptedAt) {
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
                    attempts,
                    acceptedAt,
                    imagesCompleteAt,
                    reportedAt,
                    humanReadAt,
                    humanSays);
        }
    }
}
