package io.bloodnet.fhir.eventin;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.audit.AuditEvent;
import io.bloodnet.fhir.FhirAnswer;
import io.bloodnet.fhir.RefusalLimit;
import io.bloodnet.fhir.Samples;
import io.bloodnet.imaging.order.OrderEvent;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is sent is a hint: what the EHR holds counts, whatever somebody writes. */
class ForgedEventTest extends EventsFixture {

    private static final String FORGED = """
            {"resourceType":"DiagnosticReport","id":"r1","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"18748-4"}]},
             "subject":{"reference":"Patient/p1"},"imagingStudy":[{"reference":"ImagingStudy/is1"}],"result":[{"reference":"#o"}],
             "contained":[{"resourceType":"Observation","id":"o","status":"final","valueBoolean":false,
              "code":{"coding":[{"system":"http://snomed.info/sct","code":"1386000"}]}}]}""";

    @BeforeEach
    void seed() {
        fhir.seed(Samples.PATIENT_JSON);
        fhir.seed(Samples.ORDER_JSON);
        fhir.seed(Samples.imagingStudy("is1", 32));
    }

    @Test
    void a_final_report_that_the_ehr_does_not_have_changes_nothing() {
        assertThat(send("PUT", "/DiagnosticReport/r1", FORGED).status()).isEqualTo(422);
        assertThat(send("POST", "", FORGED).status()).isEqualTo(422);
        assertThat(inbox.events).isEmpty();
        assertThat(inbox.refusals).hasSize(2);
    }

    @Test
    void of_a_report_that_the_ehr_has_its_own_content_counts() {
        fhir.seed(FORGED.replace("\"valueBoolean\":false", "\"valueBoolean\":true"));
        assertThat(send("PUT", "/DiagnosticReport/r1", FORGED).status()).isEqualTo(200);
        assertThat(((OrderEvent.HumanReport) inbox.events.getFirst()).saysHemorrhage())
                .isTrue();
    }

    @Test
    void a_cancellation_that_the_ehr_does_not_know_of_cancels_nothing() {
        assertThat(send("PUT", "/ServiceRequest/s1", Samples.ORDER_JSON.replace("\"active\"", "\"revoked\""))
                        .status())
                .isEqualTo(200);
        assertThat(inbox.events).allMatch(OrderEvent.Placed.class::isInstance);
        assertThat(send(
                                "PUT",
                                "/ServiceRequest/s9",
                                Samples.ORDER_JSON.replace("s1", "s9").replace("\"active\"", "\"revoked\""))
                        .status())
                .isEqualTo(422);
        assertThat(inbox.events).hasSize(1);
    }

    @Test
    void a_resource_that_was_sent_along_with_a_notification_is_a_hint_as_well() {
        fhir.seed(FORGED.replace("\"valueBoolean\":false", "\"valueBoolean\":true"));
        String bundle =
                "{\"resourceType\":\"Bundle\",\"type\":\"history\",\"entry\":[{\"resource\":{\"resourceType\":\"Parameters\",\"parameter\":["
                        + "{\"name\":\"subscription\",\"valueReference\":{\"reference\":\"Subscription/b\"}},{\"name\":\"status\",\"valueCode\":\"active\"},"
                        + "{\"name\":\"type\",\"valueCode\":\"event-notification\"},{\"name\":\"notification-event\",\"part\":[{\"name\":\"event-number\",\"valueString\":\"1\"},"
                        + "{\"name\":\"focus\",\"valueReference\":{\"reference\":\"DiagnosticReport/r1\"}}]}]}},"
                        + "{\"fullUrl\":\"DiagnosticReport/r1\",\"resource\":" + FORGED + "}]}";
        assertThat(send("POST", "", bundle).status()).isEqualTo(200);
        assertThat(((OrderEvent.HumanReport) inbox.events.getFirst()).saysHemorrhage())
                .isTrue();
    }

    @Test
    void a_study_that_the_ehr_does_not_serve_is_an_order_without_its_promises() {
        fhir.store.remove("ImagingStudy/is1");
        assertThat(send("PUT", "/ImagingStudy/is1", Samples.imagingStudy("is1", 9999))
                        .status())
                .isEqualTo(200);
        assertThat(inbox.placed().getFirst().order().expectedInstances()).isNull();
        assertThat(inbox.placed().getFirst().order().patient().id().value()).isEqualTo(Samples.MRN);
    }

    @Test
    void an_imaging_study_may_be_posted_to_the_endpoint_itself_with_or_without_an_id() {
        assertThat(send("POST", "", Samples.imagingStudy("is1", 32)).status()).isEqualTo(200);
        assertThat(inbox.placed().getFirst().order().ehr().imagingStudy()).isEqualTo("ImagingStudy/is1");
        assertThat(send("POST", "", Samples.imagingStudy("x", 32).replace("\"id\":\"x\",", ""))
                        .status())
                .isEqualTo(200);
        assertThat(inbox.placed()).hasSize(2);
        assertThat(inbox.placed().getLast().order().ehr().imagingStudy()).isNull();
    }

    @Test
    void a_study_and_its_order_of_different_patients_wait_for_a_person() {
        fhir.seed(Samples.PATIENT_JSON.replace("\"p1\"", "\"p9\"").replace("M00001", "M00009"));
        fhir.seed(Samples.imagingStudy("is1", 32)
                .replace("Patient/p1", "Patient/p9")
                .replace(
                        "\"numberOfSeries\"",
                        "\"basedOn\":[{\"reference\":\"ServiceRequest/s1\"}],\"numberOfSeries\""));
        send("PUT", "/ImagingStudy/is1", Samples.imagingStudy("is1", 32));
        assertThat(inbox.placed().getFirst().hold()).contains("different patients");
    }

    @Test
    void of_what_is_not_ours_nothing_is_kept_that_it_says() {
        String hiv = FORGED.replace("18748-4", "75622-1")
                .replace(",\"imagingStudy\":[{\"reference\":\"ImagingStudy/is1\"}]", "");
        fhir.seed(hiv);
        assertThat(send("PUT", "/DiagnosticReport/r1", hiv).status()).isEqualTo(200);
        assertThat(inbox.messages.values())
                .singleElement()
                .satisfies(message -> assertThat(new String(message.body(), StandardCharsets.UTF_8))
                        .matches("sha256 [0-9a-f]{64}"));
        assertThat(send("PUT", "/DiagnosticReport/r1", hiv).status())
                .as("known as a repetition")
                .isEqualTo(200);
    }

    @Test
    void placer_and_filler_numbers_keep_who_gave_them() {
        fhir.seed(Samples.ORDER_JSON.replace(
                "\"identifier\":[",
                "\"identifier\":[" + number("PLAC", "urn:oid:1.2.3", "P7") + ","
                        + number("FILL", "urn:hosp:filler", "F7") + ","));
        send("PUT", "/ServiceRequest/s1", Samples.ORDER_JSON);
        assertThat(inbox.placed().getFirst().order().key().placerNumber()).isEqualTo("P7");
        assertThat(inbox.placed().getFirst().order().key().placerNamespace()).isEqualTo("^1.2.3^ISO");
        assertThat(inbox.placed().getFirst().order().key().fillerNamespace()).isEqualTo("^urn:hosp:filler^URI");
    }

    @Test
    void a_record_that_was_replaced_leads_to_the_new_one() {
        fhir.seed(Samples.PATIENT_JSON.replace(
                "\"gender\"",
                "\"link\":[{\"other\":{\"reference\":\"Patient/p2\"},\"type\":\"replaced-by\"}],\"gender\""));
        fhir.seed(Samples.PATIENT_JSON
                .replace("\"p1\"", "\"p2\"")
                .replace(
                        "\"value\":\"M00001\"}]",
                        "\"value\":\"NM1\"},{\"system\":\"urn:hosp:mrn\",\"value\":\"M00001\"}]"));
        send("PUT", "/ImagingStudy/is1", Samples.imagingStudy("is1", 32));
        assertThat(inbox.placed().getFirst().order().ehr().patient()).isEqualTo("Patient/p2");
        assertThat(inbox.placed().getFirst().order().patient().id().value())
                .as("the number that both records have")
                .isEqualTo(Samples.MRN);
    }

    @Test
    void refusals_are_counted_and_not_each_of_them_audited() {
        for (int i = 0; i < 500; i++) {
            assertThat(secured.refusal(Map.of())).isPresent();
        }
        assertThat(audit.events(AuditEvent.AccessRefused.class)).hasSize(RefusalLimit.EACH_MINUTE);
        assertThat(secured.refusal(Map.of("x-secret", "s3cret"))).isEmpty();
    }

    private static String number(String type, String system, String value) {
        return "{\"type\":{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/v2-0203\",\"code\":\"" + type
                + "\"}]},\"system\":\"" + system + "\",\"value\":\"" + value + "\"}";
    }

    private FhirAnswer send(String method, String path, String body) {
        return receiver.receive(
                method,
                "/fhir/events" + path,
                "application/fhir+json",
                Map.of(),
                body.getBytes(StandardCharsets.UTF_8));
    }
}
