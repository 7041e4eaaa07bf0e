package io.bloodnet.fhir.eventin;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.fhir.FakeInbox;
import io.bloodnet.fhir.FhirAnswer;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.FhirJson;
import io.bloodnet.fhir.MiniFhir;
import io.bloodnet.fhir.Samples;
import io.bloodnet.fhir.Validation;
import io.bloodnet.fhir.ehr.EhrClient;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.PatientId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.hl7.fhir.r4.model.DiagnosticReport.DiagnosticReportStatus;
import org.hl7.fhir.r4.model.ImagingStudy;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.Resource;
import org.hl7.fhir.r4.model.ServiceRequest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Legal resources of many forms as events, 10,000 of them (1,000,000 with {@code -Dbloodnet.long=true}, as many as wanted with {@code
 * -Dbloodnet.generated=N}, again with {@code -Dseed=N}): each is taken or refused by a sentence, never for another patient, never with another word. HAPI's
 * validator says whether they are legal; it is slow, so it looks at some of them.
 */
class GeneratedEventsTest {

    private static final int A_ROUND = 4;
    /** By count, never by time: a busy machine must not see fewer. */
    private static final int ROUNDS =
            Integer.getInteger("bloodnet.generated", Boolean.getBoolean("bloodnet.long") ? 1_000_000 : 10_000)
                    / A_ROUND;

    private static final int VALIDATED_EVERY = 100;
    private static final int VALIDATED_MAX = 40;
    private static final String JSON = "application/fhir+json";

    private final MiniFhir fhir = new MiniFhir();
    private final FhirConfig config = FhirConfig.of(fhir.base())
            .withNaming(new FhirConfig.Naming("urn:bloodnet", "Org", Map.of("HOSP", LegalResources.MRN)));
    /** Of so many reads nothing is remembered. */
    private final AuditLog audit = new AuditLog() {
        @Override
        public void append(Connection transaction, AuditEvent event) {
            // not looked at
        }

        @Override
        public void record(AuditEvent event) {
            // not looked at
        }
    };

    private final EhrClient ehr = new EhrClient(config, audit, InstantSource.system());
    private FakeInbox inbox = new FakeInbox();

    @AfterEach
    void stop() throws IOException {
        ehr.close();
        fhir.close();
    }

    @Test
    void legal_resources_are_taken_or_refused_and_never_for_another_patient() {
        long seed = Long.getLong("seed", System.nanoTime());
        LegalResources legal = new LegalResources(seed, fhir.base().toString());
        List<Resource> some = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            List<Resource> made = round(legal, round, seed);
            if (round % VALIDATED_EVERY == 0 && some.size() < VALIDATED_MAX) {
                some.addAll(made);
            }
        }
        for (Resource each : some) {
            assertThat(Validation.errors(each))
                    .as("seed %d: %s", seed, FhirJson.pretty(each))
                    .isEmpty();
        }
        System.out.printf(
                "generated FHIR events: %d resources, %d of them validated, -Dseed=%d%n",
                ROUNDS * A_ROUND, some.size(), seed);
    }

    /** One patient with an order, a study and a report, and another patient whose numbers stand in all the wrong places. */
    private List<Resource> round(LegalResources legal, int round, long seed) {
        fhir.store.clear();
        fhir.requests.clear();
        inbox = new FakeInbox();
        FhirEventReceiver receiver = new FhirEventReceiver(
                config, ehr, inbox, () -> {}, new SubscriptionWatch(), audit, InstantSource.fixed(Samples.NOW));
        String mrn = "M" + round;
        String trap = "T" + round;
        String old = legal.id();
        String id = legal.id();
        String other = legal.id();
        String uid = "1.2.826.0.1." + (round + 1);
        boolean merged = legal.random.nextInt(3) == 0;
        Patient person = legal.patient(merged ? id : old, mrn, trap);
        seed(person);
        seed(legal.patient(other, trap, mrn));
        if (merged) {
            Patient before = legal.patient(old, mrn, trap);
            before.addLink().setType(Patient.LinkType.REPLACEDBY).getOther().setReference("Patient/" + id);
            seed(before);
        }
        String where = "seed " + seed + ", round " + round;
        ImagingStudy study = legal.study(legal.id(), uid, old);
        ServiceRequest request = legal.request(legal.id(), old);
        LegalResources.Report report = legal.report(legal.id(), study.getIdPart(), old, other);
        for (Observation each : report.observations()) {
            seed(each);
        }
        for (Resource each : List.of(study, request, report.report())) {
            seed(each);
            inbox.events.clear();
            FhirAnswer answer = receiver.receive(
                    "PUT",
                    "/fhir/events/" + each.fhirType() + "/" + each.getIdPart(),
                    JSON,
                    Map.of(),
                    FhirJson.write(each));
            assertThat(answer.status()).as("%s: %s", where, each.fhirType()).isEqualTo(200);
            for (OrderEvent event : inbox.events) {
                PatientId whom = whom(event);
                if (whom != null) {
                    assertThat(whom.value())
                            .as("%s: %s", where, each.fhirType())
                            .isEqualTo(mrn);
                    assertThat(whom.assigner()).as(where).isEqualTo("HOSP");
                }
            }
        }
        assertWord(where, report);
        return List.of(person, study, request, report.report());
    }

    private void assertWord(String where, LegalResources.Report report) {
        OrderEvent last = inbox.events.getLast();
        DiagnosticReportStatus status = report.report().getStatus();
        switch (status) {
            case FINAL, AMENDED, CORRECTED, APPENDED, PRELIMINARY, PARTIAL, ENTEREDINERROR, CANCELLED -> {
                OrderEvent.HumanReport human = (OrderEvent.HumanReport) last;
                assertThat(human.at()).as(where).isEqualTo(Samples.NOW);
                boolean back =
                        status == DiagnosticReportStatus.ENTEREDINERROR || status == DiagnosticReportStatus.CANCELLED;
                Boolean says = back ? null : report.says();
                assertThat(human.saysHemorrhage()).as("%s: %s", where, status).isEqualTo(says);
                boolean isFinal = human.status().equals("F") || human.status().equals("C");
                assertThat(isFinal)
                        .as(where)
                        .isEqualTo(status != DiagnosticReportStatus.PRELIMINARY
                                && status != DiagnosticReportStatus.PARTIAL
                                && !back);
            }
            case REGISTERED, UNKNOWN, NULL -> assertThat(last).as(where).isInstanceOf(OrderEvent.NotForUs.class);
        }
    }

    private static @Nullable PatientId whom(OrderEvent event) {
        return switch (event) {
            case OrderEvent.Placed placed -> placed.order().patient().id();
            case OrderEvent.Cancelled cancelled ->
                Objects.requireNonNull(cancelled.key().patient());
            case OrderEvent.Held held -> Objects.requireNonNull(held.key().patient());
            case OrderEvent.HumanReport report ->
                Objects.requireNonNull(report.key().patient());
            default -> null;
        };
    }

    private void seed(Resource resource) {
        fhir.seed(new String(FhirJson.write(resource), StandardCharsets.UTF_8));
    }
}
