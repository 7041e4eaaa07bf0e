package io.bloodnet.fhir.resultout;

import io.bloodnet.audit.testing.RecordingAuditLog;
import io.bloodnet.fhir.FakeMadeResources;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.MiniFhir;
import io.bloodnet.fhir.Samples;
import io.bloodnet.fhir.ehr.EhrClient;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Deliveries over real sockets to a server that is strict, and misbehaves when told to. */
abstract class FilingFixture {

    static final Map<String, Integer> ONE_POSITIVE = Map.of(
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

    final MiniFhir fhir = new MiniFhir();
    final RecordingAuditLog audit = new RecordingAuditLog();
    final FakeMadeResources made = new FakeMadeResources();
    EhrClient ehr;
    EhrDestination destination;

    @BeforeEach
    void start() {
        fhir.seed(Samples.PATIENT_JSON);
        fhir.seed(Samples.ORDER_JSON);
        use(FhirConfig.Naming.DEFAULT, FhirConfig.Results.DEFAULT);
    }

    /** A destination with these limits that reaches the EHR by another port. */
    final EhrDestination by(int port, FhirConfig.Limits limits) {
        FhirConfig config = FhirConfig.of(java.net.URI.create(
                        "http://127.0.0.1:" + port + fhir.base().getPath()))
                .withLimits(limits);
        ehr.close();
        ehr = new EhrClient(config, audit, InstantSource.system());
        return new EhrDestination(ehr, config, Samples.SYSTEM, made, audit, InstantSource.system());
    }

    /** Another destination from now on, which is patient: a busy machine is no fault of the EHR's. */
    final void use(FhirConfig.Naming naming, FhirConfig.Results results) {
        use(naming, results, Duration.ofSeconds(30));
    }

    /** Another destination from now on. @param answer how long it waits: short where the EHR is silent on purpose */
    final void use(FhirConfig.Naming naming, FhirConfig.Results results, Duration answer) {
        if (ehr != null) {
            ehr.close();
        }
        FhirConfig config = FhirConfig.of(fhir.base())
                .withNaming(naming)
                .withResults(results)
                .withLimits(new FhirConfig.Limits(Duration.ofSeconds(5), answer, 1 << 20));
        ehr = new EhrClient(config, audit, InstantSource.system());
        destination = new EhrDestination(ehr, config, Samples.SYSTEM, made, audit, InstantSource.system());
    }

    @AfterEach
    void stop() throws IOException {
        ehr.close();
        fhir.close();
    }

    final Map<String, String> snapshot() {
        Map<String, String> snapshot = new TreeMap<>();
        fhir.store.forEach((key, node) -> snapshot.put(key, node.toString()));
        return snapshot;
    }

    final Map<String, Integer> census() {
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
