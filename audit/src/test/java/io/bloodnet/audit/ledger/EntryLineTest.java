package io.bloodnet.audit.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.Events;
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
                        + "\"patientId\":\"PAT-1\"},\"outcome\":\"SUCCESS\",\"from\":\"ANALYZING\",\"to\":\"DELIVERING\","
                        + "\"reason\":\"number 1\"}}");
    }

    @Test
    void refuses_what_is_not_an_entry() {
        for (String line : List.of(
                "", "{}", "[]", "null", "{\"seq\":1}", "{\"seq\":1,\"node\":\"n\",\"event\":{\"type\":\"Nope\"}}")) {
            assertThatExceptionOfType(MalformedNoteException.class).isThrownBy(() -> EntryLine.parse(line));
        }
    }
}
