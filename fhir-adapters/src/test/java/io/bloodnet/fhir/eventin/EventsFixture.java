package io.bloodnet.fhir.eventin;

import io.bloodnet.audit.testing.RecordingAuditLog;
import io.bloodnet.fhir.FakeInbox;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.MiniFhir;
import io.bloodnet.fhir.Samples;
import io.bloodnet.fhir.ehr.EhrClient;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A receiver of events beside an EHR that knows one patient. */
abstract class EventsFixture {

    final MiniFhir fhir = new MiniFhir();
    final FakeInbox inbox = new FakeInbox();
    final RecordingAuditLog audit = new RecordingAuditLog();
    FhirConfig config;
    EhrClient ehr;
    FhirEventReceiver receiver;
    /** As {@link #receiver}, with a secret. */
    FhirEventReceiver secured;

    @BeforeEach
    final void startReceiver() {
        fhir.seed(Samples.PATIENT_JSON);
        config = FhirConfig.of(fhir.base())
                .withLimits(new FhirConfig.Limits(Duration.ofSeconds(1), Duration.ofSeconds(2), 1 << 20));
        ehr = new EhrClient(config, audit, InstantSource.system());
        receiver = new FhirEventReceiver(
                config, ehr, inbox, () -> {}, new SubscriptionWatch(), audit, InstantSource.fixed(Samples.NOW));
        FhirConfig closed = config.withIntake(new FhirConfig.Intake(
                config.intake().headCtCodes(), new FhirConfig.Secret("X-Secret", "s3cret"), Duration.ZERO, null));
        secured = new FhirEventReceiver(
                closed, ehr, inbox, () -> {}, new SubscriptionWatch(), audit, InstantSource.fixed(Samples.NOW));
    }

    @AfterEach
    final void stopReceiver() throws IOException {
        ehr.close();
        fhir.close();
    }
}
