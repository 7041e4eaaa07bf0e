package io.bloodnet.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class RepeatsTest {

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-03-01T03:00:00Z"));
    private final Repeats repeats = new Repeats(now::get);
    private final List<String> log = new ArrayList<>();

    @Test
    void an_hour_without_the_archive_is_a_line_a_minute_with_a_count() {
        for (int second = 0; second < 3_600; second += 2) {
            log("pacs", Level.WARNING, "order " + second + " waits: the archive did not answer in " + second + ".5 s");
            now.updateAndGet(at -> at.plusSeconds(2));
        }
        assertThat(log).hasSize(60);
        assertThat(log.get(1)).endsWith("(29 more like it since the last such line)");
    }

    @Test
    void other_troubles_other_places_and_what_is_no_trouble_are_told_at_once() {
        log("pacs", Level.WARNING, "the archive is away");
        log("pacs", Level.WARNING, "the archive refuses us");
        log("ehr", Level.WARNING, "the archive is away");
        log("pacs", Level.SEVERE, "the archive is away");
        log("pacs", Level.INFO, "an order");
        log("pacs", Level.INFO, "an order");
        assertThat(log).hasSize(6);
    }

    @Test
    void identifiers_make_no_other_trouble() {
        log("jobs", Level.WARNING, "job 7f53673a-1b2c-4d5e-8f90-123456789abc failed");
        log("jobs", Level.WARNING, "job 0139458a-1b2c-4d5e-8f90-cba987654321 failed");
        assertThat(log).hasSize(1);
    }

    @Test
    void a_clock_that_is_set_back_hides_nothing_for_long() {
        log("pacs", Level.WARNING, "the archive is away");
        now.updateAndGet(at -> at.minus(Duration.ofHours(1)));
        log("pacs", Level.WARNING, "the archive is away");
        assertThat(log).hasSize(2);
    }

    private void log(String logger, Level level, String message) {
        LogRecord record = new LogRecord(level, message);
        record.setLoggerName(logger);
        if (repeats.isLoggable(record)) {
            log.add(record.getMessage());
        }
    }
}
