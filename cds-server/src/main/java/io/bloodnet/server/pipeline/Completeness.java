package io.bloodnet.server.pipeline;

import io.bloodnet.imaging.peer.Sha256;
import io.bloodnet.imaging.study.StudySource.SeriesListing;
import io.bloodnet.imaging.study.StudySource.StudyListing;
import io.bloodnet.server.job.Job;
import io.bloodnet.server.job.PipelineLimits;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Whether all images of a study are there, as far as the archive, the promises and the clock can tell. Stateless. */
final class Completeness {

    /** Modalities whose instances are no slices: what we or others write about a study fills no gap in it. */
    private static final Set<String> WRITTEN_ABOUT = Set.of(
            "SR",
            "KO",
            "SEG",
            "PR",
            "DOC",
            "REG",
            "FID",
            "AU",
            "ASMT",
            "PLAN",
            "RTSTRUCT",
            "RTPLAN",
            "RTDOSE",
            "RTRECORD");

    private final PipelineLimits limits;

    Completeness(PipelineLimits limits) {
        this.limits = limits;
    }

    /** All instances, whatever they are. */
    static int instances(StudyListing listing) {
        int sum =
                listing.series().stream().mapToInt(SeriesListing::instanceCount).sum();
        return Math.max(listing.instanceCount(), sum);
    }

    /** Those that may be slices: what is added to a study later (masks, reports, key objects) does not make it grow. */
    static int slices(StudyListing listing) {
        int counted = images(listing).mapToInt(SeriesListing::instanceCount).sum();
        boolean uncounted = images(listing).anyMatch(series -> series.instanceCount() == 0);
        if (listing.series().isEmpty() || counted == 0 && uncounted) {
            int others = listing.series().stream()
                    .mapToInt(SeriesListing::instanceCount)
                    .sum();
            return Math.max(0, listing.instanceCount() - others); // the archive counts whole studies only
        }
        return counted;
    }

    private static Stream<SeriesListing> images(StudyListing listing) {
        boolean anyCt = listing.series().stream().anyMatch(Completeness::mayBeCt);
        return listing.series().stream()
                .filter(series -> anyCt ? mayBeCt(series) : !WRITTEN_ABOUT.contains(series.modality()));
    }

    private static boolean mayBeCt(SeriesListing series) {
        return series.modality() == null || series.modality().equals("CT");
    }

    /** Which series of images there are, and how large: another value means other images. */
    static String digest(StudyListing listing) {
        String all = images(listing)
                .map(series -> series.seriesUid() + "=" + series.instanceCount())
                .sorted()
                .collect(Collectors.joining("\n"));
        return Sha256.hex(all.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Promised counts of slices first. Else the study must stand still: shortly when the sender says that it is complete, which is no more
     * than a hint, for the quiet period when nobody says anything, and long while promised slices are missing.
     */
    boolean isComplete(Job job, StudyListing listing, Instant now) {
        int slices = slices(listing);
        Integer promised = job.order().expectedInstances();
        if (slices == 0) {
            return false;
        }
        if (promised != null && slices >= promised) {
            return true;
        }
        boolean seen = slices == job.slicesSeen() && job.slicesSince() != null;
        return seen && stillFor(job, slices, now).compareTo(mustStandStill(job, listing)) >= 0;
    }

    /** How long the archive has had just as many slices. */
    private static Duration stillFor(Job job, int slices, Instant now) {
        Instant since = job.slicesSince();
        boolean still = slices == job.slicesSeen() && since != null && since.isBefore(now);
        return still ? Duration.between(since, now) : Duration.ZERO;
    }

    private Duration mustStandStill(Job job, StudyListing listing) {
        Integer promised = job.order().expectedInstances();
        return promised == null ? quiet(job) : shortfall(job, listing, promised);
    }

    /** Until the archive is asked again what it has of a study that is not complete: soon while it grows, and when it would be complete. */
    Duration pauseWhileGrowing(Job job, StudyListing listing, Instant now) {
        Duration still = stillFor(job, slices(listing), now);
        return limits.whileGrowing(still, mustStandStill(job, listing).minus(still));
    }

    private Duration quiet(Job job) {
        Duration quiet = limits.quietPeriod();
        return job.imagesComplete() && quiet.compareTo(PipelineLimits.SETTLED) > 0 ? PipelineLimits.SETTLED : quiet;
    }

    /** Some senders count what is no slice, too: their promise is kept when all of that is there, but it might be a gap as well. */
    private Duration shortfall(Job job, StudyListing listing, int promised) {
        boolean perhapsAll = job.imagesComplete() || instances(listing) >= promised;
        return perhapsAll ? PipelineLimits.PERHAPS_ALL : limits.shortfall();
    }
}
