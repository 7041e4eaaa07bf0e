package io.bloodnet.hl7.orderin;

import static io.bloodnet.hl7.RawPeer.field;
import static io.bloodnet.hl7.RawPeer.msa;
import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.hl7.FakeOrderInbox;
import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.hl7.mllp.Peer;
import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.imaging.order.Priority;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages as hospitals send them, byte for byte (made by hand from public trouble reports of other systems), and their siblings. */
class FieldMessagesTest {

    private static final Instant NOW = Instant.parse("2026-11-29T18:00:00Z");

    private final FakeOrderInbox inbox = new FakeOrderInbox();

    static byte[] bytes(String name) {
        try (InputStream in = FieldMessagesTest.class.getResourceAsStream("/field/" + name + ".hl7")) {
            return Objects.requireNonNull(in, name).readAllBytes();
        } catch (IOException e) {
            throw new AssertionError(name, e);
        }
    }

    private static byte[] replaced(String name, String from, String to) {
        String text = new String(bytes(name), StandardCharsets.ISO_8859_1);
        assertThat(text).contains(from);
        return text.replace(from, to).getBytes(StandardCharsets.ISO_8859_1);
    }

    /** A report with this OBR-25 and one observation with this OBX-11. */
    private static byte[] with(String report, String observation) {
        String text = new String(bytes("06D-obx11"), StandardCharsets.ISO_8859_1);
        return text.replace("|||C\r", "|||" + report + "\r")
                .replace("||||||D", "||||||" + observation)
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    private String ask(byte[] message) {
        List<byte[]> replies = new OrderReceiver(inbox, Hl7Config.Site.defaults(), InstantSource.fixed(NOW))
                .open(new Peer("127.0.0.1", List.of()))
                .answer(message);
        assertThat(replies).hasSize(1);
        return new String(replies.getFirst(), StandardCharsets.UTF_8);
    }

    private List<String> answers(byte[] message) {
        return Arrays.stream(ask(message).split("\r"))
                .filter(s -> s.startsWith("MSA"))
                .map(s -> field(s, "MSA", 1) + " " + field(s, "MSA", 2))
                .toList();
    }

    private ImagingOrder placed(byte[] message) {
        assertThat(msa(ask(message))).startsWith("AA");
        assertThat(inbox.events()).hasSize(1);
        OrderEvent.Placed placed = (OrderEvent.Placed) inbox.events().getFirst();
        assertThat(placed.hold()).isNull();
        return placed.order();
    }

    private List<OrderEvent.HumanReport> reports(byte[] message) {
        assertThat(msa(ask(message))).startsWith("AA");
        return inbox.events().stream().map(OrderEvent.HumanReport.class::cast).toList();
    }

    private static String placer(OrderEvent.HumanReport report) {
        return Objects.requireNonNull(report.key().placerNumber());
    }

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

    // ---- 05: observations belong to their OBR

    @Test
    void each_report_says_what_stands_under_its_own_obr() {
        List<OrderEvent.HumanReport> reports = reports(bytes("05a-oru-two-obr"));
        assertThat(reports).extracting(FieldMessagesTest::placer).containsExactly("P05a", "P05b");
        assertThat(reports).extracting(OrderEvent.HumanReport::saysHemorrhage).containsExactly(false, true);
    }

    @Test
    void one_study_s_report_says_nothing_of_another_s() {
        List<OrderEvent.HumanReport> reports = reports(bytes("05c-oru-chest-and-head"));
        assertThat(reports).extracting(FieldMessagesTest::placer).containsExactly("P05a", "P05d");
        assertThat(reports).extracting(OrderEvent.HumanReport::saysHemorrhage).containsExactly(null, true);
    }

    @Test
    void a_chest_report_of_the_same_accession_says_nothing_of_the_head() {
        String text = new String(bytes("05c-oru-chest-and-head"), StandardCharsets.ISO_8859_1);
        int second = text.indexOf("OBR|2");
        String chest = text.substring(0, second)
                + text.substring(second)
                        .replace("CTHEADWO^CT HEAD WO CONTRAST^L^30799-1^CT Head WO contrast^LN", "CTCHEST^CT CHEST^L")
                        .replace("A05d", "A05a");
        assertThat(msa(ask(chest.getBytes(StandardCharsets.ISO_8859_1)))).isEqualTo("AA C05c");
        assertThat(inbox.events()).hasSize(2);
        assertThat(((OrderEvent.HumanReport) inbox.events().getFirst()).saysHemorrhage())
                .isNull();
        assertThat(inbox.events().getLast()).isInstanceOf(OrderEvent.NotForUs.class);
    }

    @Test
    void several_obr_on_one_study_are_one_report_and_a_yes_outweighs_a_no() {
        byte[] message = new String(bytes("05a-oru-two-obr"), StandardCharsets.ISO_8859_1)
                .replace("P05b", "P05a")
                .replace("A05b", "A05a")
                .getBytes(StandardCharsets.ISO_8859_1);
        assertThat(reports(message))
                .singleElement()
                .satisfies(r -> assertThat(r.saysHemorrhage()).isTrue());
    }

    @Test
    void a_part_of_a_report_that_is_not_final_says_nothing_beside_one_that_is() {
        String text = new String(bytes("05a-oru-two-obr"), StandardCharsets.ISO_8859_1)
                .replace("P05b", "P05a")
                .replace("A05b", "A05a");
        int second = text.lastIndexOf("|||F");
        int of = text.lastIndexOf("20261129115500|||F") + "20261129115500|||".length();
        assertThat(second).isPositive();
        String preliminary = text.substring(0, of) + "P" + text.substring(of + 1);
        assertThat(reports(preliminary.getBytes(StandardCharsets.ISO_8859_1)))
                .singleElement()
                .satisfies(r -> {
                    assertThat(r.status()).isEqualTo("F");
                    assertThat(r.saysHemorrhage()).isFalse();
                });
    }

    @Test
    void an_obr_without_orc_does_not_take_the_numbers_of_the_one_before_it() {
        byte[] message = replaced("05a-oru-two-obr", "ORC|RE|P05b^RIS|A05b^RIS\r", "");
        assertThat(reports(message)).extracting(FieldMessagesTest::placer).containsExactly("P05a", "P05b");
    }

    @Test
    void several_patients_in_a_report_message_are_told_apart() {
        byte[] message = replaced(
                "05a-oru-two-obr",
                "ORC|RE|P05b^RIS",
                "PID|2||M0502^^^HOSP^MR||Other^Person||19900101|M\rORC|RE|P05b^RIS");
        List<OrderEvent.HumanReport> reports = reports(message);
        assertThat(reports).extracting(OrderEvent.HumanReport::saysHemorrhage).containsExactly(false, true);
        assertThat(reports)
                .extracting(r -> Objects.requireNonNull(r.key().patient()).value())
                .containsExactly("M0501", "M0502");
    }

    // ---- 06: what is no answer

    @ParameterizedTest
    @CsvSource({"06D-obx11,W", "06N-obx11,C", "06W-obx11,W"})
    void a_deleted_a_not_asked_and_a_wrong_observation_are_no_answer(String file, String status) {
        assertThat(reports(bytes(file))).singleElement().satisfies(r -> {
            assertThat(r.status()).isEqualTo(status);
            assertThat(r.saysHemorrhage()).isNull();
        });
    }

    @ParameterizedTest
    @CsvSource({"W,F", "D,F", "X,F", "W,''", "X,W", "F,W", "F,D", "C,X"})
    void a_report_that_is_taken_back_as_a_whole_or_with_all_it_observed_says_so(String report, String observation) {
        byte[] message = with(report, observation);
        assertThat(reports(message)).singleElement().satisfies(r -> {
            assertThat(r.status()).isEqualTo("W");
            assertThat(r.saysHemorrhage()).isNull();
        });
    }

    @ParameterizedTest
    @CsvSource({"F,P,F", "F,R,F", "C,'',C", "P,D,P", "R,W,R"})
    void what_is_not_final_yet_takes_nothing_back(String report, String observation, String status) {
        byte[] message = with(report, observation);
        assertThat(reports(message))
                .singleElement()
                .satisfies(r -> assertThat(r.status()).isEqualTo(status));
    }

    @Test
    void a_report_of_which_one_observation_is_taken_back_and_another_stands_stands() {
        byte[] message = replaced("06D-obx11", "\rOBX|", "\rOBX|9|TX|18782-3^^LN||Read by a person||||||F\rOBX|");
        assertThat(reports(message)).singleElement().satisfies(r -> {
            assertThat(r.status()).isEqualTo("C");
            assertThat(r.saysHemorrhage()).isNull();
        });
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "F,true", "C,true", "U,true", "A,true", "B,true", "V,true", "I,-", "O,-", "P,-", "R,-", "S,-", "X,-",
                "'',-", "Q,-"
            })
    void only_a_final_observation_is_an_answer(String status, Boolean says) {
        assertThat(reports(replaced("06D-obx11", "||||||D", "||||||" + status)))
                .singleElement()
                .satisfies(r -> assertThat(r.saysHemorrhage()).isEqualTo(says));
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

    // ---- 10: one patient, said several times

    @ParameterizedTest
    @ValueSource(strings = {"10a-pid3-twice", "10b-pid3-same-no-type"})
    void an_identifier_said_twice_is_one(String file) {
        ImagingOrder order = placed(bytes(file));
        assertThat(order.patient().id().value()).isEqualTo("M1001");
        assertThat(order.patient().id().assigner()).isEqualTo("HOSP");
    }

    @ParameterizedTest
    @CsvSource({
        "M1001^^^HOSP~M1001,true",
        "M1001~M1001~M1001^^^HOSP^PI,true",
        "M1001^^^HOSP&1.2.3&ISO^MR~M1001^^^HOSP^MR~M1001^^^&1.2.3&ISO^MR,true",
        "M1001^^^HOSP^MR~A77^^^HOSP^AN~V88^^^HOSP^VN,true",
        "M1001^^^HOSP^MR~M1001^^^OTHER^MR,false",
        "M1001^^^HOSP^MR~M1002^^^HOSP^MR,false",
        "M1001^^^HOSP^AN,false",
        "M1001^^^HOSP^VN~M1001^^^HOSP^AN,false"
    })
    void what_could_be_several_patients_or_is_an_account_is_held(String pid3, boolean clear) {
        assertThat(msa(ask(replaced("10a-pid3-twice", "M1001^^^HOSP^MR~M1001^^^HOSP^MR", pid3))))
                .isEqualTo("AA C10a");
        assertThat(inbox.events()).singleElement().isInstanceOfSatisfying(OrderEvent.Placed.class, p -> {
            assertThat(p.hold() == null).isEqualTo(clear);
            assertThat(p.order().patient().id().value()).isEqualTo("M1001");
        });
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "M0601^^^HOSP^MR~M0999^^^HOSP^MR,M0601,M0999",
                "M0999^^^HOSP^MR~M0601^^^HOSP^MR,M0999,M0601",
                "M0601^^^HOSP^MR~M0601^^^OTHER^MR,M0601,-",
                "M0601^^^HOSP^MR~M0999^^^OTHER^MR,M0601,-",
                "M0601^^^HOSP^MR~9^^^HOSP^PI,M0601,-",
                "A5^^^HOSP^AN~M0601^^^HOSP^MR,M0601,-",
                "M0601^^^HOSP^AN,AN^M0601,-",
                "'',-,-"
            })
    void a_report_is_about_all_numbers_of_one_kind_of_its_patient(String pid3, String first, String second) {
        assertThat(reports(replaced("06D-obx11", "M0601^^^HOSP^MR", pid3)))
                .singleElement()
                .satisfies(report -> {
                    assertThat(report.key().numbers().map(PatientId::value))
                            .containsExactlyElementsOf(Stream.of(first, second)
                                    .filter(Objects::nonNull)
                                    .toList());
                });
    }

    @Test
    void a_report_without_pid_names_nobody() {
        assertThat(reports(replaced("06D-obx11", "PID|1||M0601^^^HOSP^MR||Probe^Pat||19570303|F\r", "")))
                .singleElement()
                .satisfies(report -> assertThat(report.key().patient()).isNull());
    }

    // ---- 11: coded answers

    @Test
    void every_repetition_of_obx_5_is_read() {
        assertThat(reports(bytes("11a-obx5-repeats")))
                .singleElement()
                .satisfies(r -> assertThat(r.saysHemorrhage()).isTrue());
    }

    @Test
    void a_local_code_that_looks_like_one_of_icd_10_says_nothing() {
        assertThat(reports(bytes("11c-obx5-local-code")))
                .singleElement()
                .satisfies(r -> assertThat(r.saysHemorrhage()).isNull());
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "R51^Headache^I10C^1386000^Intracranial hemorrhage^SCT,true",
                "XX^local^L^I61.9^ICH^I10,true",
                "I619^^I10C,true",
                "i61.9^^ICD-10-CM,true",
                "I61.9^^2.16.840.1.113883.6.90,true",
                "1386000^^http://snomed.info/sct,true",
                "I61.9,-",
                "I61.9^^,-",
                "I61.9^^SCT,-",
                "1386000^^I10,-",
                "1386000^^L,-",
                "I62^Iodine^L^I62^Iodine^99XYZ,-",
                "R51^Headache^I10C~R42^Dizziness^I10C,-",
                "R51^^I10C^^^^^^^S06.5^^I10,true"
            })
    void a_code_counts_in_both_triplets_and_only_in_its_own_system(String obx5, Boolean says) {
        byte[] message = replaced("11c-obx5-local-code", "I62^Iodine 62 protocol^L", obx5);
        byte[] finding = new String(message, StandardCharsets.ISO_8859_1)
                .replace("TECH^Protocol used^L", "29308-4^Diagnosis^LN")
                .getBytes(StandardCharsets.ISO_8859_1);
        assertThat(reports(finding))
                .singleElement()
                .satisfies(r -> assertThat(r.saysHemorrhage()).isEqualTo(says));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "CWE,N^^HL70136,false",
                "CWE,Y^^HL70136,true",
                "CWE,N,-",
                "CWE,N^^L,-",
                "CWE,2667000^Absent^SCT,false",
                "CWE,260373001^Detected^SCT,true",
                "CWE,NEG^^HL70078,false",
                "CWE,x^^L^260415000^Not detected^SCT,false",
                "CWE,N^^HL70136~Y^^HL70136,true",
                "ID,N,false",
                "ID,Y,true",
                "ST,N,-",
                "TX,N,-"
            })
    void the_question_for_hemorrhage_is_answered_by_known_codes(String type, String obx5, Boolean says) {
        byte[] message = replaced(
                "11c-obx5-local-code",
                "CWE|TECH^Protocol used^L||I62^Iodine 62 protocol^L",
                type + "|x^local^L^1386000^Intracranial hemorrhage^SCT||" + obx5);
        assertThat(reports(message))
                .singleElement()
                .satisfies(r -> assertThat(r.saysHemorrhage()).isEqualTo(says));
    }

    @ParameterizedTest
    @ValueSource(strings = {"18785-6^Reason for study^LN", "11450-4^Problem list^LN", "x^local^L^11329-0^History^LN"})
    void a_diagnosis_that_was_asked_about_or_known_before_is_not_seen(String obx3) {
        byte[] message = replaced("11a-obx5-repeats", "29308-4^Diagnosis^LN", obx3);
        assertThat(reports(message))
                .singleElement()
                .satisfies(r -> assertThat(r.saysHemorrhage()).isNull());
    }

    // ---- identity: number, namespace, patient

    @Test
    void an_order_s_numbers_keep_who_gave_them() {
        ImagingOrder order =
                placed(replaced("10a-pid3-twice", "ORC|NW|P10a^RIS|A10a^RIS", "ORC|NW|P10a^RIS|A10a^PACS^1.2.3^ISO"));
        assertThat(order.key().placerNamespace()).isEqualTo("RIS");
        assertThat(order.key().fillerNamespace()).isEqualTo("PACS^1.2.3^ISO");
    }

    @ParameterizedTest
    @CsvSource({"ORC|NW|P10a|A10a^RIS,RIS", "ORC|NW||A10a^RIS,RIS", "ORC|NW|P10a^^1.2.3^ISO|A10a^RIS,^1.2.3^ISO"})
    void who_gave_a_number_may_stand_in_orc_or_obr(String orc, String namespace) {
        byte[] message = replaced("10a-pid3-twice", "ORC|NW|P10a^RIS|A10a^RIS", orc);
        assertThat(msa(ask(message))).isEqualTo("AA C10a");
        assertThat(((OrderEvent.Placed) inbox.events().getFirst()).order().key().placerNamespace())
                .isEqualTo(namespace);
    }

    @Test
    void one_number_of_two_systems_in_one_order_is_held() {
        assertThat(msa(ask(replaced("10a-pid3-twice", "ORC|NW|P10a^RIS", "ORC|NW|P10a^EPIC"))))
                .isEqualTo("AA C10a");
        assertThat(((OrderEvent.Placed) inbox.events().getFirst()).hold())
                .isEqualTo("placer numbers disagree: ORC-2, OBR-2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"CA", "DC", "HD", "RL"})
    void a_change_says_whose_order_by_whose_number(String control) {
        byte[] message = replaced("10a-pid3-twice", "ORC|NW|P10a^RIS", "ORC|" + control + "|P10a^LAB");
        byte[] alone = new String(message, StandardCharsets.ISO_8859_1)
                .replaceAll("OBR[^\r]*\r", "")
                .getBytes(StandardCharsets.ISO_8859_1);
        assertThat(msa(ask(alone))).isEqualTo("AA C10a");
        OrderKey key = switch (inbox.events().getFirst()) {
            case OrderEvent.Cancelled(OrderKey k, String reason) -> k;
            case OrderEvent.Held(OrderKey k, String reason) -> k;
            case OrderEvent.Released(OrderKey k) -> k;
            default -> throw new AssertionError("another event");
        };
        assertThat(key.placerNamespace()).isEqualTo("LAB");
        assertThat(key.patient()).isEqualTo(new PatientId("M1001", "HOSP"));
    }

    @Test
    void a_change_without_patient_contradicts_none() {
        byte[] cancel = "MSH|^~\\&|RIS|HOSP|BLOODNET|HOSP|20261129||ORM^O01|A1|P|2.5.1\rORC|CA|P1^RIS\r"
                .getBytes(StandardCharsets.ISO_8859_1);
        assertThat(msa(ask(cancel))).isEqualTo("AA A1");
        assertThat(((OrderEvent.Cancelled) inbox.events().getFirst()).key().patient())
                .isNull();
    }

    @Test
    void a_report_says_whom_it_is_about() {
        assertThat(reports(bytes("11a-obx5-repeats"))).singleElement().satisfies(r -> {
            assertThat(r.key().patient()).isEqualTo(new PatientId("M1101", "HOSP"));
            assertThat(r.key().placerNamespace()).isEqualTo("RIS");
        });
    }
}
