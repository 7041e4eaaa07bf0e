package io.bloodnet.hl7.orderin;

import static io.bloodnet.hl7.RawPeer.msa;
import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.imaging.order.OrderEvent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reports as hospitals send them: what they say of a hemorrhage, and what says nothing. */
class FieldReportsTest extends FieldMessages {

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
}
