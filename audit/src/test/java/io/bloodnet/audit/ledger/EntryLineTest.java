package io.bloodnet.audit.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.Events;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class EntryLineTest {

    @Test
    void reads_back_what_it_wrote_for_every_kind_of_event() {
        List<AuditEvent> events = Events.oneOfEachKind();
        assertThat(events.stream().map(AuditEvent::getClass).distinct().count())
                .as("kinds in the list")
                .isEqualTo(AuditEvent.class.getPermittedSubclasses().length);
        for (AuditEvent event : events) {
            String line = EntryLine.at(7, EntryLine.body("node-1", event));
            assertThat(line).doesNotContain("\n");
            assertThat(EntryLine.parse(line)).isEqualTo(new ParsedEntry(7, "node-1", event));
        }
    }

    @Test
    void writes_the_line_that_the_format_page_shows() {
        String line = EntryLine.at(0, EntryLine.body("node-1", Events.numbered(1)));
        assertThat(line)
                .isEqualTo("{\"seq\":0,\"node\":\"node-1\",\"event\":{\"type\":\"JobStateChanged\","
                        + "\"at\":\"2026-11-23T10:15:31.123456Z\",\"about\":{\"jobId\":\"job-1\",\"studyUid\":\"1.2.840.1\","
                        + "\"patientId\":\"PAT-1\"},\"outcome\":\"SUCCESS\",\"from\":\"ANALYZING\",\"to\":\"DELIVERING\",\"reason\":\"number"
                        + " 1\"}}");
    }

    @Test
    void fields_of_an_event_are_those_that_are_read_from_its_line() {
        for (AuditEvent event : Events.oneOfEachKind()) {
            String line = EntryLine.at(12, EntryLine.body("node-1", event));
            assertThat(LineFields.of(line)).isEqualTo(LineFields.of(12, event));
        }
    }

    @Test
    void reads_every_way_in_which_a_time_is_written() {
        for (String time : List.of(
                "2026-11-23T10:15:31Z",
                "2026-11-23T10:15:31.120Z",
                "2026-11-23T10:15:31.120300Z",
                "2026-11-23T10:15:31.12Z",
                "2026-11-23T10:15:31.120300400Z",
                "+12026-11-23T10:15:31Z",
                "1969-12-31T23:59:59.999999Z")) {
            assertThat(LineFields.of(lineAt(time)).happenedAt()).isEqualTo(Instant.parse(time));
        }
        for (String time : List.of("", "Z", "2026-11-23T10:15:3xZ", "2026-13-23T10:15:31Z", "2026-11-23 10:15:31Z")) {
            assertThatExceptionOfType(MalformedNoteException.class).isThrownBy(() -> LineFields.of(lineAt(time)));
        }
    }

    private static String lineAt(String time) {
        return "{\"seq\":1,\"node\":\"n\",\"event\":{\"type\":\"T\",\"at\":\"" + time + "\",\"outcome\":\"SUCCESS\"}}";
    }

    @Test
    void tells_the_line_of_a_place_from_those_of_others() {
        for (long seq : new long[] {0, 9, 10, 99, 100, 999_999_999_999_999L, Long.MAX_VALUE - 1}) {
            byte[] line = ("xx{\"seq\":" + seq + ",\"node\"").getBytes(StandardCharsets.US_ASCII);
            assertThat(EntryLine.hasSeq(line, 2, line.length - 2, seq))
                    .as("%d", seq)
                    .isTrue();
            assertThat(EntryLine.hasSeq(line, 2, line.length - 2, seq + 1)).isFalse();
            assertThat(EntryLine.hasSeq(line, 2, line.length - 2, seq * 10 & Long.MAX_VALUE))
                    .isEqualTo(seq == 0);
            assertThat(EntryLine.hasSeq(line, 2, 8, seq)).as("cut off").isFalse();
        }
        byte[] padded = "{\"seq\":07,".getBytes(StandardCharsets.US_ASCII);
        assertThat(EntryLine.hasSeq(padded, 0, padded.length, 7)).isFalse();
    }

    @Test
    void refuses_what_is_not_an_entry() {
        for (String line : List.of(
                "", "{}", "[]", "null", "{\"seq\":1}", "{\"seq\":1,\"node\":\"n\",\"event\":{\"type\":\"Nope\"}}")) {
            assertThatExceptionOfType(MalformedNoteException.class).isThrownBy(() -> EntryLine.parse(line));
        }
    }
}
