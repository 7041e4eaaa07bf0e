package io.bloodnet.imaging.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bloodnet.imaging.peer.SecretFile.UnusableSecretException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretFileTest {

    @TempDir
    private Path folder;

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("secret"), text);
    }

    @Test
    void the_first_line_without_blanks_at_its_ends_is_the_secret() throws Exception {
        assertThat(SecretFile.read(file(" s3 cret \r\nnot this\n"))).isEqualTo("s3 cret");
        assertThat(SecretFile.password(file("\n"))).isEmpty();
        assertThat(SecretFile.headers(file("A: b \n\nX-Key:c:d\n")))
                .containsEntry("A", "b")
                .containsEntry("X-Key", "c:d")
                .hasSize(2);
    }

    @Test
    void what_cannot_be_used_is_refused() throws IOException {
        refused(folder.resolve("nowhere"), "cannot be read");
        refused(file("\nsecond line"), "first line is empty");
        refused(file("x".repeat(SecretFile.BYTES_MAX + 1)), "more than 16384 bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"s3cret", ": s3cret", "Na me: s3cret", "Name: s3cret\u0007", "Name: s3crét"})
    void a_line_that_is_no_header_is_refused_and_not_told(String line) throws IOException {
        Path file = file(line);
        assertThatThrownBy(() -> SecretFile.headers(file))
                .isInstanceOf(UnusableSecretException.class)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("s3cr"));
    }

    private static void refused(Path file, String why) {
        assertThatThrownBy(() -> SecretFile.read(file))
                .isInstanceOf(UnusableSecretException.class)
                .hasMessageContaining(why);
    }
}
