package io.bloodnet.hl7.orderin;

import static io.bloodnet.hl7.RawPeer.field;
import static io.bloodnet.hl7.RawPeer.msa;
import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.Priority;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Batches, times, frames and groups of messages as hospitals send them. */
class FieldMessagesTest extends FieldMessages {

    // ---- 02, 03: line ends, batches

    @ParameterizedTest
    @CsvSource({"02-batch-crlf,C02a,C02b", "02control-batch-cr,C02c,C02d", "03b-two-batches,C03c,C03d"})
    void each_message_of_a_batch_is_answered_whatever_ends_its_lines(String file, String first, String second) {
        assertThat(answers(bytes(file))).containsExactly("AA " + first, "AA " + second);
        assertThat(inbox.events()).hasSize(2).allSatisfy(e -> assertThat(e).isInstanceOf(OrderEvent.Placed.class));
    }

    @Test
    void a_single_message_may_end_its_lines_with_cr_lf() {
        assertThat(placed(bytes("02x-single-crlf")).patient().id().value()).isEqualTo("M0205");
    }

    @ParameterizedTest
    @ValueSource(strings = {"BTS| 2 ", "BTS|002", "BTS|2|two messages", "BTS|", "BTS"})
    void counts_may_be_padded(String trailer) {
        assertThat(answers(replaced("02-batch-crlf", "BTS|2", trailer))).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"BTS|20", "BTS|two", "BTS|-2", "BTS|3"})
    void a_wrong_count_refuses_the_batch(String trailer) {
        assertThat(answers(replaced("02-batch-crlf", "BTS|2", trailer))).containsExactly("AR ");
        assertThat(inbox.events()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"FTS|2", "FTS|02 ", "FTS", ""})
    void a_file_of_two_batches_is_answered_by_a_file_of_two(String trailer) {
        String reply = ask(replaced("03b-two-batches", "FTS|2", trailer));
        assertThat(reply).startsWith("FHS|^~\\&|").endsWith("FTS|2\r");
        assertThat(reply.split("\r")).filteredOn(s -> s.startsWith("BTS")).containsExactly("BTS|1", "BTS|1");
    }

    @Test
    void messages_may_stand_in_a_file_without_a_batch_around_them() {
        String file = new String(bytes("02control-batch-cr"), StandardCharsets.ISO_8859_1)
                .replace("BHS|", "FHS|")
                .replace("BTS|2", "FTS|1");
        assertThat(answers(file.getBytes(StandardCharsets.ISO_8859_1))).containsExactly("AA C02c", "AA C02d");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {"FTS|2;FTS|3", "BTS|1;NTE|1", "FTS|2;FTS|2/MSH|^~\\&|RIS", "BHS|;FHS|", "FHS|^~\\&|RIS|HOSP;PID|1"
            })
    void a_file_that_is_not_whole_is_refused(String from, String to) {
        assertThat(answers(replaced("03b-two-batches", from, to.replace('/', '\r'))))
                .containsExactly("AR ");
        assertThat(inbox.events()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ORC|", "PV1|"})
    void a_segment_behind_a_line_feed_alone_is_never_read_as_text(String segment) {
        String reply = ask(replaced("10a-pid3-twice", "\r" + segment, "\n" + segment));
        assertThat(msa(reply)).isEqualTo("AR C10a");
        assertThat(reply).contains("not with LF");
        assertThat(inbox.events()).isEmpty();
    }

    @Test
    void a_line_feed_in_a_report_s_text_is_text() {
        byte[] message = replaced("05c-oru-chest-and-head", "No acute finding.", "No acute finding.\nSee\nabove.");
        assertThat(reports(message)).hasSize(2);
    }

    // ---- 04: times

    @Test
    void a_time_without_offset_has_that_of_msh_7() {
        assertThat(placed(bytes("04a-msh7-zone-order")).orderedAt()).isEqualTo(Instant.parse("2026-11-29T12:45:00Z"));
    }

    @Test
    void a_report_s_time_without_offset_has_that_of_msh_7() {
        assertThat(reports(bytes("04b-msh7-zone-report")))
                .singleElement()
                .satisfies(r -> assertThat(r.at()).isEqualTo(Instant.parse("2026-11-29T12:55:00Z")));
    }

    @ParameterizedTest
    @CsvSource({
        "20261129080000.123+0530,2026-11-29T02:15:00Z",
        "202611290800+0000,2026-11-29T07:45:00Z",
        "20261129080000-0000,2026-11-29T07:45:00Z"
    })
    void msh_7_may_be_short_long_and_in_any_zone(String msh7, String ordered) {
        assertThat(placed(replaced("04a-msh7-zone-order", "20261129080000-0500", msh7))
                        .orderedAt())
                .isEqualTo(Instant.parse(ordered));
    }

    @Test
    void an_offset_of_its_own_outweighs_that_of_msh_7() {
        byte[] message = replaced("04a-msh7-zone-order", "20261129074500", "20261129074500+0100");
        assertThat(placed(message).orderedAt()).isEqualTo(Instant.parse("2026-11-29T06:45:00Z"));
    }

    @Test
    void a_report_s_clock_is_never_ahead_of_its_arrival() {
        byte[] message = replaced("05a-oru-two-obr", "20261129115500", "20990101000000");
        assertThat(reports(message)).allSatisfy(r -> assertThat(r.at()).isEqualTo(NOW));
    }

    // ---- 07, 08: frames and groups

    @ParameterizedTest
    @CsvSource({"07a-two-msh,C07a", "07c-oru-then-order,C07e"})
    void two_messages_in_one_frame_are_refused(String file, String id) {
        String reply = ask(bytes(file));
        assertThat(msa(reply)).isEqualTo("AR " + id);
        assertThat(field(reply, "ERR", 3)).startsWith("100");
        assertThat(inbox.events()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"BHS|^~\\&|RIS", "BTS|1", "FHS|^~\\&", "FTS|1", "MSH"})
    void nothing_else_begins_or_ends_inside_a_message(String line) {
        String reply = ask(replaced("10a-pid3-twice", "PV1|1|I", line));
        assertThat(msa(reply)).isEqualTo("AR C10a");
        assertThat(field(reply, "ERR", 3)).startsWith("100");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ORM^O01^ORM_O01", "OMG^O19^OMG_O19", "OMI^O23^OMI_O23"})
    void a_second_patient_in_an_order_message_is_refused(String type) {
        String text = new String(bytes("07a-two-msh"), StandardCharsets.ISO_8859_1);
        String second =
                text.substring(0, text.indexOf("MSH", 3)) + text.substring(text.indexOf("PID", text.indexOf("MSH", 3)));
        String reply = ask(second.replace("ORM^O01^ORM_O01", type).getBytes(StandardCharsets.ISO_8859_1));
        assertThat(msa(reply)).isEqualTo("AR C07a");
        assertThat(field(reply, "ERR", 3)).startsWith("100");
        assertThat(inbox.events()).isEmpty();
    }

    @Test
    void a_second_patient_in_a_demographics_message_is_refused() {
        byte[] adt = ("MSH|^~\\&|RIS|HOSP|BLOODNET|HOSP|20261129||ADT^A08|A1|P|2.5.1\rPID|1||M1^^^HOSP^MR\r"
                        + "PID|2||M2^^^HOSP^MR\r")
                .getBytes(StandardCharsets.ISO_8859_1);
        assertThat(msa(ask(adt))).isEqualTo("AR A1");
        byte[] merge = new String(adt, StandardCharsets.ISO_8859_1)
                .replace("A08", "A40")
                .concat("MRG|OLD^^^HOSP^MR\r")
                .getBytes(StandardCharsets.ISO_8859_1);
        assertThat(msa(ask(merge))).as("the first patient has no MRG").isEqualTo("AR A1");
        assertThat(inbox.events()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"08a-omg-prior-no-orc", "08b-omg-prior-orc-pr"})
    void prior_results_come_along_with_an_order_and_are_none(String file) {
        ImagingOrder order = placed(bytes(file));
        assertThat(order.key().placerNumber()).isEqualTo("P08a");
        assertThat(order.priority()).isEqualTo(Priority.STAT);
        assertThat(order.patientClass()).isEqualTo("E");
    }

    @Test
    void a_prior_result_without_patient_and_orc_is_none_either() {
        byte[] message =
                replaced("08a-omg-prior-no-orc", "PID|1||M0801^^^HOSP^MR||Probe^Pat||19570303|F\rPV1|1|I\r", "");
        assertThat(placed(message).key().placerNumber()).isEqualTo("P08a");
    }

    @Test
    void an_order_behind_the_prior_results_of_another_is_one_of_its_own() {
        String text = new String(bytes("08b-omg-prior-orc-pr"), StandardCharsets.ISO_8859_1);
        String next = "ORC|NW|P08n^RIS|A08n^RIS\rOBR|2|P08n^RIS|A08n^RIS|CTHEADWO||||||||||||||A08n\r";
        assertThat(msa(ask((text + next).getBytes(StandardCharsets.ISO_8859_1))))
                .isEqualTo("AA C08b");
        assertThat(inbox.events()).hasSize(2);
        int prior = text.lastIndexOf("PID|");
        String other = text.substring(0, prior) + text.substring(prior).replace("M0801", "M0999");
        assertThat(msa(ask((other.replace("C08b", "C08x") + next).getBytes(StandardCharsets.ISO_8859_1))))
                .as("behind another patient's results it is not clear whose it is")
                .isEqualTo("AR C08x");
    }

    @Test
    void an_order_without_patient_is_not_placed_under_that_of_its_prior_result() {
        byte[] message = replaced(
                "08a-omg-prior-no-orc", "PID|1||M0801^^^HOSP^MR||Probe^Pat||19570303|F\rPV1|1|E\r", "PV1|1|E\r");
        assertThat(msa(ask(message))).isEqualTo("AR C08a");
    }
}
