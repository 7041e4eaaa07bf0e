package io.bloodnet.hl7.orderin;

import static io.bloodnet.hl7.RawPeer.msa;
import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.imaging.order.PatientId;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whom and which order a message is about, as hospitals say it. */
class FieldPatientsTest extends FieldMessages {

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
