package io.bloodnet.hl7.orderin;

import static io.bloodnet.hl7.orderin.Reading.OBR;
import static io.bloodnet.hl7.orderin.Reading.orm;
import static io.bloodnet.hl7.orderin.Reading.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bloodnet.hl7.Messages;
import io.bloodnet.hl7.er7.MessageRefusedException;
import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.OrderEvent;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What order control codes, patient events and reports mean. */
class OrderControlReaderTest {

    // ---- order control

    @Test
    void cancels_holds_and_releases_by_whatever_names_the_order() {
        assertThat(orm("ORC|CA|P1")).singleElement().isInstanceOf(OrderEvent.Cancelled.class);
        assertThat(orm(Messages.PID, "ORC|DC|P1", OBR)).singleElement().isInstanceOf(OrderEvent.Cancelled.class);
        assertThat(orm("ORC|OC||A1")).singleElement().isInstanceOf(OrderEvent.Cancelled.class);
        assertThat(orm("ORC|OD||A1")).singleElement().isInstanceOf(OrderEvent.Cancelled.class);
        assertThat(orm("ORC|HD||A1")).singleElement().isInstanceOf(OrderEvent.Held.class);
        assertThat(orm("ORC|RL||A1")).singleElement().isInstanceOf(OrderEvent.Released.class);
    }

    @ParameterizedTest
    @CsvSource({
        "CM,ImagesComplete",
        "CA,Cancelled",
        "DC,Cancelled",
        "RP,Cancelled",
        "HD,Held",
        "IP,NotForUs",
        "SC,NotForUs",
        "A,NotForUs",
        "ER,NotForUs"
    })
    void reads_a_status_change_by_orc_5(String status, String event) {
        assertThat(orm("ORC|SC|P1|A1||" + status).getFirst().getClass().getSimpleName())
                .isEqualTo(event);
    }

    @Test
    void updates_an_order_and_cancels_it_when_it_is_no_head_ct_any_more() {
        assertThat(orm(Messages.PID, "ORC|XO|P1|A1", OBR)).singleElement().isInstanceOf(OrderEvent.Updated.class);
        assertThat(orm(Messages.PID, "ORC|XO|P1|A1", Messages.obr(Messages.CHEST_CT)))
                .singleElement()
                .isInstanceOf(OrderEvent.Cancelled.class);
    }

    @Test
    void holds_an_update_whose_fields_disagree() {
        assertThat(orm(Messages.PID, "ORC|XO|P1|A2", OBR))
                .extracting(e -> e.getClass().getSimpleName())
                .containsExactly("Updated", "Held");
    }

    @Test
    void replaces_an_order_by_the_head_ct_among_its_replacements() {
        List<OrderEvent> events = orm(
                Messages.PID,
                "ORC|RP|P0|A0",
                "OBR|1|P0|A0|CTHEADWO",
                "ORC|RO|P2|A2",
                "OBR|1|P2|A2|CTCHEST",
                "ORC|RO|P3|A3",
                "OBR|1|P3|A3|CTHEADWO");
        assertThat(events).singleElement().isInstanceOfSatisfying(OrderEvent.Replaced.class, r -> {
            assertThat(r.old().placerNumber()).isEqualTo("P0");
            assertThat(r.replacement().key().placerNumber()).isEqualTo("P3");
        });
        assertThat(orm(Messages.PID, "ORC|RU|P0|A0", "OBR|1|P0|A0|CTHEADWO", "ORC|RO|P2|A2", "OBR|1|P2|A2|CTCHEST"))
                .singleElement()
                .isInstanceOf(OrderEvent.Cancelled.class);
    }

    @Test
    void holds_a_replacement_whose_fields_disagree() {
        assertThat(orm(Messages.PID, "ORC|RP|P0|A0", "OBR|1|P0|A0|CTHEADWO", "ORC|RO|P3|A4", OBR))
                .singleElement()
                .isInstanceOfSatisfying(
                        OrderEvent.Replaced.class, r -> assertThat(r.hold()).startsWith("accession numbers disagree"));
    }

    @Test
    void several_procedures_of_one_study_are_one_order_and_of_two_studies_two() {
        assertThat(orm(Messages.PID, "ORC|NW|P1|A1", "OBR|1|P1|A1|CTHEADWO", "ORC|NW|P2|A1", "OBR|2|P2|A1|30799-1"))
                .hasSize(1);
        assertThat(orm(Messages.PID, "ORC|NW|P1|A1", "OBR|1|P1|A1|CTHEADWO", "ORC|NW|P2|A2", "OBR|2|P2|A2|30799-1"))
                .hasSize(2);
        assertThat(orm(Messages.PID, "ORC|NW|P1|A1", "OBR|1|P1|A1|CTCHEST", "OBR|2|P1|A1|CTHEADWO"))
                .extracting(e -> e.getClass().getSimpleName())
                .containsExactly("NotForUs", "Placed");
    }

    @Test
    void children_are_orders_and_their_parent_is_not() {
        assertThat(orm(Messages.PID, "ORC|PA|P0|A0", "OBR|1|P0|A0|CTHEADWO", "ORC|CH|P1|A1", "OBR|1|P1|A1|CTHEADWO"))
                .extracting(e -> e.getClass().getSimpleName())
                .containsExactly("NotForUs", "Placed");
    }

    @Test
    void records_answers_and_queries_only() {
        for (String code : List.of("NA", "RE", "SS", "SR", "UC", "OK")) {
            assertThat(orm("ORC|" + code + "|P1|A1")).singleElement().isInstanceOf(OrderEvent.NotForUs.class);
        }
    }

    // ---- patients and reports

    @ParameterizedTest
    @ValueSource(strings = {"A08", "A01", "A03", "A11"})
    void reads_demographics_and_class(String event) {
        List<OrderEvent> events =
                read(Messages.bytes(Messages.msh("ADT^" + event, "2.5.1", "1"), Messages.PID, "PV1|1|E"));
        assertThat(events).singleElement().isInstanceOfSatisfying(OrderEvent.PatientUpdated.class, u -> {
            assertThat(u.patient().id().value()).isEqualTo("M0001");
            assertThat(u.patientClass()).isEqualTo("E");
        });
    }

    @Test
    void reads_merges() {
        List<OrderEvent> events = read(Messages.bytes(
                Messages.msh("ADT^A40^ADT_A39", "2.5.1", "1"),
                "PID|1||NEW1^^^HOSP^MR||Probe^Pat",
                "MRG|OLD1^^^HOSP^MR",
                "PID|2||NEW2^^^HOSP^MR",
                "MRG|V^^^HOSP^VN~OLD2^^^HOSP^MR"));
        assertThat(events).hasSize(2);
        OrderEvent.PatientMerged second = (OrderEvent.PatientMerged) events.get(1);
        assertThat(second.prior().value()).isEqualTo("OLD2");
        assertThat(second.surviving().id().value()).isEqualTo("NEW2");
    }

    @Test
    void refuses_merges_that_name_nobody_clearly() {
        for (String mrg : List.of("MRG|A~B", "MRG|", "NTE|1")) {
            assertThatThrownBy(() ->
                            read(Messages.bytes(Messages.msh("ADT^A40", "2.5.1", "1"), "PID|1||NEW1^^^HOSP^MR", mrg)))
                    .isInstanceOf(MessageRefusedException.class);
        }
    }

    @Test
    void records_adt_events_without_use() {
        assertThat(read(Messages.bytes(Messages.msh("ADT^A04", "2.5.1", "1"), Messages.PID)))
                .singleElement()
                .isInstanceOf(OrderEvent.NotForUs.class);
    }

    @Test
    void reads_that_a_human_has_reported() {
        String obr = "OBR|1|P1|A1|30799-1||||||||||||||A1||||20261123123000+0000|||F";
        List<OrderEvent> coded = read(Messages.bytes(
                Messages.msh("ORU^R01", "2.5.1", "1"),
                Messages.PID,
                obr,
                "OBX|1|TX|x||text||||||F",
                "OBX|2|CWE|x||I61.9^Intracerebral haemorrhage^I10||||||F"));
        assertThat(coded).singleElement().isInstanceOfSatisfying(OrderEvent.HumanReport.class, r -> {
            assertThat(r.status()).isEqualTo("F");
            assertThat(r.at()).isEqualTo(Instant.parse("2026-11-23T12:30:00Z"));
            assertThat(r.saysHemorrhage()).isTrue();
            assertThat(r.key().accession()).isEqualTo(new AccessionNumber("A1"));
        });
        OrderEvent.HumanReport free = (OrderEvent.HumanReport)
                read(Messages.bytes(Messages.msh("ORU^R01", "2.5.1", "1"), obr, "OBX|1|TX|x||no bleeding||||||F"))
                        .getFirst();
        assertThat(free.saysHemorrhage()).isNull();
        OrderEvent.HumanReport no = (OrderEvent.HumanReport) read(Messages.bytes(
                        Messages.msh("ORU^R01", "2.5.1", "1"), obr, "OBX|1|CWE|1386000^ICH^SCT||N^No^HL70136||||||F"))
                .getFirst();
        assertThat(no.saysHemorrhage()).isFalse();
    }

    @Test
    void does_not_take_its_own_results_for_a_human_s() {
        assertThat(read(Messages.bytes(
                        Messages.msh("ORU^R01", "2.5.1", "1").replace("|RIS|", "|BLOODNET|"),
                        Messages.PID,
                        "OBR|1|P1|A1|x|||||||||||||||||||||P")))
                .singleElement()
                .isInstanceOf(OrderEvent.NotForUs.class);
    }
}
