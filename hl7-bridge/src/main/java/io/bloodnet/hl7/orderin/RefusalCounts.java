package io.bloodnet.hl7.orderin;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Which refusals are recorded each. They cost a sender nothing and the audit log an entry for ever, so that of one peer {@value #EACH_MAX} in
 * a minute are recorded and the others counted: how many is said with the next one that is recorded, or when the link ends. Safe for all
 * threads.
 */
final class RefusalCounts {

    /** Refusals of one peer that are recorded within a minute. */
    static final int EACH_MAX = 20;
    /** Peers whose refusals are counted apart; beyond this the one that was quiet for longest begins anew. */
    static final int PEERS_MAX = 1_000;

    private static final Duration WINDOW = Duration.ofMinutes(1);

    private static final class Count {
        private Instant since;
        private int recorded;
        private int leftOut;

        Count(Instant since) {
            this.since = since;
        }
    }

    private final Map<String, Count> peers = new LinkedHashMap<>(16, 0.75f, true);

    /** How many were left out before this one, which is to be recorded; empty when this one is only counted. */
    synchronized OptionalInt admit(String peer, Instant now) {
        Count count = peers.computeIfAbsent(peer, p -> new Count(now));
        if (peers.size() > PEERS_MAX) {
            peers.remove(peers.keySet().iterator().next());
        }
        if (!now.isBefore(count.since.plus(WINDOW))) {
            count.since = now;
            count.recorded = 0;
        }
        if (count.recorded == EACH_MAX) {
            count.leftOut++;
            return OptionalInt.empty();
        }
        count.recorded++;
        return OptionalInt.of(taken(count));
    }

    /** How many refusals of the peer were counted and not yet said. */
    synchronized int takeLeftOut(String peer) {
        Count count = peers.get(peer);
        return count == null ? 0 : taken(count);
    }

    private static int taken(Count count) {
        int leftOut = count.leftOut;
        count.leftOut = 0;
        return leftOut;
    }
}
