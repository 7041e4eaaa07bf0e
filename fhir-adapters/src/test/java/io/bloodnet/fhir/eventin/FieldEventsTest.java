package io.bloodnet.fhir.eventin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bloodnet.fhir.Samples;
import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.imaging.order.OrderEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The inputs of public trouble reports, where a folder with them is named by {@code -Dbloodnet.shared}. */
@EnabledIfSystemProperty(
        named = "bloodnet.shared",
        matches = ".+",
        disabledReason = "no folder with the reported inputs is named")
class FieldEventsTest extends EventsFixture {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PATIENT =
            "{\"resourceType\":\"Patient\",\"id\":\"pat-1\",\"identifier\":[{\"system\":\"urn:hosp:mrn\",\"value\":\"M1\"}]}";

    private static JsonNode file(String name) throws IOException {
        return JSON.readTree(Path.of(System.getProperty("bloodnet.shared"), "field", "hl7-fhir-cds", name)
                .toFile());
    }

    private OrderEvent send(JsonNode resource) {
        String path = "/fhir/events/" + resource.path("resourceType").asText() + "/"
                + resource.path("id").asText();
        byte[] body = resource.toString().getBytes(StandardCharsets.UTF_8);
        assertThat(receiver.receive("PUT", path, "application/fhir+json", Map.of(), body)
                        .status())
                .isEqualTo(200);
        return inbox.events.getLast();
    }

    @Test
    void a_report_whose_observation_was_entered_in_error_gives_no_verdict() throws IOException {
        fhir.seed(PATIENT);
        JsonNode report = file("23-report-with-observation-entered-in-error.json");
        fhir.seed(report.toString());
        assertThat(((OrderEvent.HumanReport) send(report)).saysHemorrhage()).isNull();
    }

    @Test
    void a_replaced_patient_leads_to_the_new_one_and_a_plain_uid_is_read() throws IOException {
        for (JsonNode entry : file("16-patient-replaced.json").path("entry")) {
            fhir.seed(entry.path("resource").toString());
        }
        JsonNode bare = file("15-imagingstudy-plain-uid.json");
        String study = bare.toString()
                .replace(
                        "\"subject\"",
                        "\"procedureCode\":[{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"30799-1\"}]}],\"subject\"");
        fhir.seed(study);
        ImagingOrder order = ((OrderEvent.Placed) send(JSON.readTree(study))).order();
        assertThat(order.key().studyUid().value()).isEqualTo("2.25.101");
        assertThat(order.ehr().patient()).isEqualTo("Patient/pat-1-new");
        assertThat(order.patient().id().value()).isEqualTo("M1");
    }

    @Test
    void one_bad_resource_of_a_page_does_not_end_the_poll() throws IOException {
        fhir.seed(PATIENT);
        for (JsonNode entry : file("27-poison-status-inactive.searchset.json").path("entry")) {
            fhir.seed(
                    entry.path("resource")
                            .toString()
                            .replace(
                                    "\"subject\"",
                                    "\"procedureCode\":[{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"30799-1\"}]}],\"subject\""));
        }
        Instant since = Instant.parse("2026-11-29T08:59:00Z");
        EhrPoller poller = new EhrPoller(config, ehr, inbox, Optional::empty, InstantSource.fixed(Samples.NOW));
        assertThat(poller.pollOnce(since)).isEqualTo(Instant.parse("2026-11-29T09:00:00Z"));
        assertThat(inbox.placed())
                .singleElement()
                .satisfies(placed ->
                        assertThat(placed.order().ehr().imagingStudy()).isEqualTo("ImagingStudy/is-1"));
    }
}
