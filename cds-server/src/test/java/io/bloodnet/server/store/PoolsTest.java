package io.bloodnet.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pages and workers that use up their connections leave what comes in alone. */
class PoolsTest {

    @TempDir
    Path folder;

    @Test
    void intake_commits_while_every_connection_of_the_pages_hangs() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        CountDownLatch hanging = new CountDownLatch(Database.READERS_MAX);
        List<Thread> readers = new ArrayList<>();
        try (Database database = Database.open("jdbc:h2:file:" + folder.resolve("pools"), "sa", null);
                Database pages = database.beside("pages", Database.READERS_MAX)) {
            for (int i = 0; i < Database.READERS_MAX; i++) {
                readers.add(Thread.ofVirtual()
                        .start(() -> pages.read(handle -> {
                            hanging.countDown();
                            awaitQuietly(over);
                            return true;
                        })));
            }
            hanging.await();
            assertThat(pages.connectionsInUse()).isEqualTo(Database.READERS_MAX);
            long begin = System.nanoTime();
            new Memo(database).put("message", "durable");
            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .as("less than anybody waits for a connection")
                    .isLessThan(Duration.ofMillis(Database.POOL_WAIT_MS));
            over.countDown();
            for (Thread reader : readers) {
                reader.join();
            }
            assertThat(new Memo(pages).get("message")).contains("durable");
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
