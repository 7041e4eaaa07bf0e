package io.bloodnet.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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

    @Test
    void refuses_what_of_h2_is_not_a_file_of_ours() {
        for (String url : new String[] {"jdbc:h2:mem:orders", "jdbc:h2:tcp://localhost/orders", "jdbc:h2:nio:/tmp/x"}) {
            assertThatThrownBy(() -> Database.open(url, "sa", null))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("database.url");
        }
    }

    @Test
    void the_file_and_a_folder_made_for_it_are_for_their_owner_alone() throws Exception {
        Path inner = folder.resolve("made");
        try (Database database = Database.open("jdbc:h2:file:" + inner.resolve("bloodnet"), "sa", null)) {
            assertThat(database.answers()).isTrue();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(inner)))
                    .isEqualTo("rwx------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(inner.resolve("bloodnet.mv.db"))))
                    .isEqualTo("rw-------");
        }
    }
}
