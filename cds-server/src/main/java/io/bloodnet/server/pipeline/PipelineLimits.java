package io.bloodnet.server.pipeline;

import java.time.Duration;

/**
 * How long an order waits, and how often it is tried.
 *
 * @param pollMin first pause between looks at the PACS
 * @param pollMax longest pause between looks
 * @param quietPeriod a study is complete when its count stands still that long; only where nobody says how many images there are
 * @param shortfall a study that stands still below its promised count that long is taken as it is
 * @param overdueAfter from then on missing images are shown as overdue
 * @param giveUpAfter from then on the order ends NOT_ANALYZED or its delivery FAILED
 * @param attemptsMax runs of one job that may break for unknown reasons before it is FAILED
 * @param deliveryBackoffMax longest pause between attempts of a delivery
 * @param maskAttemptsMax attempts to store the mask before the report goes without it
 */
public record PipelineLimits(
        Duration pollMin,
        Duration pollMax,
        Duration quietPeriod,
        Duration shortfall,
        Duration overdueAfter,
        Duration giveUpAfter,
        int attemptsMax,
        Duration deliveryBackoffMax,
        int maskAttemptsMax) {

    /** What a site gets that configures nothing. */
    public static PipelineLimits defaults() {
        return of(Duration.ofSeconds(10), Duration.ofHours(1), Duration.ofHours(24));
    }

    /** What a site may configure; the rest as everywhere. */
    public static PipelineLimits of(Duration quietPeriod, Duration overdueAfter, Duration giveUpAfter) {
        return new PipelineLimits(
                Duration.ofSeconds(1),
                Duration.ofSeconds(15),
                quietPeriod,
                Duration.ofMinutes(30),
                overdueAfter,
                giveUpAfter,
                5,
                Duration.ofMinutes(5),
                10);
    }

    /** Pause before attempt {@code attempt + 1} when attempt {@code attempt} (from 1) failed: doubling from 1 s. */
    Duration backoff(int attempt) {
        long seconds = 1L << Math.min(attempt - 1, 12);
        return seconds >= deliveryBackoffMax.toSeconds() ? deliveryBackoffMax : Duration.ofSeconds(seconds);
    }
}
