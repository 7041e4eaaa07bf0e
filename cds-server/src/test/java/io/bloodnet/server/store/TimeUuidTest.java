package io.bloodnet.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class TimeUuidTest {

    private static final Instant NOW = Instant.parse("2026-03-01T08:00:00Z");

    @Test
    void is_of_version_7_and_begins_with_the_time() {
        UUID uuid = TimeUuid.at(NOW);
        assertThat(uuid.version()).isEqualTo(7);
        assertThat(uuid.variant()).isEqualTo(2);
        assertThat(uuid.getMostSignificantBits() >>> 16).isEqualTo(NOW.toEpochMilli());
    }

    @Test
    void sorts_by_the_millisecond_as_text() {
        String before = TimeUuid.at(NOW).toString();
        for (int millis = 1; millis <= 1_000; millis++) {
            String after = TimeUuid.at(NOW.plusMillis(millis)).toString();
            assertThat(after).isGreaterThan(before);
            before = after;
        }
    }

    @Test
    void two_of_one_millisecond_differ() {
        Set<UUID> all = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            assertThat(all.add(TimeUuid.at(NOW))).isTrue();
        }
    }
}
