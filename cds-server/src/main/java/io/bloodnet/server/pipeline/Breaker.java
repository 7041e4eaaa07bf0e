package io.bloodnet.server.pipeline;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether one peer is asked now. After {@value #FAILURES_MAX} tries in a row found it away, about more than one thing, it is left alone but
 * for a probe every {@code PAUSE}; the first try that it answers lets all go on. One thing that a peer chokes on each time never stops the
 * others. Safe for all threads.
 */
final class Breaker {

    /** Tries in a row that find the peer away before it is left alone. */
    static final int FAILURES_MAX = 4;

    /** From one probe to the next: so long at most a peer that came back is not noticed. */
    static final Duration PAUSE = Duration.ofSeconds(5);

    /** A probe that did not end within this is not waited for: its thread may have died. */
    static final Duration PROBE_MAX = Duration.ofMinutes(2);

    /** The log hears of a peer that stays away once in this. */
    private static final Duration SAID_EVERY = Duration.ofMinutes(1);

    private static final Logger LOG = LoggerFactory.getLogger(Breaker.class);

    private final String peer;
    private final InstantSource clock;
    private final Set<String> things = new HashSet<>();
    private int failures;
    private boolean open;
    private Instant next = Instant.EPOCH;
    private Instant probeEnds = Instant.EPOCH;
    private Instant said = Instant.EPOCH;
    private Instant since = Instant.EPOCH;

    /** @param peer named in the log */
    Breaker(String peer, InstantSource clock) {
        this.peer = peer;
        this.clock = clock;
    }

    /** Whether a try may be made now. Who is let in says how it ended: {@link #answered}, {@link #away} or {@link #unclear}. */
    synchronized boolean enter() {
        if (!open) {
            return true;
        }
        Instant now = clock.instant();
        if (now.isBefore(next) || now.isBefore(probeEnds)) {
            return false;
        }
        probeEnds = now.plus(PROBE_MAX);
        return true;
    }

    /** How long nobody is let in; zero when the peer is asked as usual. */
    synchronized Duration rest() {
        if (!open) {
            return Duration.ZERO;
        }
        Duration rest = Duration.between(clock.instant(), next);
        return rest.compareTo(PAUSE) > 0 || rest.isNegative() || rest.isZero() ? PAUSE : rest;
    }

    /** How long nobody has heard of the peer, from the first try in a row that found it away; zero when the last one did not. */
    synchronized Duration silence() {
        return failures == 0 ? Duration.ZERO : Duration.between(since, clock.instant());
    }

    /** The peer answered, whatever it said. Returns whether it had been away: then those who wait for it may come now. */
    synchronized boolean answered() {
        boolean back = open;
        if (back) {
            LOG.info("{} is back after {}", peer, Duration.between(since, clock.instant()));
        }
        open = false;
        failures = 0;
        things.clear();
        probeEnds = Instant.EPOCH;
        return back;
    }

    /** The try ended in a way that says nothing about the peer. */
    synchronized void unclear() {
        probeEnds = Instant.EPOCH;
    }

    /**
     * The peer did not answer, or said that it cannot now.
     *
     * @param thing what the try was about
     * @param code why, for the log
     */
    synchronized void away(String thing, String code) {
        Instant now = clock.instant();
        if (failures == 0) {
            since = now;
        }
        failures++;
        if (things.size() < FAILURES_MAX) {
            things.add(thing);
        }
        probeEnds = Instant.EPOCH;
        if (open || failures >= FAILURES_MAX && things.size() > 1) {
            open = true;
            next = now.plus(PAUSE);
            if (!now.isBefore(said.plus(SAID_EVERY))) {
                said = now;
                LOG.warn("{} is away since {} ({}): it is asked every {} until it answers", peer, since, code, PAUSE);
            }
        }
    }
}
