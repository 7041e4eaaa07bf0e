package io.bloodnet.server.pipeline;

import io.bloodnet.audit.About;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.StudyFacts;
import io.bloodnet.imaging.order.ImagingOrder;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One ImagingOrder on its way, as stored.
 *
 * @param id UUID text
 * @param reason why it is on hold, not analyzed, failed or cancelled; else null. Never patient data
 * @param resumeState where it goes on when it is released; null when it is not held
 * @param imagesComplete whether the sender said that all images are there
 * @param instancesSeen instances on the PACS at the last look
 * @param instancesSince when that number was first seen; null before the first look
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
        int instancesSeen,
        @Nullable Instant instancesSince,
        boolean overdue,
        long run,
        int attempts,
        Instant acceptedAt,
        @Nullable Instant imagesCompleteAt,
        @Nullable Instant reportedAt,
        @Nullable Instant humanReadAt,
        @Nullable Boolean humanSays) {

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
        return new Job(
                id,
                to,
                why,
                null,
                order,
                finding,
                facts,
                imagesComplete,
                instancesSeen,
                instancesSince,
                overdue,
                run,
                0,
                acceptedAt,
                imagesCompleteAt,
                reportedAt,
                humanReadAt,
                humanSays);
    }

    /** The job held; {@code resume} is where it goes on. */
    Job held(String why, JobState resume) {
        return new Job(
                id,
                JobState.ON_HOLD,
                why,
                resume,
                order,
                finding,
                facts,
                imagesComplete,
                instancesSeen,
                instancesSince,
                overdue,
                run,
                0,
                acceptedAt,
                imagesCompleteAt,
                reportedAt,
                humanReadAt,
                humanSays);
    }

    Job withOrder(ImagingOrder changed) {
        return new Job(
                id,
                state,
                reason,
                resumeState,
                changed,
                finding,
                facts,
                imagesComplete,
                instancesSeen,
                instancesSince,
                overdue,
                run,
                attempts,
                acceptedAt,
                imagesCompleteAt,
                reportedAt,
                humanReadAt,
                humanSays);
    }

    Job withImagesComplete() {
        return new Job(
                id,
                state,
                reason,
                resumeState,
                order,
                finding,
                facts,
                true,
                instancesSeen,
                instancesSince,
                overdue,
                run,
                attempts,
                acceptedAt,
                imagesCompleteAt,
                reportedAt,
                humanReadAt,
                humanSays);
    }

    Job seen(int instances, Instant since) {
        return new Job(
                id,
                state,
                reason,
                resumeState,
                order,
                finding,
                facts,
                imagesComplete,
                instances,
                since,
                overdue,
                run,
                attempts,
                acceptedAt,
                imagesCompleteAt,
                reportedAt,
                humanReadAt,
                humanSays);
    }

    Job complete(Instant at) {
        return new Job(
                id,
                state,
                reason,
                resumeState,
                order,
                finding,
                facts,
                imagesComplete,
                instancesSeen,
                instancesSince,
                overdue,
                run,
                attempts,
                acceptedAt,
                at,
                reportedAt,
                humanReadAt,
                humanSays);
    }

    Job withOverdue() {
        return new Job(
                id,
                state,
                reason,
                resumeState,
                order,
                finding,
                facts,
                imagesComplete,
                instancesSeen,
                instancesSince,
                true,
                run,
                attempts,
                acceptedAt,
                imagesCompleteAt,
                reportedAt,
                humanReadAt,
                humanSays);
    }

    Job failedOnce() {
        return new Job(
                id,
                state,
                reason,
                resumeState,
                order,
                finding,
                facts,
                imagesComplete,
                instancesSeen,
                instancesSince,
                overdue,
                run,
                attempts + 1,
                acceptedAt,
                imagesCompleteAt,
                reportedAt,
                humanReadAt,
                humanSays);
    }

    Job withFinding(Finding found, StudyFacts known) {
        return new Job(
                id,
                state,
                reason,
                resumeState,
                order,
                found,
                known,
                imagesComplete,
                instancesSeen,
                instancesSince,
                overdue,
                run,
                attempts,
                acceptedAt,
                imagesCompleteAt,
                reportedAt,
                humanReadAt,
                humanSays);
    }

    Job reported(Instant at) {
        return new Job(
                id,
                state,
                reason,
                resumeState,
                order,
                finding,
                facts,
                imagesComplete,
                instancesSeen,
                instancesSince,
                overdue,
                run,
                attempts,
                acceptedAt,
                imagesCompleteAt,
                at,
                humanReadAt,
                humanSays);
    }

    Job readByHuman(Instant at, @Nullable Boolean hemorrhage) {
        return new Job(
                id,
                state,
                reason,
                resumeState,
                order,
                finding,
                facts,
                imagesComplete,
                instancesSeen,
                instancesSince,
                overdue,
                run,
                attempts,
                acceptedAt,
                imagesCompleteAt,
                reportedAt,
                at,
                hemorrhage);
    }

    /** Nothing that identifies. */
    @Override
    public String toString() {
        return "Job[" + id + ", " + state + "]";
    }
}
