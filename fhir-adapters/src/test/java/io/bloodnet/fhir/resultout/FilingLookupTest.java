package io.bloodnet.fhir.resultout;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.Samples;
import io.bloodnet.imaging.finding.Destination.Outcome;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

    private static final String REPLACED = Samples.PATIENT_JSON.replace(
            "\"gender\"", "\"link\":[{\"other\":{\"reference\":\"Patient/p2\"},\"type\":\"replaced-by\"}],\"gender\"");
    private static final String SURVIVOR = Samples.PATIENT_JSON
            .replace("\"p1\"", "\"p2\"")
            .replace("\"M00001\"}]", "\"M00001\"},{\"system\":\"urn:hosp:mrn\",\"value\":\"NM1\"}]");

    @Test
    void a_patient_whose_account_number_is_the_orders_number_is_another_one() {
        fhir.seed(Samples.PATIENT_JSON.replace("\"MR\"", "\"AN\"").replace("urn:hosp:mrn", "urn:hosp:account"));
        assertThat(destination.deliver(Samples.positive())).isEqualTo(new Outcome.Mismatch("patient-unknown"));
        assertThat(fhir.all("DiagnosticReport")).isEmpty();
    }

    @Test
    void a_record_that_was_replaced_leads_to_the_new_one() {
        fhir.seed(REPLACED);
        fhir.seed(SURVIVOR);
        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(fhir.all("DiagnosticReport")
                        .getFirst()
                        .at("/subject/reference")
                        .asText())
                .isEqualTo("Patient/p2");
    }

    @Test
    void the_number_that_only_the_old_record_has_finds_the_new_one() {
        fhir.seed(REPLACED);
        fhir.seed(Samples.PATIENT_JSON.replace("\"p1\"", "\"p2\"").replace("M00001", "NM1"));
        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(fhir.all("DiagnosticReport")
                        .getFirst()
                        .at("/subject/reference")
                        .asText())
                .isEqualTo("Patient/p2");
    }

    @Test
    void a_way_from_record_to_record_that_has_no_end_files_nothing() {
        fhir.seed(REPLACED);
        assertThat(destination.deliver(Samples.positive()))
                .as("the new record is not there")
                .isEqualTo(new Outcome.Mismatch("patient-replaced-by-unknown"));
        fhir.seed(REPLACED.replace("\"p1\"", "\"p2\"").replace("Patient/p2", "Patient/p1"));
        assertThat(destination.deliver(Samples.positive())).as("a circle").isInstanceOf(Outcome.Mismatch.class);
        assertThat(fhir.all("DiagnosticReport")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"M,1", "M|1", "M$1", "M\\1", "a\\,|$b"})
    void numbers_with_the_separators_of_searches_are_found(String number) {
        fhir.seed(Samples.PATIENT_JSON.replace("M00001", number.replace("\\", "\\\\")));
        assertThat(destination.deliver(Samples.ofPatient(number))).isInstanceOf(Outcome.Delivered.class);
    }

    @ParameterizedTest
    @CsvSource({"urn:dicom:uid,''", "urn:ietf:rfc:3986,urn:oid:", "urn:dicom:uid,urn:oid:"})
    void the_ehrs_own_study_is_used_in_whatever_form_it_writes_the_uid(String system, String before) {
        fhir.seed(Samples.imagingStudy("is1", 32)
                .replace("urn:dicom:uid", system)
                .replace("urn:oid:" + Samples.STUDY, before + Samples.STUDY));
        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(fhir.all("ImagingStudy")).hasSize(1);
        assertThat(fhir.all("DiagnosticReport")
                        .getFirst()
                        .at("/imagingStudy/0/reference")
                        .asText())
                .isEqualTo("ImagingStudy/is1");
    }
}
