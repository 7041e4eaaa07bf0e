package io.bloodnet.fhir.resultout;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.fhir.Samples;
import io.bloodnet.imaging.finding.Destination.Outcome;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is filed, and what is kept and audited of it. */
class EhrDestinationTest extends FilingFixture {

    @Test
    void files_one_transaction_under_the_patient_and_order_of_the_ehr() {
        Outcome outcome = destination.deliver(Samples.positive());

        assertThat(outcome).isInstanceOf(Outcome.Delivered.class);
        assertThat(census()).isEqualTo(ONE_POSITIVE);
        ObjectNode report = fhir.all("DiagnosticReport").getFirst();
        assertThat(((Outcome.Delivered) outcome).receipt())
                .isEqualTo("DiagnosticReport/" + report.get("id").asText());
        assertThat(report.at("/subject/reference").asText()).isEqualTo("Patient/p1");
        assertThat(report.at("/basedOn/0/reference").asText()).isEqualTo("ServiceRequest/s1");
        assertThat(report.at("/meta/security/0/code").asText()).isEqualTo("AIAST");
        assertThat(fhir.store.values().toString()).doesNotContain("urn:uuid:");
    }

    @Test
    void sending_the_same_report_again_changes_nothing() {
        destination.deliver(Samples.positive());
        Map<String, String> before = snapshot();

        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(snapshot()).containsExactlyInAnyOrderEntriesOf(before);
    }

    @Test
    void device_and_model_card_are_shared_by_the_reports_of_one_model() {
        destination.deliver(Samples.positive());
        destination.deliver(Samples.notAnalyzed());

        assertThat(fhir.all("Device")).hasSize(1);
        assertThat(fhir.all("DiagnosticReport")).hasSize(2);
    }

    @Test
    void never_writes_over_the_imaging_study_of_the_ehr() {
        fhir.seed(Samples.imagingStudy("is1", 32));
        String before = fhir.store.get("ImagingStudy/is1").toString();

        destination.deliver(Samples.positive());

        assertThat(fhir.all("ImagingStudy")).hasSize(1);
        assertThat(fhir.store.get("ImagingStudy/is1").toString()).isEqualTo(before);
        assertThat(fhir.all("DiagnosticReport")
                        .getFirst()
                        .at("/imagingStudy/0/reference")
                        .asText())
                .isEqualTo("ImagingStudy/is1");
    }

    @Test
    void what_was_filed_is_kept_for_our_own_face() {
        destination.deliver(Samples.positive());
        assertThat(made.all).hasSize(11);
        String report = fhir.all("DiagnosticReport").getFirst().get("id").asText();
        var kept = made.read("DiagnosticReport", report).orElseThrow();
        assertThat(kept.patient()).isEqualTo("Patient/p1");
        assertThat(kept.report()).isEqualTo(Samples.positive().key().identifier());
        assertThat(new String(kept.json(), java.nio.charset.StandardCharsets.UTF_8))
                .doesNotContain("urn:uuid:");
    }

    @Test
    void every_read_is_audited_and_no_url_names_the_patient() {
        destination.deliver(Samples.positive());
        assertThat(audit.events(AuditEvent.EhrRead.class))
                .hasSizeGreaterThanOrEqualTo(5)
                .allSatisfy(e -> {
                    assertThat(e.about().jobId()).isEqualTo("job-1");
                    assertThat(e.what()).doesNotContain(Samples.MRN);
                });
        assertThat(fhir.requests).noneMatch(r -> (r.path() + r.query()).contains(Samples.MRN));
        assertThat(fhir.requests).allMatch(r -> r.headers().containsKey("X-Request-Id"));
    }

    @Test
    void nothing_is_sent_when_the_audit_log_cannot_be_written() {
        audit.setUnavailable(true);
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> destination.deliver(Samples.positive()))
                .isInstanceOf(io.bloodnet.audit.AuditUnavailableException.class);
        assertThat(fhir.all("DiagnosticReport")).isEmpty();
    }
}
