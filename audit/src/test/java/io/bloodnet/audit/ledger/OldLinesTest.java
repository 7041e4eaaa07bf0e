package io.bloodnet.audit.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.audit.Events;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class OldLinesTest {

    /** The file is never written again: lines of 0.1.0 must be read, and mean the same, for as long as logs are kept. */
    @Test
    void lines_written_by_version_0_1_0_are_still_read() throws Exception {
        List<String> lines;
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(getClass().getResourceAsStream("/lines-0.1.0.ndjson")),
                StandardCharsets.UTF_8))) {
            lines = reader.lines().toList();
        }
        assertThat(lines).hasSize(22);
        for (int i = 0; i < lines.size(); i++) {
            ParsedEntry entry = EntryLine.parse(lines.get(i));
            assertThat(entry)
                    .isEqualTo(
                            new ParsedEntry(i, "node-1", Events.oneOfEachKind().get(i)));
        }
    }
}
