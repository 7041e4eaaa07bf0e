package io.bloodnet.fhir.eventin;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.fhir.Samples;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.PatientId;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A radiologist's report, and whether it says that there is hemorrhage: yes, no, or nothing that is coded. */
class HumanReportTest extends EventsFixture {

    private static final String REPORT = """
            {"resourceType":"DiagnosticReport","id":"r1","status":"final","code":{"coding":[{"code":"18748-4"}]},
             "identifier":[{"system":"urn:hosp:report","value":"1"}],"imagingStudy":[{"reference":"ImagingStudy/is1"}],
             "issued":"2026-03-01T11:00:00Z" MORE}""";
    private static final String HEMORRHAGE =
            "\"code\":{\"coding\":[{\"system\":\"http://snomed.info/sct\",\"code\":\"1386000\"}]}";

    @BeforeEach
    void seed() {
        fhir.seed(Samples.imagingStudy("is1", 32));
    }

    /** An event about a report that the EHR holds. */
    private OrderEvent receive(String report) {
        fhir.seed(report);
        assertThat(receiver.receive(
                                "PUT",
                                "/fhir/events/DiagnosticReport/r1",
                                "application/fhir+json",
                                Map.of(),
                                report.getBytes(StandardCharsets.UTF_8))
                        .status())
                .isEqualTo(200);
        return inbox.events.getLast();
    }

    private @Nullable Boolean says(String more) {
        return ((OrderEvent.HumanReport) receive(REPORT.replace("MORE", more))).saysHemorrhage();
    }

    @Test
    void it_is_linked_by_its_study_and_ours_is_not() {
        OrderEvent.HumanReport human = (OrderEvent.HumanReport) receive(REPORT.replace("MORE", ""));
        assertThat(human.status()).isEqualTo("F");
        assertThat(human.key().studyUid().value()).isEqualTo(Samples.STUDY);
        assertThat(human.saysHemorrhage()).isNull();

        assertThat(receive(REPORT.replace("MORE", "")
                        .replace("urn:hosp:report", "urn:bloodnet:report")
                        .replace("final", "preliminary")))
                .isInstanceOf(OrderEvent.NotForUs.class);
    }

    @ParameterizedTest
    @CsvSource({
        "http://snomed.info/sct,1386000,true",
        "urn:hosp:codes,1386000,",
        "http://hl7.org/fhir/sid/icd-10,I61.9,true",
        "http://hl7.org/fhir/sid/icd-10-cm,S06.5X0A,true",
        "http://hl7.org/fhir/sid/icd-10,I63.9,",
        "urn:hosp:codes,I61.9,",
        "http://snomed.info/sct,I61.9,"
    })
    void a_coded_conclusion_is_a_yes(String system, String code, Boolean says) {
        String coding = "{\"system\":\"" + system + "\",\"code\":\"" + code + "\"}";
        assertThat(says(",\"conclusionCode\":[{\"coding\":[" + coding + "]}]")).isEqualTo(says);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "'\"valueBoolean\":false'; false",
                "'\"valueBoolean\":true'; true",
                "'\"valueCodeableConcept\":{\"coding\":[{\"system\":\"http://snomed.info/sct\",\"code\":\"2667000\"}]}'; false",
                "'\"valueCodeableConcept\":{\"coding\":[{\"code\":\"2667000\"}]}';",
                "'\"valueCodeableConcept\":{\"coding\":[{\"system\":\"urn:hosp:codes\",\"code\":\"N\"}]}';",
                "'\"interpretation\":[{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation\",\"code\":\"POS\"}]}]'; true",
                "'\"valueString\":\"no bleed seen\"';"
            })
    void the_coded_answer_of_an_observation_is_read_where_it_lies(String answer, Boolean says) {
        String observation = "{\"resourceType\":\"Observation\",\"id\":\"o1\",\"status\":\"final\"," + HEMORRHAGE + ","
                + answer + "}";
        assertThat(says(",\"contained\":[" + observation + "],\"result\":[{\"reference\":\"#o1\"}]"))
                .as("inside the report")
                .isEqualTo(says);
        fhir.seed(observation);
        assertThat(says(",\"result\":[{\"reference\":\"Observation/none\"},{\"reference\":\"Observation/o1\"}]"))
                .as("in the EHR")
                .isEqualTo(says);
    }

    @Test
    void an_observation_of_something_else_answers_nothing() {
        fhir.seed("{\"resourceType\":\"Observation\",\"id\":\"o2\",\"status\":\"final\",\"valueBoolean\":true,"
                + HEMORRHAGE.replace("1386000", "125605004") + "}");
        assertThat(says(",\"result\":[{\"reference\":\"Observation/o2\"}]")).isNull();
    }

    @Test
    void of_many_observations_a_few_are_read() {
        StringBuilder results = new StringBuilder();
        for (int i = 0; i < 100; i++) {
            results.append(i == 0 ? "" : ",")
                    .append("{\"reference\":\"Observation/n")
                    .append(i)
                    .append("\"}");
        }
        assertThat(says(",\"result\":[" + results + "]")).isNull();
        assertThat(fhir.requests.stream().filter(r -> r.path().startsWith("/fhir/Observation/")))
                .hasSize(10);
    }

    @ParameterizedTest
    @ValueSource(strings = {"entered-in-error", "cancelled", "unknown", "registered", "preliminary"})
    void an_observation_that_is_no_final_answer_is_none(String status) {
        for (String verdict : List.of("true", "false")) {
            String observation = "{\"resourceType\":\"Observation\",\"id\":\"o1\",\"status\":\"" + status + "\","
                    + HEMORRHAGE + ",\"valueBoolean\":" + verdict + "}";
            assertThat(says(",\"contained\":[" + observation + "],\"result\":[{\"reference\":\"#o1\"}]"))
                    .as("inside the report")
                    .isNull();
            fhir.seed(observation);
            assertThat(says(",\"result\":[{\"reference\":\"Observation/o1\"}]"))
                    .as("in the EHR")
                    .isNull();
        }
    }

    @Test
    void a_yes_outweighs_a_no_and_an_observation_of_another_patient_says_nothing() {
        fhir.seed(observation("yes", "true", "Patient/p1"));
        fhir.seed(observation("no", "false", "Patient/p1"));
        fhir.seed(observation("other", "false", "Patient/p9"));
        String subject = ",\"subject\":{\"reference\":\"Patient/p1\"},\"result\":[";
        assertThat(says(subject + "{\"reference\":\"Observation/no\"},{\"reference\":\"Observation/yes\"}]"))
                .isTrue();
        assertThat(says(subject + "{\"reference\":\"Observation/other\"}]")).isNull();
    }

    @Test
    void what_an_unknown_modifier_may_turn_around_says_nothing() {
        String modifier = "\"modifierExtension\":[{\"url\":\"urn:x:not\",\"valueBoolean\":true}],";
        fhir.seed(observation("o1", "false", "Patient/p1").replace("\"status\"", modifier + "\"status\""));
        assertThat(says(",\"result\":[{\"reference\":\"Observation/o1\"}]")).isNull();
        assertThat(receive(REPORT.replace("MORE", "").replace("\"status\"", modifier + "\"status\"")))
                .isInstanceOf(OrderEvent.NotForUs.class);
    }

    @Test
    void the_patient_goes_along_and_arrival_counts_whatever_the_clock_of_the_report_says() {
        fhir.seed(Samples.PATIENT_JSON);
        for (String issued : List.of("1999-01-01T00:00:00Z", "2099-01-01T00:00:00Z")) {
            OrderEvent.HumanReport human = (OrderEvent.HumanReport)
                    receive(REPORT.replace("MORE", "").replace("2026-03-01T11:00:00Z", issued));
            assertThat(human.at()).isEqualTo(Samples.NOW);
            assertThat(human.key().patient().value()).isEqualTo(Samples.MRN);
        }
    }

    @Test
    void a_report_on_another_patient_than_its_study_is_no_word_on_it() {
        fhir.seed(Samples.PATIENT_JSON);
        fhir.seed(Samples.PATIENT_JSON.replace("\"p1\"", "\"p9\"").replace("M00001", "M00009"));
        String report = REPORT.replace("MORE", ",\"subject\":{\"reference\":\"Patient/p9\"}");
        fhir.seed(report);
        assertThat(send(report)).isEqualTo(422);
        assertThat(inbox.events).isEmpty();
    }

    @Test
    void a_report_that_names_nobody_is_no_word() {
        String report = REPORT.replace("MORE", "")
                .replace("\"imagingStudy\":[{\"reference\":\"ImagingStudy/is1\"}],", "")
                .replace("urn:hosp:report\",\"value\":\"1", "urn:dicom:uid\",\"value\":\"urn:oid:" + Samples.STUDY);
        fhir.seed(report);
        assertThat(send(report)).isEqualTo(422);
    }

    @Test
    void of_several_studies_nobody_says_which_one_the_code_is_about() {
        String other = Samples.imagingStudy("is2", 32).replace(Samples.STUDY, Samples.STUDY + ".2");
        fhir.seed(other);
        String coding = "{\"system\":\"http://snomed.info/sct\",\"code\":\"1386000\"}";
        receive(REPORT.replace("MORE", ",\"conclusionCode\":[{\"coding\":[" + coding + "]}]")
                .replace(
                        "{\"reference\":\"ImagingStudy/is1\"}",
                        "{\"reference\":\"ImagingStudy/is1\"},{\"reference\":\"ImagingStudy/is2\"}"));
        assertThat(inbox.events)
                .hasSize(2)
                .allSatisfy(event -> assertThat(((OrderEvent.HumanReport) event).saysHemorrhage())
                        .isNull());
    }

    @Test
    void a_chest_report_under_the_same_accession_number_says_nothing_of_the_head() {
        fhir.seed(Samples.PATIENT_JSON);
        String accession =
                "{\"type\":{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/v2-0203\",\"code\":\"ACSN\"}]},\"value\":\"A00001\"}";
        String chest = REPORT.replace(
                        "MORE",
                        ",\"subject\":{\"reference\":\"Patient/p1\"},\"category\":[{\"coding\":[{\"code\":\"RAD\"}]}]")
                .replace(",\"imagingStudy\":[{\"reference\":\"ImagingStudy/is1\"}]", "")
                .replace("\"identifier\":[", "\"identifier\":[" + accession + ",")
                .replace("{\"code\":\"18748-4\"}", "{\"system\":\"http://loinc.org\",\"code\":\"24627-2\"}");
        assertThat(receive(chest)).isInstanceOf(OrderEvent.NotForUs.class);
        assertThat(receive(chest.replace("24627-2", "30799-1"))).isInstanceOf(OrderEvent.HumanReport.class);
    }

    @Test
    void a_report_entered_in_error_takes_its_word_back() {
        OrderEvent.HumanReport human = (OrderEvent.HumanReport)
                receive(REPORT.replace("MORE", "").replace("\"final\"", "\"entered-in-error\""));
        assertThat(human.status()).isEqualTo("W");
        assertThat(human.saysHemorrhage()).isNull();
        OrderEvent.HumanReport cancelled =
                (OrderEvent.HumanReport) receive(REPORT.replace("MORE", "").replace("\"final\"", "\"cancelled\""));
        assertThat(cancelled.status()).isEqualTo("X");
        assertThat(cancelled.saysHemorrhage()).isNull();
        assertThat(cancelled.report())
                .as("it counts only if this very one was final")
                .isEqualTo("DiagnosticReport/r1");
    }

    private static final String TWIN =
            "{\"use\":\"old\",\"type\":{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/v2-0203\",\"code\":\"MR\"}]},"
                    + "\"system\":\"urn:hosp:mrn\",\"value\":\"TWIN1\"},";

    @Test
    void a_patient_of_two_numbers_in_one_system_is_known_by_both() {
        fhir.seed(Samples.PATIENT_JSON.replace("\"identifier\":[", "\"identifier\":[" + TWIN));
        OrderEvent.HumanReport human =
                (OrderEvent.HumanReport) receive(REPORT.replace("MORE", ",\"subject\":{\"reference\":\"Patient/p1\"}"));
        PatientId other = human.key()
                .numbers()
                .filter(number -> number.value().equals("TWIN1"))
                .findFirst()
                .orElseThrow();
        assertThat(human.key().patient()).as("the one in use comes first").isNotEqualTo(other);
        assertThat(human.key().canBeAbout(other)).isTrue();
        assertThat(human.key().canBeAbout(new PatientId("NOBODY", null))).isFalse();
    }

    private static String observation(String id, String verdict, String subject) {
        return "{\"resourceType\":\"Observation\",\"id\":\"" + id + "\",\"status\":\"final\"," + HEMORRHAGE
                + ",\"subject\":{\"reference\":\"" + subject + "\"},\"valueBoolean\":" + verdict + "}";
    }

    private int send(String report) {
        return receiver.receive(
                        "PUT",
                        "/fhir/events/DiagnosticReport/r1",
                        "application/fhir+json",
                        Map.of(),
                        report.getBytes(StandardCharsets.UTF_8))
                .status();
    }
}
