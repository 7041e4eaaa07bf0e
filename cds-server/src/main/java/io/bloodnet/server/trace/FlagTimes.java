package io.bloodnet.server.trace;

import io.bloodnet.server.http.Metrics;
import io.bloodnet.server.job.Job;
import io.bloodnet.server.job.JobStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * How long a suspected bleed takes to be told, from when the order and the images that show it were both there as this server saw it: until
 * its card and row can be seen, and until each receiver has acknowledged it. Kept with the job, and as a histogram of what this server
 * told. Only the first word of each suspicion counts. Safe for all threads.
 */
public final class FlagTimes {

    private static final String HISTOGRAM = "bloodnet_time_to_flag_seconds";

    private static final double[] BOUNDS = {0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 10, 15, 20, 30, 60, 120, 300, 900};

    private static final double MS = 1_000;

    /** Which destination has which column. Others have none. */
    private static final Map<String, String> COLUMNS = Map.of("ehr", "flag_ehr_ms", "hl7", "flag_hl7_ms");

    private final InstantSource clock;
    private volatile @Nullable Metrics metrics;

    FlagTimes(InstantSource clock) {
        this.clock = clock;
    }

    /** From now on times are counted there, too. */
    void show(Metrics metrics) {
        this.metrics = metrics;
    }

    /** The suspicion of the job is filed in this transaction. What was filed before counts alone. */
    public void filed(Handle handle, Job job) {
        Instant images = job.slicesSince();
        Instant since = images != null && images.isAfter(job.acceptedAt()) ? images : job.acceptedAt();
        long ms = msSince(since);
        int first = handle.createUpdate(
                        "update job set flag_from = :since, flag_card_ms = :ms where id = :id and flag_from is null")
                .bind("since", JobStore.utc(since))
                .bind("ms", ms)
                .bind("id", job.id())
                .execute();
        if (first == 1) {
            count("card", ms);
        }
    }

    /** A receiver has acknowledged a suspicion of the job. */
    public void acknowledged(Handle handle, String jobId, String destination) {
        String column = COLUMNS.get(destination);
        if (column == null) {
            return;
        }
        Optional<Instant> since = handle.createQuery(
                        "select flag_from from job where id = :id and flag_from is not null and " + column + " is null")
                .bind("id", jobId)
                .map((row, context) -> JobStore.instant(row, "flag_from"))
                .findOne();
        since.ifPresent(from -> {
            long ms = msSince(from);
            handle.createUpdate("update job set " + column + " = :ms where id = :id")
                    .bind("ms", ms)
                    .bind("id", jobId)
                    .execute();
            count(destination, ms);
        });
    }

    private long msSince(Instant since) {
        return Math.max(0, Duration.between(since, clock.instant()).toMillis());
    }

    private void count(String stage, long ms) {
        Metrics shown = metrics;
        if (shown != null) {
            shown.histogram(
                            HISTOGRAM,
                            "from order and images both there to a suspected bleed told, by stage",
                            Map.of("stage", stage),
                            BOUNDS)
                    .accept(ms / MS);
        }
    }
}
