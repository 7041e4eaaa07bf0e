package io.bloodnet.audit.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A minute stands for "for ever": what must not wait for it ends by the test's own limit. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ArrivalsTest {

    private static final Duration FOR_EVER = Duration.ofMinutes(1);
    private static final Duration NOT = Duration.ZERO;

    private final Arrivals arrivals = new Arrivals();

    @Test
    void takes_the_oldest_first_and_no_more_than_a_batch() throws Exception {
        List<WaitingEvent> events = new ArrayList<>();
        for (int i = 0; i < LedgerSettings.BATCH_MAX + 1; i++) {
            events.add(event());
        }
        events.forEach(arrivals::offer);

        assertThat(arrivals.take(1, NOT, NOT)).isEqualTo(events.subList(0, LedgerSettings.BATCH_MAX));
        assertThat(arrivals.take(1, NOT, NOT)).containsExactly(events.getLast());
    }

    @Test
    void refuses_more_than_may_wait() {
        for (int i = 0; i < LedgerSettings.QUEUE_MAX; i++) {
            assertThat(arrivals.offer(event())).isTrue();
        }

        assertThat(arrivals.offer(event())).isFalse();
        assertThat(arrivals.size()).isEqualTo(LedgerSettings.QUEUE_MAX);
    }

    @Test
    void nobody_came_in_time() throws Exception {
        assertThat(arrivals.take(3, NOT, Duration.ofMillis(1))).isEmpty();
    }

    @Test
    void the_first_one_is_enough_without_company() throws Exception {
        CompletableFuture<List<WaitingEvent>> taken = taking(1);
        WaitingEvent only = event();
        arrivals.offer(only);

        assertThat(taken.get(20, TimeUnit.SECONDS)).containsExactly(only);
    }

    @Test
    void company_that_has_come_is_not_waited_for_any_longer() throws Exception {
        CompletableFuture<List<WaitingEvent>> taken = taking(3);
        List<WaitingEvent> three = List.of(event(), event(), event());
        three.forEach(arrivals::offer);

        assertThat(taken.get(20, TimeUnit.SECONDS)).isEqualTo(three);
    }

    @Test
    void one_comes_though_more_were_expected() throws Exception {
        WaitingEvent only = event();
        arrivals.offer(only);

        assertThat(arrivals.take(3, Duration.ofMillis(1), FOR_EVER)).containsExactly(only);
    }

    private CompletableFuture<List<WaitingEvent>> taking(int company) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return arrivals.take(company, FOR_EVER, FOR_EVER);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static WaitingEvent event() {
        AuditEvent event = new AuditEvent.StudyFetched(
                Instant.EPOCH, About.nothing(), Outcome.SUCCESS, "pacs", 36, 1, "ab".repeat(32), null);
        return new WaitingEvent(Unplaced.of("node", event));
    }
}
