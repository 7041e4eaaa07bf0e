package io.bloodnet.server.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.server.job.JobStore;
import io.bloodnet.server.result.Schedule;
import io.bloodnet.server.store.Database;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What has been due for long goes up, so that urgent work without end starves nothing: in lanes that move, and in no other. */
class LanesTest {

    private final SettableClock clock = new SettableClock();
    private final Lanes lanes = new Lanes(clock);

    @TempDir
    Path folder;

    private Database database;

    @BeforeEach
    void open() {
        database = Database.open("jdbc:h2:file:" + folder.resolve("lanes"), "sa", null);
    }

    @AfterEach
    void close() {
        database.close();
    }

    private void isDue(Schedule.Queue lane, String id, int priority) {
        database.inTransaction(handle -> {
            Schedule.at(handle, lane, id, clock.instant(), priority);
            return true;
        });
    }

    private List<String> order(Schedule.Queue lane) {
        return database.read(handle -> handle.createQuery("select task_instance from " + lane.table
                        + " where execution_time <= :now order by priority desc, execution_time")
                .bind("now", JobStore.utc(clock.instant()))
                .mapTo(String.class)
                .list());
    }

    /** So many ages, half a minute apart, with an urgent one that is always new. */
    private int agesUntilFirst(Schedule.Queue lane, String id, int most) {
        for (int age = 1; age <= most; age++) {
            clock.pass(Duration.ofSeconds(30));
            isDue(lane, "urgent-" + age, 12);
            lanes.age(database);
            if (order(lane).getFirst().equals(id)) {
                return age;
            }
        }
        return most + 1;
    }

    @Test
    void a_routine_delivery_overtakes_urgent_ones_that_never_end_after_a_while() {
        isDue(Schedule.Queue.EHR, "routine", 0);
        int ages = agesUntilFirst(Schedule.Queue.EHR, "routine", 60);
        assertThat(Duration.ofSeconds(30L * ages))
                .as("not at once, and not never")
                .isBetween(Schedule.DUE_MAX, Duration.ofMinutes(20));
    }

    @Test
    void what_is_due_for_less_than_two_minutes_keeps_its_place() {
        isDue(Schedule.Queue.EHR, "routine", 0);
        clock.pass(Schedule.DUE_MAX);
        assertThat(lanes.age(database)).isZero();
        clock.pass(Duration.ofSeconds(1));
        assertThat(lanes.age(database)).isEqualTo(1);
    }

    @Test
    void what_waits_for_a_later_time_is_not_raised() {
        isDue(Schedule.Queue.HL7, "pause", 0);
        database.inTransaction(handle -> handle.createUpdate("update scheduled_hl7 set execution_time = :then")
                .bind("then", JobStore.utc(clock.instant().plus(Duration.ofHours(1))))
                .execute());
        clock.pass(Duration.ofMinutes(30));
        assertThat(lanes.age(database)).isZero();
    }

    @Test
    void nothing_is_raised_where_the_peer_is_away_so_that_the_urgent_go_first_when_it_is_back() {
        isDue(Schedule.Queue.EHR, "routine", 0);
        isDue(Schedule.Queue.HL7, "routine", 0);
        Breaker away = lanes.breaker(Schedule.Queue.EHR);
        for (int i = 0; i < Breaker.FAILURES_MAX; i++) {
            away.away("thing " + i, "timeout");
        }
        clock.pass(Schedule.DUE_MAX.plusSeconds(1));
        assertThat(lanes.age(database)).as("the HL7 receiver's only").isEqualTo(1);
        assertThat(lanes.silences().get("ehr")).isEqualTo(Schedule.DUE_MAX.plusSeconds(1));
        assertThat(lanes.silences().get("hl7")).isZero();
        away.answered();
        assertThat(lanes.age(database)).isEqualTo(2);
        assertThat(lanes.silences().get("ehr")).isZero();
    }

    @Test
    void nothing_is_raised_for_ever() {
        isDue(Schedule.Queue.EHR, "routine", 0);
        clock.pass(Duration.ofHours(1));
        int raised = 0;
        for (int i = 0; i < 100; i++) {
            raised += lanes.age(database);
        }
        assertThat(raised).isBetween(13, 30);
    }
}
