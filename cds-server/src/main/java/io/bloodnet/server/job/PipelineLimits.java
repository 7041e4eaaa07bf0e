package io.bloodnet.server.job;

import java.time.Duration;
import java.time.Instant;

/**
 * How long an order waits, how often it is tried, and what a site holds.
 *
 * @param pollMin first pause between looks at the PACS, and the pause while a study grows
 * @param pollMax longest pause between looks
 * @param quietPeriod a study is complete when its count stands still that long; only where nobody says how many images there are
 * @param shortfall a study that stands still below its promised count that long is taken as it is
 * @param overdueAfter from then on missing images are shown as overdue
 * @param giveUpAfter from then on the order ends NOT_ANALYZED or its delivery FAILED
 * @param attemptsMax runs of one job that may break for unknown reasons before it is FAILED
 * @param deliveryPauseMax longest pause between attempts of a delivery
 * @param retryAfterMax longest pause that a receiver may ask for and get
 * @param holdsUnnamed whether a study whose images name no patient waits for a person; else its result is filed with a flag
 */
public record PipelineLimits(
        Duration pollMin,
        Duration pollMax,
        Duration quietPeriod,
        Duration shortfall,
        Duration overdueAfter,
        Duration giveUpAfter,
        int attemptsMax,
        Duration deliveryPauseMax,
        Duration retryAfterMax,
        boolean holdsUnnamed) {

    private static final Duration DELIVERY_PAUSE_MIN = Duration.ofSeconds(1);

    /** A sender's word that a study is complete counts once the archive has stood still that long. */
    public static final Duration SETTLED = Duration.ofSeconds(2);

    /** A study that may be complete, although fewer slices are there than were promised, is taken once it has stood still that long. */
    public static final Duration PERHAPS_ALL = Duration.ofMinutes(2);

    /** The archive must say twice, that long apart, that images are missing. */
    public static final Duration INCOMPLETE_TWICE = Duration.ofSeconds(60);

    /** A study that grows is asked after in a quarter of the time that it has stood still, this at most. */
    private static final Duration GROWING_MAX = Duration.ofSeconds(5);

    /** Receivers get at most one result of a study in that time: what arrives bit by bit is no flood of corrections. */
    public static final Duration CORRECTIONS_EVERY = Duration.ofSeconds(10);

    /** What a site gets that configures nothing. */
    public static PipelineLimits defaults() {
        return of(Duration.ofSeconds(10), Duration.ofHours(1), Duration.ofHours(24));
    }

    /** What a site may configure; the rest as everywhere. */
    public static PipelineLimits of(Duration quietPeriod, Duration overdueAfter, Duration giveUpAfter) {
        return new PipelineLimits(
                Duration.ofMillis(500),
                Duration.ofSeconds(15),
                quietPeriod,
                Duration.ofMinutes(30),
                overdueAfter,
                giveUpAfter,
                5,
                Duration.ofMinutes(5),
                Duration.ofMinutes(1),
                true);
    }

    /** These, at a site that files what names no patient, or holds it. */
    public PipelineLimits holdingUnnamed(boolean holds) {
        return new PipelineLimits(
                pollMin,
                pollMax,
                quietPeriod,
                shortfall,
                overdueAfter,
                giveUpAfter,
                attemptsMax,
                deliveryPauseMax,
                retryAfterMax,
                holds);
    }

    /** Until the archive is asked again that has no image: a tenth of the time waited. Nobody hurries before images are due. */
    public Duration beforeImages(Job job, Instant now) {
        Instant since = job.waitingSince().isAfter(now) ? job.acceptedAt() : job.waitingSince();
        return between(pollMin, Duration.between(since, now).dividedBy(10), pollMax);
    }

    /**
     * Until the archive is asked again that has images, perhaps not all.
     *
     * @param still how long it has had just these
     * @param rest after which it has all, when nothing is added
     */
    public Duration whileGrowing(Duration still, Duration rest) {
        Duration pause = between(pollMin, still.dividedBy(4), GROWING_MAX);
        return rest.compareTo(pause) < 0 ? between(Duration.ofMillis(1), rest, pause) : pause;
    }

    private static Duration between(Duration min, Duration value, Duration max) {
        Duration least = value.compareTo(min) < 0 ? min : value;
        return least.compareTo(max) > 0 ? max : least;
    }

    /** Pause of a job before attempt {@code attempt + 1} when attempt {@code attempt} (from 1) failed: doubling from 1 s. */
    public Duration backoff(int attempt) {
        long seconds = 1L << Math.min(attempt - 1, 12);
        return seconds >= deliveryPauseMax.toSeconds() ? deliveryPauseMax : Duration.ofSeconds(seconds);
    }

    /** Pause of a delivery that waits since then: a tenth of that time, so that a receiver that comes back is found soon after. */
    public Duration pause(Instant since, Instant now) {
        Duration tenth = Duration.between(since, now).dividedBy(10);
        if (tenth.compareTo(DELIVERY_PAUSE_MIN) < 0) {
            return DELIVERY_PAUSE_MIN;
        }
        return tenth.compareTo(deliveryPauseMax) > 0 ? deliveryPauseMax : tenth;
    }

    /** What a receiver asks for, as far as it gets it. */
    public Duration asked(Duration retryAfter) {
        return retryAfter.compareTo(retryAfterMax) > 0 ? retryAfterMax : retryAfter;
    }
}
