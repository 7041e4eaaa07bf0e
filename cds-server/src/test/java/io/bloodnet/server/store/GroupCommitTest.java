package io.bloodnet.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class GroupCommitTest {

    private static final String FIRST = "first";
    private static final String BAD = "bad";
    private static final String CUT = "cut";

    @TempDir
    Path folder;

    private final List<List<String>> groups = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch firstWorks = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final List<Thread> threads = new ArrayList<>();
    private Database database;
    private GroupCommit<String, String> commits;

    @BeforeEach
    void open() {
        database = Database.open("jdbc:h2:file:" + folder.resolve("bloodnet"), "sa", null);
        commits = new GroupCommit<>(database, this::write);
    }

    @AfterEach
    void close() {
        database.close();
    }

    /** One memo for each item. The item named FIRST holds its group up until the test lets it go on. */
    private List<String> write(Handle handle, List<String> items) {
        groups.add(items);
        for (String item : items) {
            if (item.equals(FIRST)) {
                firstWorks.countDown();
                await(goOn);
            }
            handle.execute("insert into memo (name, text_value) values (?, ?)", item, "x");
            if (item.equals(BAD)) {
                throw new IllegalArgumentException("told to fail");
            }
            if (item.equals(CUT)) {
                cut(handle);
            }
        }
        return items.stream().map(item -> item + " done").toList();
    }

    private static void cut(Handle handle) {
        try {
            handle.getConnection().close();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private CompletableFuture<String> begin(String item) {
        CompletableFuture<String> result = new CompletableFuture<>();
        threads.add(Thread.ofPlatform().start(() -> {
            try {
                result.complete(commits.run(item));
            } catch (RuntimeException e) {
                result.completeExceptionally(e);
            }
        }));
        return result;
    }

    /** Begins the first item, and the others one after the other once it is at work; returns when all of them wait, in this order. */
    private List<CompletableFuture<String>> behindTheFirst(String... items) {
        List<CompletableFuture<String>> results = new ArrayList<>();
        results.add(begin(FIRST));
        await(firstWorks);
        for (String item : items) {
            results.add(begin(item));
            untilItWaits(threads.getLast());
        }
        return results;
    }

    private static void untilItWaits(Thread thread) {
        while (thread.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
    }

    private boolean isWritten(String name) {
        return new Memo(database).get(name).isPresent();
    }

    @Test
    void those_who_wait_together_share_a_transaction() {
        List<CompletableFuture<String>> results = behindTheFirst("a", "b", "c");
        goOn.countDown();
        assertThat(results.stream().map(CompletableFuture::join))
                .containsExactly("first done", "a done", "b done", "c done");
        assertThat(groups).hasSize(2);
        assertThat(groups.getLast()).containsExactlyInAnyOrder("a", "b", "c");
        assertThat(isWritten("a")).isTrue();
    }

    @Test
    void an_item_that_fails_harms_no_other_and_leaves_nothing() {
        List<CompletableFuture<String>> results = behindTheFirst("a", BAD, "c");
        goOn.countDown();
        assertThat(results.get(1).join()).isEqualTo("a done");
        assertThat(results.get(3).join()).isEqualTo("c done");
        assertThatThrownBy(results.get(2)::join).hasRootCauseInstanceOf(IllegalArgumentException.class);
        assertThat(isWritten("a") && isWritten("c")).isTrue();
        assertThat(isWritten(BAD)).isFalse();
    }

    @Test
    void a_commit_that_fails_is_told_to_all_and_done_again_for_nobody() {
        List<CompletableFuture<String>> results = behindTheFirst("a", CUT);
        goOn.countDown();
        assertThat(results.getFirst().join()).isEqualTo("first done");
        assertThatThrownBy(results.get(1)::join).hasCauseInstanceOf(StoreException.class);
        assertThatThrownBy(results.get(2)::join).hasCauseInstanceOf(StoreException.class);
        assertThat(groups).hasSize(2);
        assertThat(commits.run("after")).isEqualTo("after done");
    }

    @Test
    void who_is_interrupted_before_its_turn_leaves_without_effect() {
        List<CompletableFuture<String>> results = behindTheFirst("a", "b");
        threads.get(1).interrupt();
        assertThatThrownBy(results.get(1)::join).hasCauseInstanceOf(StoreException.class);
        goOn.countDown();
        assertThat(results.get(2).join()).isEqualTo("b done");
        assertThat(isWritten("a")).isFalse();
    }

    @Test
    void a_group_has_a_limit_and_the_rest_comes_next() {
        String[] items = new String[GroupCommit.GROUP_MAX + 1];
        for (int i = 0; i < items.length; i++) {
            items[i] = "item " + i;
        }
        List<CompletableFuture<String>> results = behindTheFirst(items);
        goOn.countDown();
        results.forEach(CompletableFuture::join);
        assertThat(groups.stream().map(List::size)).containsExactly(1, GroupCommit.GROUP_MAX, 1);
    }

    @Test
    void refuses_when_too_many_wait() {
        begin(FIRST);
        await(firstWorks);
        List<Thread> waiting = new ArrayList<>();
        for (int i = 0; i < GroupCommit.WAITING_MAX; i++) {
            String item = "item " + i;
            waiting.add(Thread.ofVirtual().start(() -> commits.run(item)));
        }
        waiting.forEach(GroupCommitTest::untilItWaits);
        assertThatThrownBy(() -> commits.run("one more")).isInstanceOf(StoreException.class);
        goOn.countDown();
        waiting.forEach(GroupCommitTest::join);
        assertThat(groups.stream().mapToInt(List::size).sum()).isEqualTo(GroupCommit.WAITING_MAX + 1);
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
