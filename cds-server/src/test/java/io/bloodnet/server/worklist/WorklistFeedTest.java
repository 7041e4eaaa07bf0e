package io.bloodnet.server.worklist;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WorklistFeedTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    private final AtomicInteger version = new AtomicInteger(1);
    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicInteger looks = new AtomicInteger();

    private WorklistFeed feed() {
        return new WorklistFeed(() -> Integer.toString(looks.incrementAndGet() > 0 ? version.get() : 0), () -> {
            reads.incrementAndGet();
            return new ObjectMapper().createObjectNode().put("version", version.get());
        });
    }

    @Test
    void one_reading_serves_all_followers() throws Exception {
        try (WorklistFeed feed = feed()) {
            List<CompletableFuture<WorklistFeed.Reading>> followers = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                feed.begin();
                // Nobody has seen anything yet: a reading that comes between two beginnings serves the later one too.
                followers.add(CompletableFuture.supplyAsync(() -> after(feed, 0), Thread::startVirtualThread));
            }
            for (CompletableFuture<WorklistFeed.Reading> follower : followers) {
                assertThat(follower.get(SOON.toSeconds(), TimeUnit.SECONDS).text())
                        .contains("1");
            }
            assertThat(reads.get()).isEqualTo(1);
            version.set(2);
            assertThat(feed.after(1, SOON).text()).contains("2");
        }
    }

    @Test
    void nobody_is_asked_while_nobody_follows_and_a_closed_feed_lets_go() throws Exception {
        WorklistFeed feed = feed();
        assertThat(feed.after(0, Duration.ofMillis(1)).number()).isZero();
        assertThat(looks.get()).isZero();
        CompletableFuture<WorklistFeed.Reading> waiting =
                CompletableFuture.supplyAsync(() -> after(feed, 0), Thread::startVirtualThread);
        feed.close();
        assertThat(waiting.get(SOON.toSeconds(), TimeUnit.SECONDS).number()).isZero();
        assertThat(feed.isClosed()).isTrue();
    }

    private static WorklistFeed.Reading after(WorklistFeed feed, long seen) {
        try {
            return feed.after(seen, SOON);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
