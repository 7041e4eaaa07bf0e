package io.bloodnet.server.cdshooks;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps an eye on how often people's final reports confirm our flags. While they do so less often than the site's floor, no flag is
 * critical: an alarm that is mostly wrong teaches people to look away. Safe for all threads; {@link #refresh} waits for the database.
 */
public final class FlagWatch {

    /** How far back reports count. */
    static final Duration LOOK_BACK = Duration.ofDays(90);
    /** With fewer reports nothing is concluded. */
    static final int READS_MIN = 30;

    private static final Logger LOG = LoggerFactory.getLogger(FlagWatch.class);

    private final FlagReads reads;
    private final @Nullable Double floor;
    private final CdsMetrics metrics;
    private final InstantSource clock;
    private volatile boolean belowFloor;

    /** @param clinical for its floor; without one nothing ever gets quieter */
    public FlagWatch(FlagReads reads, CdsHooksConfig.Clinical clinical, CdsMetrics metrics, InstantSource clock) {
        this.reads = reads;
        this.floor = clinical.ppvFloor();
        this.metrics = metrics;
        this.clock = clock;
    }

    /** Looks again; to be called every few minutes. */
    public void refresh() {
        FlagReads.Reads now = reads.since(clock.instant().minus(LOOK_BACK));
        boolean below = floor != null && now.total() >= READS_MIN && now.ppv() < floor;
        metrics.flagReads(now, below);
        if (below != belowFloor) {
            LOG.warn(
                    "{} of {} final reports confirm our flags, the floor is {}, next: flags are {}",
                    now.confirmed(),
                    now.total(),
                    String.format(Locale.ROOT, "%.2f", floor),
                    below ? "at most warnings" : "critical again");
            belowFloor = below;
        }
    }

    /** Whether flags are to be no more than warnings. */
    boolean isBelowFloor() {
        return belowFloor;
    }
}
