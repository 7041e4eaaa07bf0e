package io.bloodnet.fhir.resultout;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.fhir.Samples;
import io.bloodnet.imaging.finding.Destination.Outcome;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What happens to a report after it was filed: signed, withdrawn, corrected. */
class ReportLifeTest extends FilingFixture {

    @Test
    void a_report_that_a_person_signed_is_left_alone() {
        destination.deliver(Samples.positive());
        fhir.all("DiagnosticReport").getFirst().put("status", "final");
        Map<String, String> before = snapshot();

        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(destination.deliver(Samples.withdrawn())).isEqualTo(new Outcome.Refused("signed-by-human"));
        assertThat(snapshot()).isEqualTo(before);
    }

    @Test
    void a_signature_between_our_look_and_our_write_is_not_overwritten() {
        destination.deliver(Samples.positive());
        ObjectNode report = fhir.all("DiagnosticReport").getFirst();
        fhir.faultable = request -> {
            if (request.path().equals("/fhir")) {
                report.put("status", "final");
                ((ObjectNode) report.get("meta")).put("versionId", "2");
            }
            return false;
        };

        assertThat(destination.deliver(Samples.positive())).isEqualTo(new Outcome.Retry("http-412", null));
        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(fhir.all("DiagnosticReport").getFirst().get("status").asText())
                .isEqualTo("final");
    }

    @Test
    void withdrawing_marks_everything_entered_in_error_where_it_was_filed() {
        destination.deliver(Samples.positive());
        fhir.seed(Samples.PATIENT_JSON.replace("1957-03-03", "1960-01-01")); // the patient is just what was wrong

        assertThat(destination.deliver(Samples.withdrawn())).isInstanceOf(Outcome.Delivered.class);
        ObjectNode report = fhir.all("DiagnosticReport").getFirst();
        assertThat(report.get("status").asText()).isEqualTo("entered-in-error");
        assertThat(report.has("conclusionCode")).isFalse();
        assertThat(report.at("/subject/reference").asText()).isEqualTo("Patient/p1");
        assertThat(fhir.all("Observation"))
                .hasSize(4)
                .allMatch(o -> o.get("status").asText().equals("entered-in-error"));
        assertThat(fhir.all("Task").getFirst().get("status").asText()).isEqualTo("entered-in-error");
        assertThat(destination.deliver(Samples.withdrawn())).isInstanceOf(Outcome.Delivered.class);
    }

    @Test
    void a_late_repetition_does_not_bring_back_what_was_withdrawn() {
        destination.deliver(Samples.positive());
        destination.deliver(Samples.withdrawn());

        assertThat(destination.deliver(Samples.positive())).isEqualTo(new Outcome.Refused("withdrawn-in-ehr"));
        assertThat(fhir.all("DiagnosticReport").getFirst().get("status").asText())
                .isEqualTo("entered-in-error");
    }

    @Test
    void withdrawing_what_was_never_filed_files_nothing() {
        assertThat(destination.deliver(Samples.withdrawn())).isEqualTo(new Outcome.Delivered("nothing-filed"));
        assertThat(fhir.all("DiagnosticReport")).isEmpty();
    }

    @Test
    void a_correction_is_a_report_of_its_own_and_tags_the_old_one() {
        destination.deliver(Samples.positive());
        destination.deliver(Samples.corrected());

        List<ObjectNode> reports = fhir.all("DiagnosticReport");
        assertThat(reports).hasSize(2);
        assertThat(reports.getFirst().at("/meta/tag/0/code").asText()).isEqualTo("superseded");
        assertThat(reports.getFirst().get("status").asText()).isEqualTo("preliminary");
        String provenance = fhir.all("Provenance").getLast().toString();
        assertThat(provenance)
                .contains("revision")
                .contains(Samples.positive().key().identifier());
        assertThat(audit.events(AuditEvent.DeliveryIntended.class))
                .extracting(AuditEvent.DeliveryIntended::idempotencyKey)
                .containsExactly("DiagnosticReport superseded");
        assertThat(audit.events(AuditEvent.DeliveryEnded.class))
                .extracting(AuditEvent.DeliveryEnded::outcome)
                .containsExactly(io.bloodnet.audit.Outcome.SUCCESS);
    }
}
