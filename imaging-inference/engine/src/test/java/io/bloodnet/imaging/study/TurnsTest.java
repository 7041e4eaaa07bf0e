package io.bloodnet.imaging.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.study.StudyAnalyzer.Urgency;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TurnsTest {

    private static final Instant NOW = Instant.parse("2026-03-01T08:00:00Z");
    private static final long LONG = Turns.GRACE.plusSeconds(1).toNanos();

    private final Turns turns = new Turns(2);

    private static StudyUid study(int n) {
        return new StudyUid("1.2.3." + n);
    }

    /** Waits in a thread of its own; returns when it waits. */
    private CompletableFuture<Turns.Turn> waiter(StudyUid study, Urgency urgency) throws InterruptedException {
        CompletableFuture<Turns.Turn> got = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform().daemon().start(() -> {
            try {
                got.complete(turns.take(study, urgency));
            } catch (RuntimeException e) {
                got.completeExceptionally(e);
            }
        });
        while (thread.getState() != Thread.State.TIMED_WAITING && thread.isAlive()) {
            Thread.onSpinWait();
        }
        return got;
    }

    @Test
    void the_most_urgent_goes_first_then_who_waits_longest() throws Exception {
        Turns.Turn first = turns.take(study(1), Urgency.NONE);
        Turns.Turn second = turns.take(study(2), Urgency.NONE);
        List<Integer> order = new CopyOnWriteArrayList<>();
        CompletableFuture<Turns.Turn> routine = waiter(study(3), new Urgency(0, NOW));
        CompletableFuture<Turns.Turn> young = waiter(study(4), new Urgency(2, NOW.plusSeconds(9)));
        CompletableFuture<Turns.Turn> old = waiter(study(5), new Urgency(2, NOW));
        first.close();
        old.thenAccept(_ -> order.add(5));
        old.get().close();
        young.thenAccept(_ -> order.add(4));
        young.get().close();
        routine.thenAccept(_ -> order.add(3));
        routine.get().close();
        second.close();
        assertThat(order).containsExactly(5, 4, 3);
    }

    @Test
    void a_study_that_drips_gives_its_place_up_to_one_that_does_not_and_comes_behind_it() throws Exception {
        Turns.Turn dripping = turns.take(study(1), Urgency.NONE);
        turns.take(study(2), Urgency.NONE);
        dripping.waited(LONG); // nobody waits: it may take its time
        CompletableFuture<Turns.Turn> good = waiter(study(3), Urgency.NONE);
        assertThatExceptionOfType(Patience.OverException.class).isThrownBy(() -> dripping.waited(1));
        dripping.close();
        assertThat(good.get(1, TimeUnit.SECONDS)).isNotNull();
        CompletableFuture<Turns.Turn> again = waiter(study(1), new Urgency(9, NOW));
        CompletableFuture<Turns.Turn> fresh = waiter(study(4), new Urgency(0, NOW));
        good.get().close();
        assertThat(fresh.get(1, TimeUnit.SECONDS)).isNotNull();
        assertThat(again).isNotDone();
    }

    @Test
    void a_study_whose_images_come_keeps_its_place_however_long_it_takes() throws Exception {
        Turns.Turn slow = turns.take(study(1), Urgency.NONE);
        turns.take(study(2), Urgency.NONE);
        waiter(study(3), Urgency.NONE);
        for (int second = 0; second < 60; second++) {
            slow.received((int) Turns.PACE_MIN + 1);
            slow.waited(Duration.ofSeconds(1).toNanos());
        }
        assertThat(slow).isNotNull();
    }

    @Test
    void a_line_that_is_slow_for_all_still_ends_one_study() throws Exception {
        for (int i = 0; i < Turns.CUTS_MAX; i++) {
            Turns.Turn turn = turns.take(study(1), Urgency.NONE);
            Turns.Turn other = turns.take(study(2), Urgency.NONE);
            CompletableFuture<Turns.Turn> fresh = waiter(study(10 + i), Urgency.NONE);
            assertThatExceptionOfType(HttpTimeoutException.class).isThrownBy(() -> turn.waited(LONG));
            turn.close();
            fresh.get().close();
            other.close();
        }
        Turns.Turn kept = turns.take(study(1), Urgency.NONE);
        turns.take(study(2), Urgency.NONE);
        waiter(study(20), Urgency.NONE);
        kept.waited(LONG);
        kept.done();
        assertThat(kept).isNotNull();
    }

    @Test
    void who_gets_no_place_is_told_so_in_a_bounded_time() {
        turns.take(study(1), Urgency.NONE);
        turns.take(study(2), Urgency.NONE);
        assertThatExceptionOfType(StudySourceException.class)
                .isThrownBy(() -> turns.take(study(3), Urgency.NONE))
                .extracting(StudySourceException::code)
                .isEqualTo(StudySourceException.Code.NO_TURN);
    }
}
