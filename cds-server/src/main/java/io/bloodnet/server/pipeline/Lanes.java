package io.bloodnet.server.pipeline;

import io.bloodnet.imaging.study.StudySource;
import io.bloodnet.server.result.Schedule;
import io.bloodnet.server.store.Database;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The lanes of this server: one for fetching, one for each destination, each with a {@link Breaker} of its own. What one peer does never
 * reaches the others' lanes. Safe for all threads.
 */
public final class Lanes {

    private final Map<Schedule.Queue, Breaker> breakers = new EnumMap<>(Schedule.Queue.class);
    private final InstantSource clock;

    /** All peers are taken to be there until they are not. */
    public Lanes(InstantSource clock) {
        this.clock = clock;
        for (Schedule.Queue lane : Schedule.Queue.values()) {
            String peer = lane == Schedule.Queue.JOBS
                    ? "archive"
                    : "receiver " + lane.name().toLowerCase(Locale.ROOT);
            breakers.put(lane, new Breaker(peer, clock));
        }
    }

    Breaker breaker(Schedule.Queue lane) {
        return Objects.requireNonNull(breakers.get(lane));
    }

    /**
     * How long each peer has been found away by all tries, zero for one that answers. Names: {@code archive} as orders ask it, {@code pacs} as it
     * takes masks, {@code ehr}, {@code hl7}.
     */
    public Map<String, Duration> silences() {
        Map<String, Duration> all = new TreeMap<>();
        breakers.forEach((lane, breaker) -> all.put(
                lane == Schedule.Queue.JOBS ? "archive" : lane.name().toLowerCase(Locale.ROOT), breaker.silence()));
        return all;
    }

    /** Whether the peer of that name has not been found away by the last try. */
    public boolean answers(String peer) {
        return silences().getOrDefault(peer, Duration.ZERO).isZero();
    }

    /** The archive as orders ask it: one that is away is not asked by all at once. */
    public StudySource guarded(StudySource archive) {
        return new GuardedArchive(archive, breaker(Schedule.Queue.JOBS));
    }

    /**
     * Raises what has been due for long in a lane that moves: urgent work that never ends must not starve the rest. In a lane whose peer is
     * away all wait alike, and the urgent must go first when it comes back.
     */
    public int age(Database database) {
        return database.inTransaction(handle -> {
            int raised = 0;
            for (Map.Entry<Schedule.Queue, Breaker> lane : breakers.entrySet()) {
                if (lane.getValue().rest().isZero()) {
                    raised += Schedule.raiseOverdue(handle, lane.getKey(), clock.instant());
                }
            }
            return raised;
        });
    }
}
