package io.bloodnet.server.cdshooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SharedReadsTest {

    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(1);

    private final List<Set<String>> queries = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch firstAsked = new CountDownLatch(1);
    private final CountDownLatch answerFirst = new CountDownLatch(1);

    @AfterEach
    void let_go() {
        answerFirst.countDown();
    }

    @Test
    void asks_once_for_those_who_come_meanwhile_and_gives_each_its_own() throws Exception {
        SharedReads reads = reads(LONG, SharedReadsTest::about);
        FutureTask<List<Acknowledgement>> first = ask(reads, "first");
        firstAsked.await();
        List<FutureTask<List<Acknowledgement>>> others =
                List.of(ask(reads, "a"), ask(reads, "b"), ask(reads, "c", "b"));
        answerFirst.countDown();
        assertThat(first.get()).isEqualTo(about(List.of("first")));
        assertThat(others.get(0).get()).isEqualTo(about(List.of("a")));
        assertThat(others.get(1).get()).isEqualTo(about(List.of("b")));
        assertThat(others.get(2).get()).containsExactlyInAnyOrderElementsOf(about(List.of("b", "c")));
        assertThat(queries).containsExactly(Set.of("first"), Set.of("a", "b", "c"));
        assertThat(reads.of(List.of("d"))).as("it goes on").isEqualTo(about(List.of("d")));
    }

    @Test
    void lets_a_caller_read_alone_when_the_query_before_hangs() throws Exception {
        SharedReads reads = reads(SHORT, SharedReadsTest::about);
        ask(reads, "first");
        firstAsked.await();
        assertThat(reads.of(List.of("a"))).isEqualTo(about(List.of("a")));
        assertThat(queries).as("while the first one hangs").contains(Set.of("a"));
    }

    @Test
    void lets_each_read_alone_when_together_they_find_too_much() throws Exception {
        SharedReads reads = reads(
                LONG,
                jobs -> jobs.contains("crowded")
                        ? IntStream.range(0, CardStore.ACKNOWLEDGEMENTS_MAX)
                                .mapToObj(i -> about("crowded"))
                                .toList()
                        : about(jobs));
        ask(reads, "first");
        firstAsked.await();
        FutureTask<List<Acknowledgement>> crowded = ask(reads, "crowded");
        FutureTask<List<Acknowledgement>> other = ask(reads, "a");
        answerFirst.countDown();
        assertThat(other.get()).isEqualTo(about(List.of("a")));
        assertThat(crowded.get()).hasSize(CardStore.ACKNOWLEDGEMENTS_MAX);
    }

    @Test
    void tells_each_caller_of_its_own_failure_alone() throws Exception {
        SharedReads reads = reads(LONG, jobs -> {
            if (jobs.contains("bad")) {
                throw new CardStoreException(CardStoreException.Fault.DATABASE, "refused");
            }
            return about(jobs);
        });
        ask(reads, "first");
        firstAsked.await();
        FutureTask<List<Acknowledgement>> bad = ask(reads, "bad");
        FutureTask<List<Acknowledgement>> good = ask(reads, "a");
        answerFirst.countDown();
        assertThat(good.get()).isEqualTo(about(List.of("a")));
        assertThatThrownBy(bad::get).hasCauseInstanceOf(CardStoreException.class);
    }

    private SharedReads reads(Duration waitMax, Function<Collection<String>, List<Acknowledgement>> database) {
        return new SharedReads(
                jobs -> {
                    queries.add(Set.copyOf(jobs));
                    if (jobs.contains("first")) {
                        firstAsked.countDown();
                        try {
                            answerFirst.await();
                        } catch (InterruptedException e) {
                            throw new IllegalStateException("nobody interrupts a shared query", e);
                        }
                    }
                    return database.apply(jobs);
                },
                waitMax);
    }

    /** Returns when the caller waits. */
    private static FutureTask<List<Acknowledgement>> ask(SharedReads reads, String... jobs) {
        FutureTask<List<Acknowledgement>> task = new FutureTask<>(() -> reads.of(List.of(jobs)));
        Thread thread = Thread.ofPlatform().daemon().start(task);
        while (thread.isAlive() && thread.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        return task;
    }

    private static List<Acknowledgement> about(Collection<String> jobs) {
        return jobs.stream().map(SharedReadsTest::about).toList();
    }

    private static Acknowledgement about(String job) {
        return new Acknowledgement(
                new CardTopic(CardTopic.Kind.FLAG, job, null),
                "Practitioner/1",
                null,
                Feedback.Outcome.ACCEPTED,
                Instant.EPOCH);
    }
}
