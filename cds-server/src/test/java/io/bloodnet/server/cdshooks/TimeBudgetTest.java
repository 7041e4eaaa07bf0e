package io.bloodnet.server.cdshooks;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Places come back however a work ends: a server that loses them shows no card any more. */
class TimeBudgetTest {

    private static final int PLACES = 4;

    private final CountDownLatch release = new CountDownLatch(1);
    private TimeBudget budget = new TimeBudget(Duration.ofSeconds(30), PLACES);

    @AfterEach
    void close() {
        release.countDown();
        budget.close();
    }

    @Test
    void returns_what_the_work_returns_or_throws() {
        assertThat(budget.run(() -> 7)).isEqualTo(new TimeBudget.Result.Done<>(7));
        IllegalStateException broken = new IllegalStateException("broken");
        assertThat(budget.run(() -> {
                    throw broken;
                }))
                .isEqualTo(new TimeBudget.Result.Failed<>(broken));
        awaitFree();
    }

    @Test
    void gives_the_place_back_of_work_that_was_given_up_before_it_began() {
        budget.close();
        budget = new TimeBudget(Duration.ofNanos(1), PLACES); // over before any thread can start
        for (int i = 0; i < 1000; i++) {
            budget.run(() -> 7);
        }
        awaitFree();
    }

    @Test
    void gives_the_place_back_of_work_that_was_interrupted() {
        budget.close();
        budget = new TimeBudget(Duration.ofMillis(50), PLACES);
        for (int i = 0; i < PLACES; i++) {
            assertThat(budget.run(() -> {
                        release.await();
                        return 7;
                    }))
                    .isInstanceOf(TimeBudget.Result.Late.class);
        }
        awaitFree();
    }

    /** The threads that were given up end in their own time. */
    private void awaitFree() {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (budget.free() < PLACES && System.nanoTime() < end) {
            Thread.yield();
        }
        assertThat(budget.free()).isEqualTo(PLACES);
    }
}
