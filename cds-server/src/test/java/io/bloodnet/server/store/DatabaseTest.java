package io.bloodnet.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseTest {

    @TempDir
    Path folder;

    private String url() {
        return "jdbc:h2:file:" + folder.resolve("bloodnet");
    }

    @Test
    void survives_a_thread_that_is_interrupted_while_it_writes() throws Exception {
        try (Database database = Database.open(url(), "sa", null)) {
            Memo memo = new Memo(database);
            for (int i = 0; i < 20; i++) {
                int n = i;
                Thread writer = Thread.ofVirtual().start(() -> {
                    Thread.currentThread().interrupt();
                    try {
                        memo.put("interrupted-" + n, "x".repeat(900));
                    } catch (RuntimeException e) {
                        assertThat(e)
                                .as("the interrupted writer itself may fail")
                                .isNotNull();
                    }
                });
                writer.join();
                memo.put("after-" + n, "y");
                assertThat(memo.get("after-" + n)).contains("y");
            }
        }
        try (Database again = Database.open(url(), "sa", null)) {
            assertThat(new Memo(again).get("after-19")).contains("y");
        }
    }

    @Test
    void refuses_an_h2_that_delays_writes() {
        assertThatThrownBy(() -> Database.open(url() + ";WRITE_DELAY=500", "sa", null))
                .isInstanceOf(StoreException.class);
    }

    @Test
    void refuses_another_engine_in_words() {
        assertThatThrownBy(() -> Database.open("jdbc:derby:x", "sa", null)).hasMessageContaining("database.url");
    }

    @Test
    void reading_does_not_make_a_database_that_is_not_there() {
        assertThatThrownBy(() -> Database.openForReading(url(), "sa", null)).isInstanceOf(StoreException.class);
    }

    @Test
    void an_exception_of_a_statement_does_not_hold_its_values() {
        try (Database database = Database.open(url(), "sa", null)) {
            assertThatThrownBy(
                            () -> database.read(handle -> handle.createQuery("select * from nowhere where name = :name")
                                    .bind("name", "Canary")
                                    .mapTo(String.class)
                                    .list()))
                    .hasMessageNotContaining("Canary");
        }
    }
}
