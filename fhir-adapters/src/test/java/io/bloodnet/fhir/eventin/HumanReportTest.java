package io.bloodnet.fhir.eventin;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.fhir.Samples;
import io.bloodnet.imaging.order.OrderEvent;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    private OrderEvent receive(String report) {
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
        "urn:icd,I61.9,true",
        "urn:icd,S06.5X0A,true",
        "urn:icd,I63.9,"
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
                "'\"valueCodeableConcept\":{\"coding\":[{\"code\":\"2667000\"}]}'; false",
                "'\"interpretation\":[{\"coding\":[{\"code\":\"POS\"}]}]'; true",
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
}
