package io.bloodnet.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.audit.ledger.KeyFile;
import io.bloodnet.server.config.ConfigFile;
import io.bloodnet.server.config.ServerConfig;
import io.bloodnet.server.store.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code serve --check}: says what is wrong, and leaves everything as it was. */
class StartCheckTest {

    private static final Path BUNDLE = Path.of(System.getProperty("bloodnet.root", ".."), "imaging-inference", "model");

    @TempDir
    Path folder;

    @Test
    void before_the_first_start_all_is_fine_and_nothing_is_made() throws IOException {
        StartCheck.Seen seen = StartCheck.of(config(""), BUNDLE);
        assertThat(seen.problems()).isEmpty();
        assertThat(seen.fine()).anyMatch(line -> line.startsWith("database: none yet"));
        assertThat(files()).isEmpty();
    }

    @Test
    void what_a_server_left_is_looked_at_and_not_touched() throws IOException {
        Database.open(url(), "sa", null).close();
        new KeyFile(folder.resolve("key.pem")).create();
        Map<String, String> before = files();
        StartCheck.Seen seen = StartCheck.of(config(""), BUNDLE);
        assertThat(seen.problems()).isEmpty();
        assertThat(seen.fine()).contains("database: H2 answers");
        assertThat(files()).isEqualTo(before);
    }

    @Test
    void each_part_that_is_wrong_is_named() throws IOException {
        Files.writeString(folder.resolve("key.pem"), "no key");
        Files.writeString(folder.resolve("db.mv.db"), "no database");
        Files.writeString(folder.resolve("token"), "short");
        StartCheck.Seen seen = StartCheck.of(
                config("model: { bundle: \"" + folder + "\" }\nhttp: { token-file: \"" + folder.resolve("token")
                        + "\" }\npacs: { dicomweb-url: \"no url\" }\n"),
                BUNDLE);
        assertThat(seen.problems())
                .extracting(line -> line.substring(0, line.indexOf(':')))
                .containsExactlyInAnyOrder("configuration", "secrets", "audit key", "model", "database");
    }

    @Test
    void a_postgresql_that_is_not_there_is_a_problem() {
        StartCheck.Seen seen = StartCheck.of(
                ConfigFile.parse("database: { url: \"jdbc:postgresql://127.0.0.1:1/none\" }\naudit: { key-file: \""
                        + folder.resolve("key.pem") + "\" }\n"),
                BUNDLE);
        assertThat(seen.problems()).singleElement().asString().startsWith("database: ");
    }

    private ServerConfig config(String more) {
        return ConfigFile.parse("database: { url: \"" + url() + "\" }\naudit: { key-file: \""
                + folder.resolve("key.pem") + "\" }\n" + more);
    }

    private String url() {
        return "jdbc:h2:file:" + folder.resolve("db");
    }

    /** Every file with its size and when it was written. */
    private Map<String, String> files() throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                FileTime written = Files.getLastModifiedTime(file);
                files.put(file.getFileName().toString(), Files.size(file) + " " + written);
            }
        }
        return files;
    }
}
