package io.bloodnet.fhir.auditout;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.Outcome;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.FhirJson;
import io.bloodnet.fhir.Samples;
import io.bloodnet.fhir.Validation;
import java.lang.reflect.RecordComponent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class BalpMapperTest {

    private static final About ABOUT = new About("job-1", Samples.ACCESSION, Samples.STUDY, Samples.MRN, "dr.house");

    private final BalpMapper mapper = new BalpMapper(FhirConfig.Naming.DEFAULT);

    @Test
    void every_kind_of_event_validates_without_errors() {
        List<AuditEvent> all = oneOfEach(ABOUT, Outcome.SERIOUS_FAILURE);
        assertThat(all).hasSizeGreaterThanOrEqualTo(22);
        for (AuditEvent event : all) {
            assertThat(Validation.errors(mapper.toFhir(42, event)))
                    .as(event.type())
                    .isEmpty();
        }
    }

    @Test
    void says_who_asked_whom_about_whom_and_how_it_ended() {
        var read = new AuditEvent.EhrRead(
                Samples.NOW,
                ABOUT.withUser(null),
                Outcome.MINOR_FAILURE,
                "https://ehr.example",
                "read Patient for a test",
                "timeout");
        var fhir = mapper.toFhir(42, read);
        assertThat(fhir.getIdPart()).isEqualTo("42");
        assertThat(fhir.getType().getCode()).isEqualTo("rest");
        assertThat(fhir.getSubtypeFirstRep().getCode()).isEqualTo("read");
        assertThat(fhir.getOutcome().toCode()).isEqualTo("4");
        // who reads is the destination of the data, the server its source (reverse of a create)
        assertThat(fhir.getAgentFirstRep().getType().getCodingFirstRep().getCode())
                .isEqualTo("110152");
        assertThat(fhir.getAgentFirstRep().getRequestor()).isTrue();
        assertThat(fhir.getAgent().get(1).getType().getCodingFirstRep().getCode())
                .isEqualTo("110153");
        assertThat(fhir.getEntityFirstRep().getRole().getCode()).isEqualTo("1");
        assertThat(fhir.getEntityFirstRep().getWhat().getIdentifier().getValue())
                .isEqualTo(Samples.MRN);

        var search = new AuditEvent.EhrRead(
                Samples.NOW,
                ABOUT,
                Outcome.SUCCESS,
                "https://ehr.example",
                "search Patient by identifier for a test",
                null);
        assertThat(mapper.toFhir(1, search).getSubtypeFirstRep().getCode()).isEqualTo("search-type");
    }

    @Test
    void a_delivery_to_the_ehr_flows_from_us_to_them() {
        var ended = new AuditEvent.DeliveryEnded(
                Samples.NOW, ABOUT.withUser(null), Outcome.SUCCESS, "ehr", "key", 1, "ab".repeat(32), "HTTP 200", null);
        var fhir = mapper.toFhir(1, ended);
        assertThat(fhir.getSubtypeFirstRep().getCode()).isEqualTo("transaction");
        assertThat(fhir.getAgentFirstRep().getType().getCodingFirstRep().getCode())
                .isEqualTo("110153");
        assertThat(FhirJson.pretty(fhir)).contains("payloadSha256").contains("HTTP 200");
    }

    /** One event of each record in the sealed interface, with made-up components. */
    static List<AuditEvent> oneOfEach(About about, Outcome outcome) {
        List<AuditEvent> all = new ArrayList<>();
        for (Class<?> kind : AuditEvent.class.getPermittedSubclasses()) {
            RecordComponent[] components = kind.getRecordComponents();
            Object[] values =
                    Arrays.stream(components).map(c -> made(c, about, outcome)).toArray();
            try {
                Class<?>[] types =
                        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
                all.add((AuditEvent) kind.getDeclaredConstructor(types).newInstance(values));
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(kind.getSimpleName(), e);
            }
        }
        return all;
    }

    private static Object made(RecordComponent component, About about, Outcome outcome) {
        Class<?> type = component.getType();
        String name = component.getName().toLowerCase(java.util.Locale.ROOT);
        if (type == String.class) {
            return name.contains("sha256") || name.contains("digest") || name.contains("root")
                    ? "ab".repeat(32)
                    : "made-up";
        }
        if (type == int.class) {
            return 1;
        }
        if (type == long.class) {
            return 1L;
        }
        if (type == double.class) {
            return 0.5;
        }
        if (type == List.class) {
            return List.of(new AuditEvent.CardShown("2f1d2b0e-3a1f-4d7e-9d5a-0c0b0a090807", "warning"));
        }
        if (type.isEnum() && type != Outcome.class) {
            return type.getEnumConstants()[0];
        }
        return type == Instant.class
                ? Samples.NOW
                : type == About.class ? about : type == Outcome.class ? outcome : null;
    }
}
