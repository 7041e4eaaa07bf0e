package io.bloodnet.fhir.resultout;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.Samples;
import io.bloodnet.imaging.finding.Destination.Outcome;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Whom and what a report is filed under, and when nothing is filed at all. */
class FilingLookupTest extends FilingFixture {

    @Test
    void nothing_is_filed_for_a_patient_that_the_ehr_does_not_know() {
        fhir.store.clear();
        assertThat(destination.deliver(Samples.positive())).isEqualTo(new Outcome.Mismatch("patient-unknown"));
        assertThat(fhir.store).isEmpty();
    }

    @Test
    void a_site_may_file_for_an_unknown_patient_by_identifier() {
        fhir.store.clear();
        use(
                new FhirConfig.Naming("urn:bloodnet", "Org", Map.of("HOSP", "urn:hosp:mrn")),
                new FhirConfig.Results(true, FhirConfig.Results.Label.ASK, false));

        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        ObjectNode report = fhir.all("DiagnosticReport").getFirst();
        assertThat(report.at("/subject/identifier/system").asText()).isEqualTo("urn:hosp:mrn");
        assertThat(report.at("/subject/reference").isMissingNode()).isTrue();
    }

    @Test
    void nothing_is_filed_when_two_patients_have_the_identifier() {
        fhir.seed(Samples.PATIENT_JSON.replace("\"p1\"", "\"p2\"").replace("urn:hosp:mrn", "urn:other:mrn"));
        assertThat(destination.deliver(Samples.positive())).isEqualTo(new Outcome.Mismatch("patient-ambiguous"));
    }

    @Test
    void the_sites_own_system_tells_two_patients_apart() {
        fhir.seed(Samples.PATIENT_JSON.replace("\"p1\"", "\"p2\"").replace("urn:hosp:mrn", "urn:other:mrn"));
        use(new FhirConfig.Naming("urn:bloodnet", "Org", Map.of("HOSP", "urn:hosp:mrn")), FhirConfig.Results.DEFAULT);
        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
    }

    @Test
    void nothing_is_filed_when_birth_date_or_sex_contradict() {
        fhir.seed(Samples.PATIENT_JSON.replace("1957-03-03", "1957-03-04"));
        assertThat(destination.deliver(Samples.positive()))
                .isEqualTo(new Outcome.Mismatch("patient-differs-from-order"));
        fhir.seed(Samples.PATIENT_JSON.replace("female", "male"));
        assertThat(destination.deliver(Samples.positive()))
                .isEqualTo(new Outcome.Mismatch("patient-differs-from-order"));
        assertThat(fhir.all("DiagnosticReport")).isEmpty();
    }

    @Test
    void nothing_is_filed_when_the_order_is_of_another_patient() {
        fhir.seed(Samples.ORDER_JSON.replace("Patient/p1", "Patient/p9"));
        assertThat(destination.deliver(Samples.positive())).isEqualTo(new Outcome.Mismatch("order-of-another-patient"));
    }

    @Test
    void nothing_is_filed_when_the_study_is_of_another_patient() {
        fhir.seed(Samples.imagingStudy("is1", 32).replace("Patient/p1", "Patient/p9"));
        assertThat(destination.deliver(Samples.positive())).isEqualTo(new Outcome.Mismatch("study-of-another-patient"));
    }

    @Test
    void an_order_that_the_ehr_does_not_know_is_named_by_its_accession_number() {
        fhir.store.remove("ServiceRequest/s1");
        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(fhir.all("DiagnosticReport")
                        .getFirst()
                        .at("/basedOn/0/identifier/value")
                        .asText())
                .isEqualTo(Samples.ACCESSION);
    }
}
