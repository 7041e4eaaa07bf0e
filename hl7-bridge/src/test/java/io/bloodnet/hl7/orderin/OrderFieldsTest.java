package io.bloodnet.hl7.orderin;

import static io.bloodnet.hl7.orderin.Reading.OBR;
import static io.bloodnet.hl7.orderin.Reading.RECEIVED;
import static io.bloodnet.hl7.orderin.Reading.hold;
import static io.bloodnet.hl7.orderin.Reading.orm;
import static io.bloodnet.hl7.orderin.Reading.placed;
import static io.bloodnet.hl7.orderin.Reading.read;
import static io.bloodnet.hl7.orderin.Reading.site;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bloodnet.hl7.Messages;
import io.bloodnet.hl7.er7.MessageRefusedException;
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
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Fields of an order with their fallbacks, and what finds its patient and images. */
class OrderFieldsTest {

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
    void takes_the_time_of_the_examination_from_obr_36_then_tq1_7() {
        String planned = "OBR|1|||" + Messages.HEAD_CT + "|".repeat(32);
        assertThat(placed(orm(Messages.PID, "ORC|NW|P1|A1", planned + "20261124080000"))
                        .scheduledAt())
                .isEqualTo(Instant.parse("2026-11-24T08:00:00Z"));
        String unplanned = "OBR|1|||" + Messages.HEAD_CT;
        assertThat(placed(orm(Messages.PID, "ORC|NW|P1|A1", "TQ1|1||||||20261125080000", unplanned))
                        .scheduledAt())
                .isEqualTo(Instant.parse("2026-11-25T08:00:00Z"));
        assertThat(placed(orm(Messages.PID, "ORC|NW|P1|A1", unplanned)).scheduledAt())
                .isNull();
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
}
