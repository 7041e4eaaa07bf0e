package io.bloodnet.server.pipeline;

import io.bloodnet.imaging.study.StudyAnalyzer.Analysis;
import io.bloodnet.server.job.Job;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the last look at each study showed whose images still arrive, in this server's memory: it is the result when nothing is added until
 * the study is complete. What is lost with the process is looked at again. Safe for all threads.
 */
final class LooksSoFar {

    /** Fewer slices are localizers, or hold no slice of the brain that has all its neighbours. */
    static final int SLICES_MIN = 8;

    /** A study that grows is looked at again with so many slices more: a look at what is known costs decoding, and a few windows. */
    static final int GROWN_MIN = 4;

    /** And when it is larger by this part: all looks together decode five times the slices of the last one. */
    private static final int GROWN_PART = 4;

    /** One that has stood still between two questions is looked at whatever its size... */
    static final Duration STILL = Duration.ofMillis(500);

    /** ... and the later the more there is to decode. */
    private static final Duration STILL_A_SLICE = Duration.ofMillis(2);

    /** Studies that arrive at the same time; each takes up to 2 MB. One more, and the one looked at longest ago is looked at again. */
    private static final int KEPT_MAX = 64;

    private final Map<String, Look> looks = new LinkedHashMap<>();

    /** @param whole whether nothing more comes out of a look at the same images */
    private record Look(
            String imagesDigest, int slices, @Nullable Analysis analysis, boolean whole) {}

    /** What a look is due for. */
    enum Due {
        NOT,
        /** More images came, and more may come. */
        GROWN,
        /** No image came for a while. */
        STILL
    }

    /** Whether it is time to look at a study that is not complete. What was told as a suspicion waits for the whole study. */
    synchronized Due due(Job job, int slices, String imagesDigest, Instant now) {
        Look last = looks.get(job.id());
        if (job.hasSuspicion() || slices < SLICES_MIN || last == null && imagesDigest.equals(job.imagesDigest())) {
            return Due.NOT;
        }
        Instant since = slices == job.slicesSeen() ? job.slicesSince() : null;
        Due still = since == null || since.plus(stillFor(slices)).isAfter(now) ? Due.NOT : Due.STILL;
        if (last != null && last.imagesDigest().equals(imagesDigest)) {
            return last.whole() ? Due.NOT : still;
        }
        boolean grown = last == null || slices >= last.slices() + Math.max(GROWN_MIN, last.slices() / GROWN_PART);
        return grown ? Due.GROWN : still;
    }

    private static Duration stillFor(int slices) {
        Duration many = STILL_A_SLICE.multipliedBy(slices);
        return many.compareTo(STILL) > 0 ? many : STILL;
    }

    /**
     * Keeps what a look showed.
     *
     * @param analysis null when nothing came out that could be the result
     * @param whole whether nothing more comes out of a look at the same images
     */
    synchronized void keep(Job job, int slices, String imagesDigest, @Nullable Analysis analysis, boolean whole) {
        looks.remove(job.id());
        looks.put(job.id(), new Look(imagesDigest, slices, analysis, whole));
        if (looks.size() > KEPT_MAX) {
            looks.remove(looks.keySet().iterator().next());
        }
    }

    /** What a look at just these images showed. */
    synchronized Optional<Analysis> of(Job job, String imagesDigest) {
        return Optional.ofNullable(looks.get(job.id()))
                .filter(look -> look.imagesDigest().equals(imagesDigest))
                .map(Look::analysis);
    }

    /** The result was filed: whoever looks again fetches again. */
    synchronized void forget(Job job) {
        looks.remove(job.id());
    }
}
