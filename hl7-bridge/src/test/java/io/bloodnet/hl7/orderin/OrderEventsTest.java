package io.bloodnet.hl7.orderin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bloodnet.hl7.Hl7Config;
import io.bloodnet.hl7.Messages;
import io.bloodnet.hl7.er7.MessageRefusedException;
import io.bloodnet.hl7.mllp.Peer;
import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.imaging.order.Priority;
import io.bloodnet.imaging.order.StudyUid;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Fields with their fallbacks, and what order control codes mean. */
class OrderEventsTest {

    private static final Instant RECEIVED = Instant.parse("2026-11-23T12:30:00Z");
    private static final Peer PEER = new Peer("127.0.0.1", List.of());
    private static final String OBR = Messages.obr(Messages.HEAD_CT);

    private static Hl7Config.Site site(@Nullable String authority) {
        return new Hl7Config.Site(
                "BLOODNET",
                "HOSP",
                Set.of("CTHEADWO", "SITE9"),
                List.of(),
                StandardCharsets.UTF_8,
                authority,
                ZoneOffset.UTC,
                EnumSet.of(
                        Hl7Config.AccessionField.IPC_1,
                        Hl7Config.AccessionField.OBR_18,
                        Hl7Config.AccessionField.ORC_3),
                false);
    }

    private static List<OrderEvent> read(byte[] message) {
        return read(site(null), message);
    }

    private static List<OrderEvent> read(Hl7Config.Site site, byte[] message) {
        return new Interpreter(site)
                .interpret(Envelope.open(message), PEER, RECEIVED)
                .events();
    }

    private static List<OrderEvent> orm(String... segments) {
        String[] all = new String[segments.length + 1];
        all[0] = Messages.msh("ORM^O01", "2.5.1", "1");
        System.arraycopy(segments, 0, all, 1, segments.length);
        return read(Messages.bytes(all));
    }

    private static ImagingOrder placed(List<OrderEvent> events) {
        assertThat(events).hasSize(1);
        OrderEvent.Placed placed = (OrderEvent.Placed) events.getFirst();
        assertThat(placed.hold()).isNull();
        return placed.order();
    }

    private static @Nullable String hold(List<OrderEvent> events) {
        return ((OrderEvent.Placed) events.getFirst()).hold();
    }

    // ---- fields

    @Test
    void reads_a_2_3_1_order_with_zds() {
        ImagingOrder order = placed(read(Messages.orm("1")));
        assertThat(order.key().studyUid()).isEqualTo(new StudyUid(Messages.STUDY));
        assertThat(order.key().accession()).isEqualTo(new AccessionNumber("A1"));
        assertThat(order.key().placerNumber()).isEqualTo("P1");
        assertThat(order.key().fillerNumber()).isEqualTo("A1");
        assertThat(order.patient().id()).isEqualTo(new PatientId("M0001", "HOSP"));
        assertThat(order.patient().familyName()).isEqualTo("Probe");
        assertThat(order.patient().birthDate()).isEqualTo(LocalDate.of(1957, 3, 3));
        assertThat(order.patient().sex()).isEqualTo(Patient.Sex.FEMALE);
        assertThat(order.patientClass()).isEqualTo("E");
        assertThat(order.visitNumber()).isEqualTo("V1");
        assertThat(order.priority()).isEqualTo(Priority.STAT);
        assertThat(order.procedure().codings()).hasSize(2);
        assertThat(order.production()).isTrue();
        assertThat(order.origin().sender()).isEqualTo("RIS|HOSP");
    }

    @Test
    void reads_a_2_5_1_imaging_order_with_ipc() {
        ImagingOrder order = placed(read(Messages.omi("1")));
        assertThat(order.key().studyUid()).isEqualTo(new StudyUid(Messages.STUDY));
        assertThat(order.key().accession()).isEqualTo(new AccessionNumber("A1"));
        assertThat(order.priority()).isEqualTo(Priority.URGENT);
        assertThat(order.patientClass()).isEqualTo("I");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            nullValues = "-",
            value = {
                "TQ1|1||||||||S^STAT;ORC|NW|P1|A1;STAT",
                "TQ1|1||||||||TS5;ORC|NW|P1|A1;STAT",
                "TQ1|1||||||||A;ORC|NW|P1|A1||||^^^^^S;URGENT",
                "NTE|1;ORC|NW|P1|A1||||^^^^^S;STAT",
                "NTE|1;ORC|NW|P1|A1||||^^^^^R;ROUTINE",
                "NTE|1;ORC|NW|P1|A1;ROUTINE"
            })
    void takes_the_priority_from_tq1_then_orc_7(String tq1, String orc, Priority expected) {
        assertThat(placed(orm(Messages.PID, orc, tq1, "OBR|1|||" + Messages.HEAD_CT))
                        .priority())
                .isEqualTo(expected);
    }

    @Test
    void takes_the_priority_from_obr_27_last_and_from_the_emergency_class_first() {
        assertThat(placed(orm(Messages.PID, "ORC|NW|P1|A1", OBR)).priority()).isEqualTo(Priority.STAT);
        ImagingOrder emergency =
                placed(orm(Messages.PID, "PV1|1|E", "ORC|NW|P1|A1||||^^^^^R", "OBR|1|||" + Messages.HEAD_CT));
        assertThat(emergency.priority()).isEqualTo(Priority.STAT);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "CTHEADWO;true",
                "XX^text^L^30799-1^CT^LN;true",
                "30799-1^CT^LN;true",
                "SITE9;true",
                "CTCHEST^CT CHEST^L;false",
                "XX^CTHEADWO;false"
            })
    void knows_orders_for_us_by_any_coding(String code, boolean forUs) {
        List<OrderEvent> events = orm(Messages.PID, "ORC|NW|P1|A1", "OBR|1|||" + code);
        assertThat(events.getFirst() instanceof OrderEvent.Placed).isEqualTo(forUs);
        assertThat(events.getFirst() instanceof OrderEvent.NotForUs).isEqualTo(!forUs);
    }

    @Test
    void falls_back_to_obr_44_for_the_procedure_and_to_pid_2_for_the_patient() {
        ImagingOrder order = placed(orm("PID|1|OLD7|", "ORC|NW|P1|A1", "OBR|1" + "|".repeat(43) + "CTHEADWO^x^L"));
        assertThat(order.patient().id().value()).isEqualTo("OLD7");
    }

    @Test
    void an_order_that_is_for_training_is_not_production() {
        byte[] training = new String(Messages.orm("1"), StandardCharsets.UTF_8)
                .replace("|P|2.3.1", "|T|2.3.1")
                .getBytes(StandardCharsets.UTF_8);
        assertThat(placed(read(training)).production()).isFalse();
    }

    @Test
    void an_order_s_time_is_orc_9_and_never_in_the_future() {
        assertThat(placed(orm(Messages.PID, "ORC|NW|P1|A1||||||20261123110000", OBR))
                        .orderedAt())
                .isEqualTo(Instant.parse("2026-11-23T11:00:00Z"));
        assertThat(placed(orm(Messages.PID, "ORC|NW|P1|A1||||||20261123110000-0200", OBR))
                        .orderedAt())
                .isEqualTo(RECEIVED);
        assertThat(placed(orm(Messages.PID, "ORC|NW|P1|A1||||||nonsense", OBR)).orderedAt())
                .isEqualTo(RECEIVED);
    }

    // ---- identifiers

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            nullValues = "-",
            value = {
                "X1^^^OTHER^MR~M1^^^HOSP^MR;HOSP;M1",
                "V9^^^HOSP^VN~M1^^^HOSP^MR;HOSP;M1",
                "M1^^^&1.2.3&ISO^MR~X1^^^OTHER^MR;1.2.3;M1",
                "S1^^^GOV^SS~M1^^^HOSP^MR;-;M1",
                "M1;-;M1",
                "M1;HOSP;M1",
                "'S1^^^^SS~M1^^^^MR';HOSP;M1"
            })
    void picks_the_patient_identifier_by_authority_and_type(String pid3, @Nullable String authority, String value) {
        byte[] message = Messages.bytes(Messages.msh("ORM^O01", "2.5.1", "1"), "PID|1||" + pid3, "ORC|NW|P1|A1", OBR);
        List<OrderEvent> events = read(site(authority), message);
        assertThat(placed(events).patient().id().value()).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            nullValues = "-",
            value = {"A1^^^X^MR~B1^^^Y^MR;-", "A1~B1;-", "A1^^^X^MR;HOSP", "A1^^^HOSP^PI~B1^^^HOSP^PT;HOSP"})
    void holds_an_order_whose_patient_is_not_clear(String pid3, @Nullable String authority) {
        byte[] message = Messages.bytes(Messages.msh("ORM^O01", "2.5.1", "1"), "PID|1||" + pid3, "ORC|NW|P1|A1", OBR);
        assertThat(hold(read(site(authority), message))).contains("PID-3").doesNotContain("A1");
    }

    @Test
    void holds_an_order_whose_accession_numbers_disagree() {
        String held = hold(orm(Messages.PID, "ORC|NW|P1|A2", "OBR|1|P1|A2|" + Messages.HEAD_CT + "||||||||||||||A1"));
        assertThat(held).isEqualTo("accession numbers disagree: OBR-18, ORC-3, OBR-3");
        String ipc = hold(read(Messages.bytes(
                Messages.msh("OMI^O23", "2.5.1", "1"),
                Messages.PID,
                "ORC|NW|P1|A1",
                "OBR|1|P1|A1|" + Messages.HEAD_CT,
                "IPC|A9||1.2.3")));
        assertThat(ipc).contains("IPC-1").doesNotContain("A9");
    }

    @Test
    void holds_an_order_whose_study_uids_disagree() {
        String held = hold(read(Messages.bytes(
                Messages.msh("OMI^O23", "2.5.1", "1"),
                Messages.PID,
                "ORC|NW|P1|A1",
                "OBR|1|P1|A1|" + Messages.HEAD_CT,
                "IPC|A1||1.2.3",
                "ZDS|1.2.4^RIS^Application^DICOM")));
        assertThat(held).contains("Study Instance UIDs");
    }

    @Test
    void a_filler_number_too_long_for_an_accession_number_is_only_a_filler_number() {
        ImagingOrder order = placed(
                orm(Messages.PID, "ORC|NW|P1|FILLER-NUMBER-OF-THE-RIS", "OBR|1|||" + Messages.HEAD_CT, "ZDS|1.2.3"));
        assertThat(order.key().accession()).isNull();
        assertThat(order.key().fillerNumber()).isEqualTo("FILLER-NUMBER-OF-THE-RIS");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ORC|NW|P1|A1;OBR|1|||;PID|1||M1;OBR-4",
                "ORC|NW|P1|A1;OBR|1|||CTHEADWO;PID|1;PID-3",
                "ORC|NW|P1|A1;OBR|1|||CTHEADWO;NTE|1;PID",
                "ORC|NW|P1;OBR|1|||CTHEADWO;PID|1||M1;OBR-18",
                "ORC|NW;OBR|1|||CTHEADWO;PID|1||M1;ORC-2",
                "ORC||P1|A1;OBR|1|||CTHEADWO;PID|1||M1;ORC-1",
                "ORC|??|P1|A1;OBR|1|||CTHEADWO;PID|1||M1;ORC-1",
                "ORC|NW|P1|A1;NTE|1;PID|1||M1;OBR",
                "ORC|SC|P1|A1;OBR|1|||CTHEADWO;PID|1||M1;ORC-5",
                "ORC|NW|P1|A1;OBR|1|||CTHEADWO;ZDS|not-a-uid;ZDS-1",
                "ORC|CA;OBR|1;PID|1||M1;ORC-2",
                "NTE|1;NTE|2;PID|1||M1;ORC"
            })
    void refuses_what_cannot_be_an_order_and_says_where(String message) {
        String[] parts = message.split(";");
        String patient = parts[2].startsWith("PID") ? parts[2] : parts[3].equals("PID") ? "NTE|3" : "PID|1||M1";
        assertThatThrownBy(() -> orm(patient, parts[0], parts[1], parts[2].startsWith("PID") ? "NTE|4" : parts[2]))
                .isInstanceOfSatisfying(
                        MessageRefusedException.class,
                        e -> assertThat(e.refusal().location()).isEqualTo(parts[3]));
    }

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
