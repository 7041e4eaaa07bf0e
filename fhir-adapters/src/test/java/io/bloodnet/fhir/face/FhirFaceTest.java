package io.bloodnet.fhir.face;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.Outcome;
import io.bloodnet.fhir.FakeMadeResources;
import io.bloodnet.fhir.FhirAnswer;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.FhirJson;
import io.bloodnet.fhir.Samples;
import io.bloodnet.fhir.Validation;
import io.bloodnet.fhir.auditout.BalpMapper;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.CapabilityStatement;
import org.hl7.fhir.r4.model.OperationOutcome;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FhirFaceTest {

    private final FakeMadeResources made = new FakeMadeResources();
    private final List<AuditTrail.Query> asked = new ArrayList<>();
    private final AuditTrail trail = new AuditTrail() {
        @Override
        public Optional<Entry> read(long seq) {
            return seq == 7 ? Optional.of(entry(7)) : Optional.empty();
        }

        @Override
        public List<Entry> find(Query query) {
            asked.add(query);
            return List.of(entry(7));
        }
    };
    private final FhirFace face =
            new FhirFace(made, trail, new BalpMapper(FhirConfig.Naming.DEFAULT), "0.1.0", Samples.NOW);

    @BeforeEach
    void keepThree() {
        for (int i = 1; i <= 3; i++) {
            String json = "{\"resourceType\":\"Observation\",\"id\":\"o" + i
                    + "\",\"status\":\"preliminary\",\"code\":{\"text\":\"x\"}}";
            made.keep(List.of(new MadeResource(
                    "Observation",
                    "o" + i,
                    List.of("urn:bloodnet:observation|k" + i),
                    "Patient/p" + i,
                    "r",
                    json.getBytes(StandardCharsets.UTF_8),
                    Samples.NOW)));
        }
    }

    @Test
    void says_what_it_can_do_in_a_statement_that_validates() {
        FhirAnswer answer = face.answer("GET", "/fhir/metadata", null);
        CapabilityStatement statement =
                FhirJson.read(answer.body(), CapabilityStatement.class).orElseThrow();
        assertThat(Validation.errors(statement)).isEmpty();
        assertThat(statement.getRestFirstRep().getResource()).hasSize(9);
    }

    @Test
    void reads_and_searches_what_we_made() {
        assertThat(face.answer("GET", "/fhir/Observation/o1", null).status()).isEqualTo(200);
        assertThat(search("identifier=urn:bloodnet:observation%7Ck2").getEntry())
                .singleElement()
                .satisfies(e -> assertThat(e.getResource().getIdPart()).isEqualTo("o2"));
        assertThat(search("patient=p3").getEntry()).hasSize(1);
        assertThat(search("subject=Patient/p3").getEntry()).hasSize(1);
        assertThat(search("_id=o1,o3").getEntry()).hasSize(2);
        assertThat(search(null).getEntry()).hasSize(3);
    }

    @Test
    void pages_follow_each_other() {
        Bundle first = search("_count=2");
        assertThat(first.getEntry()).hasSize(2);
        String next = first.getLink("next").getUrl();
        Bundle second = search(next.substring(next.indexOf('?') + 1));
        assertThat(second.getEntry()).hasSize(1);
        assertThat(second.getLink("next")).isNull();
    }

    @Test
    void shows_the_audit_log() {
        assertThat(new String(face.answer("GET", "/fhir/AuditEvent/7", null).body(), StandardCharsets.UTF_8))
                .contains("110120");
        assertThat(face.answer("GET", "/fhir/AuditEvent/8", null).status()).isEqualTo(404);
        FhirAnswer found = face.answer(
                "GET",
                "/fhir/AuditEvent",
                "patient.identifier=M1&date=ge2026-03-01&date=lt2026-03-02T00:00:00Z&outcome=8&entity:identifier=urn:dicom:uid%7Curn:oid:1.2.3");
        assertThat(found.status()).isEqualTo(200);
        AuditTrail.Query query = asked.getFirst();
        assertThat(query.patient()).isEqualTo("M1");
        assertThat(query.studyUid()).isEqualTo("1.2.3");
        assertThat(query.outcome()).isEqualTo(8);
        assertThat(query.from()).hasToString("2026-03-01T00:00:00Z");
        assertThat(query.to()).hasToString("2026-03-02T00:00:00Z");
    }

    @ParameterizedTest
    @CsvSource({
        "GET,/fhir/Patient,,404",
        "GET,/fhir/Patient/p1,,404",
        "GET,/fhir/Observation/none,,404",
        "GET,/fhir/Observation/../x,,404",
        "GET,/fhir,,404",
        "GET,/fhir/Observation,unknown=1,400",
        "GET,/fhir/Observation,_count=x,400",
        "GET,/fhir/Observation,identifier=%zz,400",
        "GET,/fhir/AuditEvent,date=yesterday,400",
        "GET,/fhir/AuditEvent,outcome=9,400",
        "POST,/fhir/Observation,,405",
        "DELETE,/fhir/Observation/o1,,405"
    })
    void every_error_is_an_operation_outcome(String method, String path, String query, int status) {
        FhirAnswer answer = face.answer(method, path, query);
        assertThat(answer.status()).isEqualTo(status);
        OperationOutcome outcome =
                FhirJson.read(answer.body(), OperationOutcome.class).orElseThrow();
        assertThat(Validation.errors(outcome)).isEmpty();
    }

    private Bundle search(String query) {
        FhirAnswer answer = face.answer("GET", "/fhir/Observation", query);
        assertThat(answer.status()).isEqualTo(200);
        Bundle bundle = FhirJson.read(answer.body(), Bundle.class).orElseThrow();
        return bundle;
    }

    private static AuditTrail.Entry entry(long seq) {
        return new AuditTrail.Entry(
                seq,
                new AuditEvent.ServerStarted(
                        Samples.NOW,
                        About.nothing(),
                        Outcome.SUCCESS,
                        "0.1.0",
                        "bloodnet-ich",
                        "0.1.0",
                        "ab".repeat(32),
                        0.5));
    }
}
