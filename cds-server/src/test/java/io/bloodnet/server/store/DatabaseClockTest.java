package io.bloodnet.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class DatabaseClockTest {

    private static final Instant NOW = Instant.parse("2026-03-01T03:00:00Z");

    private final AtomicReference<Instant> machine = new AtomicReference<>(NOW);
    private final AtomicReference<Instant> database = new AtomicReference<>(NOW.plusSeconds(90));

    @Test
    void two_machines_whose_clocks_differ_agree() {
        DatabaseClock fast = new DatabaseClock(() -> NOW.plusSeconds(600), database::get);
        DatabaseClock slow = new DatabaseClock(machine::get, database::get);
        assertThat(fast.instant()).isEqualTo(slow.instant()).isEqualTo(NOW.plusSeconds(90));
    }

    @Test
    void goes_on_by_itself_between_two_looks_and_while_the_database_is_away() {
        DatabaseClock clock = new DatabaseClock(machine::get, () -> {
            Instant told = database.get();
            if (told == null) {
                throw new StoreException("away", null);
            }
            return told;
        });
        machine.set(NOW.plusSeconds(10));
        database.set(null);
        clock.look();
        assertThat(clock.instant()).isEqualTo(NOW.plusSeconds(100));
    }

    @Test
    void a_machine_whose_clock_is_set_is_found_out_at_the_next_look() {
        DatabaseClock clock = new DatabaseClock(machine::get, database::get);
        machine.set(NOW.plusSeconds(90));
        clock.look();
        assertThat(clock.instant()).isEqualTo(database.get());
    }

    @Test
    void a_difference_of_some_milliseconds_is_none() {
        database.set(NOW.plusMillis(15));
        assertThat(new DatabaseClock(machine::get, database::get).instant()).isEqualTo(NOW);
    }
}
