package io.bloodnet.hl7.orderin;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class RefusalCountsTest {

    private static final Instant NOW = Instant.parse("2026-11-29T18:00:00Z");
    private final RefusalCounts counts = new RefusalCounts();

    private int recorded(String peer, Instant at, int refusals) {
        int recorded = 0;
        for (int i = 0; i < refusals; i++) {
            recorded += counts.admit(peer, at).isPresent() ? 1 : 0;
        }
        return recorded;
    }

    @Test
    void records_some_each_minute_and_counts_the_others() {
        assertThat(recorded("a", NOW, 1_000)).isEqualTo(RefusalCounts.EACH_MAX);
        assertThat(recorded("b", NOW, 1)).as("another peer").isOne();
        assertThat(counts.admit("a", NOW.plusSeconds(59))).isEmpty();
        assertThat(counts.admit("a", NOW.plusSeconds(60))).hasValue(981);
        assertThat(counts.admit("a", NOW.plusSeconds(60))).hasValue(0);
    }

    @Test
    void says_once_how_many_were_only_counted() {
        recorded("a", NOW, 30);
        assertThat(counts.takeLeftOut("a")).isEqualTo(10);
        assertThat(counts.takeLeftOut("a")).isZero();
        assertThat(counts.takeLeftOut("never seen")).isZero();
    }

    @Test
    void remembers_no_more_peers_than_its_limit() {
        recorded("first", NOW, 30);
        for (int i = 0; i < RefusalCounts.PEERS_MAX; i++) {
            recorded("p" + i, NOW, 1);
        }
        assertThat(counts.takeLeftOut("first")).as("forgotten").isZero();
    }
}
