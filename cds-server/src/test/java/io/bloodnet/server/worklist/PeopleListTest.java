package io.bloodnet.server.worklist;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.server.worklist.PeopleList.Rows;
import org.junit.jupiter.api.Test;

/** What a page is told: once everything, then what changed; patients for those who may see them only. */
class PeopleListTest {

    private static Rows rows(long number, Rows before, String items) {
        return Rows.of(
                new WorklistFeed.Reading(number, "{\"items\":[" + items + "],\"counts\":{\"FAILED\":1}}"), before);
    }

    private static String row(String id, String state) {
        return "{\"jobId\":\"" + id + "\",\"state\":\"" + state + "\",\"patient\":{\"name\":\"Marker\"}}";
    }

    @Test
    void a_page_is_told_what_changed_and_what_is_gone() {
        Rows first = rows(1, Rows.none(), row("a", "FAILED") + "," + row("b", "ANALYZING"));
        Rows second = rows(2, first, row("b", "DELIVERING") + "," + row("c", "ANALYZING"));
        assertThat(first.since(null, false))
                .isEqualTo(
                        "{\"changed\":[{\"jobId\":\"a\",\"state\":\"FAILED\"},{\"jobId\":\"b\",\"state\":\"ANALYZING\"}],"
                                + "\"gone\":[],\"counts\":{\"FAILED\":1}}");
        assertThat(second.since(first, false))
                .isEqualTo(
                        "{\"changed\":[{\"jobId\":\"b\",\"state\":\"DELIVERING\"},{\"jobId\":\"c\",\"state\":\"ANALYZING\"}],"
                                + "\"gone\":[\"a\"],\"counts\":{\"FAILED\":1}}");
        assertThat(second.since(second, true)).isEqualTo("{\"changed\":[],\"gone\":[],\"counts\":{\"FAILED\":1}}");
    }

    @Test
    void patients_are_in_the_rows_for_those_who_may_see_them_only() {
        Rows rows = rows(1, Rows.none(), row("a", "FAILED"));
        assertThat(rows.since(null, true)).contains("Marker");
        assertThat(rows.since(null, false)).doesNotContain("Marker", "patient");
    }
}
