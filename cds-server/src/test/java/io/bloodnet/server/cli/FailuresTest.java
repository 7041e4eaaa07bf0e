package io.bloodnet.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

/** One line for the person at the terminal. */
class FailuresTest {

    @Test
    void says_what_is_wrong_with_a_file_and_not_its_name_alone() {
        assertThat(Failures.sentence(new NoSuchFileException("labels.csv")))
                .isEqualTo("bloodnet: there is no labels.csv");
        assertThat(Failures.sentence(new UncheckedIOException(new AccessDeniedException("key.pem"))))
                .isEqualTo("bloodnet: key.pem may not be read or written");
    }

    @Test
    void takes_the_first_message_of_the_chain_and_one_line_of_it() {
        assertThat(Failures.sentence(new IllegalStateException("", new IllegalArgumentException("port 0\nmore"))))
                .isEqualTo("bloodnet: port 0");
        assertThat(Failures.sentence(new NullPointerException())).isEqualTo("bloodnet: NullPointerException");
    }
}
