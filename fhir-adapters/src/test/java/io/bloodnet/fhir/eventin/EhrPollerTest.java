package io.bloodnet.fhir.eventin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bloodnet.audit.testing.RecordingAuditLog;
import io.bloodnet.fhir.FakeInbox;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.MiniFhir;
import io.bloodnet.fhir.MiniHttp;
import io.bloodnet.fhir.Samples;
import io.bloodnet.fhir.ehr.EhrClient;
import io.bloodnet.fhir.ehr.EhrException;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.Origin;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Polling. */
class EhrPollerTest {

    private static final Instant T = Instant.parse("2026-03-01T10:00:00Z");

    private final MiniFhir fhir = new MiniFhir();
    private final Set<String> patients = new HashSet<>(Set.of("Patient/p1"));
    private final FakeInbox inbox = new FakeInbox();
    private final FhirConfig config = FhirConfig.of(fhir.base());
    private final EhrClient ehr = new EhrClient(config, new RecordingAuditLog(), InstantSource.system());
    private final EhrPoller poller =
            new EhrPoller(config, ehr, inbox, () -> Optional.of(patients), InstantSource.fixed(T));

    @AfterEach
    void stop() throws IOException {
        ehr.close();
        fhir.close();
    }

    @Test
    void hands_over_what_changed_since_the_watermark_less_the_overlap() {
        fhir.seed(Samples.PATIENT_JSON);
        fhir.seed(changed(Samples.imagingStudy("is1", 32), "2026-03-01T09:56:00Z"));
        fhir.seed(changed(Samples.imagingStudy("old", 32), "2026-03-01T09:54:59Z"));
        fhir.seed(changed(Samples.ORDER_JSON, "2026-03-01T10:07:00Z"));
        fhir.seed(Samples.imagingStudy("undated", 32));

        assertThat(poller.pollOnce(T)).isEqualTo(Instant.parse("2026-03-01T10:07:00Z"));
        assertThat(inbox.placed()).hasSize(2);
        assertThat(inbox.placed().getFirst().order().origin().channel()).isEqualTo(Origin.Channel.POLL);
        assertThat(inbox.placed().getFirst().order().ehr().imagingStudy()).isEqualTo("ImagingStudy/is1");
        assertThat(inbox.placed().getLast().order().ehr().serviceRequest()).isEqualTo("ServiceRequest/s1");
    }

    @Test
    void the_overlap_hands_nothing_over_twice() {
        fhir.seed(Samples.PATIENT_JSON);
        fhir.seed(changed(Samples.imagingStudy("is1", 32), "2026-03-01T10:01:00Z"));
        Instant next = poller.pollOnce(T);
        poller.pollOnce(next);
        assertThat(inbox.messages).hasSize(1);
    }

    @Test
    void what_means_nothing_does_not_stop_the_rest_and_an_ehr_that_is_away_keeps_the_watermark() throws IOException {
        fhir.seed(Samples.PATIENT_JSON);
        fhir.seed(changed(
                "{\"resourceType\":\"ImagingStudy\",\"id\":\"a\",\"status\":\"available\",\"subject\":{\"reference\":\"Patient/p1\"}}",
                "2026-03-01T10:01:00Z"));
        fhir.seed(changed(Samples.imagingStudy("b", 32), "2026-03-01T10:02:00Z"));
        poller.pollOnce(T);
        assertThat(inbox.events)
                .as("what means nothing is not kept")
                .hasSize(1)
                .allMatch(OrderEvent.Placed.class::isInstance);
        fhir.close();
        assertThatThrownBy(() -> poller.pollOnce(T)).isInstanceOf(EhrException.class);
    }

    @Test
    void orders_are_asked_for_by_code_and_reports_by_category_and_patient() {
        poller.pollOnce(T);
        assertThat(asked("ServiceRequest")).singleElement().asString().contains("code=30799-1%2CCTHEADWO");
        assertThat(asked("DiagnosticReport"))
                .singleElement()
                .asString()
                .contains("category=RAD%2CCT%2CLP29684-5")
                .contains("patient=Patient%2Fp1");
        assertThat(asked("ImagingStudy")).hasSize(1);
    }

    @Test
    void without_orders_under_way_nobodys_reports_are_asked_for() {
        patients.clear();
        poller.pollOnce(T);
        assertThat(asked("DiagnosticReport")).isEmpty();
    }

    @Test
    void a_strangers_report_is_neither_read_nor_kept_though_the_server_passes_over_our_parameters() {
        fhir.seed(Samples.PATIENT_JSON);
        fhir.seed(changed(
                "{\"resourceType\":\"DiagnosticReport\",\"id\":\"r\",\"status\":\"final\",\"code\":{\"text\":\"HIV\"},\"subject\":{\"reference\":\"Patient/p9\"},"
                        + "\"result\":[{\"reference\":\"Observation/o\"}]}",
                "2026-03-01T10:01:00Z"));
        poller.pollOnce(T);
        assertThat(inbox.messages).isEmpty();
        assertThat(fhir.requests)
                .noneMatch(r -> r.path().contains("Patient/p9") || r.path().contains("Observation"));
    }

    @Test
    void a_resource_whose_patient_cannot_be_read_does_not_stop_the_others() {
        fhir.seed(Samples.PATIENT_JSON);
        fhir.seed(Samples.PATIENT_JSON.replace("\"p1\"", "\"p2\"").replace("\"female\"", "\"f\""));
        fhir.seed(changed(Samples.imagingStudy("a", 32).replace("Patient/p1", "Patient/p2"), "2026-03-01T10:01:00Z"));
        fhir.seed(changed(Samples.imagingStudy("b", 32), "2026-03-01T10:02:00Z"));
        assertThat(poller.pollOnce(T)).isEqualTo(Instant.parse("2026-03-01T10:02:00Z"));
        assertThat(inbox.placed()).hasSize(1);
    }

    private List<String> asked(String type) {
        return fhir.requests.stream()
                .filter(r -> r.path().equals("/fhir/" + type))
                .map(MiniHttp.Request::query)
                .toList();
    }

    private static String changed(String json, String at) {
        return json.replaceFirst("\"id\"", "\"meta\":{\"lastUpdated\":\"" + at + "\"},\"id\"");
    }
}
