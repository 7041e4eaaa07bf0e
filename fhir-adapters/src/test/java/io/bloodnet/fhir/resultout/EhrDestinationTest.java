package io.bloodnet.fhir.resultout;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.testing.RecordingAuditLog;
import io.bloodnet.fhir.FakeMadeResources;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.MiniFhir;
import io.bloodnet.fhir.MiniHttp.Fault;
import io.bloodnet.fhir.Samples;
import io.bloodnet.fhir.ehr.EhrClient;
import io.bloodnet.imaging.finding.Destination.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Deliveries over real sockets to a server that is strict, and misbehaves when told to. */
class EhrDestinationTest {

    private static final Map<String, Integer> ONE_POSITIVE = Map.of(
            "DiagnosticReport",
            1,
            "Observation",
            4,
            "DocumentReference",
            2,
            "Device",
            1,
            "Task",
            1,
            "Provenance",
            1,
            "ImagingStudy",
            1);

    private final MiniFhir fhir = new MiniFhir();
    private final RecordingAuditLog audit = new RecordingAuditLog();
    private final FakeMadeResources made = new FakeMadeResources();
    private EhrClient ehr;
    private EhrDestination destination;

    @BeforeEach
    void start() {
        fhir.seed(Samples.PATIENT_JSON);
        fhir.seed(Samples.ORDER_JSON);
        use(FhirConfig.Naming.DEFAULT);
    }

    private void use(FhirConfig.Naming naming) {
        FhirConfig config = FhirConfig.of(fhir.base())
                .withNaming(naming)
                .withLimits(new FhirConfig.Limits(Duration.ofSeconds(1), Duration.ofMillis(1500), 1 << 20));
        ehr = new EhrClient(config, audit, InstantSource.system());
        destination = new EhrDestination(
                ehr, naming, new AiSystem("0.1.0", "ONNX Runtime", "# Card"), made, InstantSource.system());
    }

    @AfterEach
    void stop() throws IOException {
        ehr.close();
        fhir.close();
    }

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

    @ParameterizedTest
    @ValueSource(ints = {409, 412, 429, 500, 502, 503, 504, 401, 403})
    void a_status_that_may_pass_is_retried_and_files_once(int status) {
        fhir.faults.add(new Fault.Status(status, Map.of("Retry-After", "7")));

        Outcome first = destination.deliver(Samples.positive());
        assertThat(first).isEqualTo(new Outcome.Retry("http-" + status, Duration.ofSeconds(7)));
        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(census()).isEqualTo(ONE_POSITIVE);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 404, 413, 422, 301, 307})
    void a_status_that_will_not_pass_needs_a_person(int status) {
        fhir.faults.add(new Fault.Status(status, Map.of("Location", "http://127.0.0.1:1/fhir")));

        assertThat(destination.deliver(Samples.positive())).isEqualTo(new Outcome.Refused("http-" + status));
        assertThat(fhir.all("DiagnosticReport")).isEmpty();
    }

    @Test
    void every_broken_wire_is_retried_and_files_once() {
        List<Fault> broken =
                List.of(new Fault.ResetBefore(), new Fault.ResetAfter(), new Fault.CutBody(), new Fault.SilentAfter());
        for (Fault fault : broken) {
            fhir.faults.add(fault);
            assertThat(destination.deliver(Samples.positive()))
                    .as(fault.toString())
                    .isInstanceOf(Outcome.Retry.class);
            assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
            assertThat(census()).as(fault.toString()).isEqualTo(ONE_POSITIVE);
        }
    }

    @Test
    void accepted_then_silent_then_conflict_still_files_once() {
        fhir.faults.add(new Fault.SilentAfter());
        fhir.faults.add(new Fault.Status(409, Map.of()));

        assertThat(destination.deliver(Samples.positive())).isEqualTo(new Outcome.Retry("timeout", null));
        assertThat(destination.deliver(Samples.positive())).isEqualTo(new Outcome.Retry("http-409", null));
        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(census()).isEqualTo(ONE_POSITIVE);
    }

    @Test
    void an_ehr_that_is_away_is_tried_again() throws IOException {
        fhir.close();
        assertThat(destination.deliver(Samples.positive())).isEqualTo(new Outcome.Retry("unreachable", null));
    }

    @Test
    void a_server_without_conditional_writes_is_searched_first() {
        fhir.conditional = false;
        fhir.clientIds = false;

        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(census()).isEqualTo(ONE_POSITIVE);
        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(census()).isEqualTo(ONE_POSITIVE);
        ObjectNode provenance = fhir.all("Provenance").getFirst();
        String report = fhir.all("DiagnosticReport").getFirst().get("id").asText();
        assertThat(provenance.at("/target/0/reference").asText()).isEqualTo("DiagnosticReport/" + report);
    }

    @Test
    void eight_deliveries_at_once_to_a_server_without_conditional_writes_file_once() {
        fhir.conditional = false;
        IntStream.range(0, 8).parallel().forEach(_ -> destination.deliver(Samples.positive()));
        assertThat(census()).isEqualTo(ONE_POSITIVE);
    }

    @Test
    void duplicates_in_the_ehr_stop_for_a_person() {
        destination.deliver(Samples.positive());
        ObjectNode copy = fhir.all("DiagnosticReport").getFirst().deepCopy().put("id", "copy");
        fhir.seed(copy.toString());

        assertThat(destination.deliver(Samples.positive())).isEqualTo(new Outcome.Refused("duplicate-in-ehr"));
    }

    @Test
    void a_server_that_refuses_the_label_when_asked_gets_a_tag() {
        fhir.refusesLabel = true;

        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(fhir.all("DiagnosticReport").getFirst().at("/meta/tag").toString())
                .contains("AIAST");
        assertThat(fhir.store.values().toString()).doesNotContain("v3-ObservationValue");
    }

    @Test
    void a_server_that_refuses_the_label_only_in_earnest_gets_a_tag_at_once() {
        fhir.refusesLabel = true;
        fhir.hasValidate = false;

        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(census()).isEqualTo(ONE_POSITIVE);
    }

    @Test
    void a_server_without_metadata_validate_or_post_search_is_served() {
        fhir.hasMetadata = false;
        fhir.hasValidate = false;
        fhir.searchesByGetOnly = true;

        assertThat(destination.deliver(Samples.positive())).isInstanceOf(Outcome.Delivered.class);
        assertThat(census()).isEqualTo(ONE_POSITIVE);
    }

    @Test
    void nothing_is_filed_for_a_patient_that_the_ehr_does_not_know() {
        fhir.store.clear();
        assertThat(destination.deliver(Samples.positive())).isEqualTo(new Outcome.Mismatch("patient-unknown"));
        assertThat(fhir.store).isEmpty();
    }

    @Test
    void a_site_may_file_for_an_unknown_patient_by_identifier() {
        fhir.store.clear();
        use(new FhirConfig.Naming("urn:bloodnet", "Org", Map.of("HOSP", "urn:hosp:mrn"), true));

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
        use(new FhirConfig.Naming("urn:bloodnet", "Org", Map.of("HOSP", "urn:hosp:mrn"), false));
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

    private Map<String, String> snapshot() {
        Map<String, String> snapshot = new TreeMap<>();
        fhir.store.forEach((key, node) -> snapshot.put(key, node.toString()));
        return snapshot;
    }

    private Map<String, Integer> census() {
        Map<String, Integer> census = new TreeMap<>();
        fhir.store.forEach((key, node) -> {
            boolean own = key.equals("Patient/p1") || key.equals("ServiceRequest/s1");
            if (!own) {
                census.merge(key.substring(0, key.indexOf('/')), 1, Integer::sum);
            }
        });
        return census;
    }
}
