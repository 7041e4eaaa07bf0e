package io.bloodnet.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bloodnet.fhir.FhirConfig;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The section ehr of the file, as the FHIR edge sees it. */
class EhrKeysTest {

    @Test
    void without_keys_the_edge_has_its_defaults() {
        FhirConfig config = fhir("");
        assertThat(config.naming()).isEqualTo(FhirConfig.Naming.DEFAULT);
        assertThat(config.results()).isEqualTo(FhirConfig.Results.DEFAULT);
        assertThat(config.intake().pollOverlap()).isEqualTo(FhirConfig.Intake.DEFAULT.pollOverlap());
        assertThat(config.intake().subscribing()).isNull();
    }

    @Test
    void every_key_reaches_the_edge() {
        FhirConfig config = fhir("""
                , organization: "St. Elsewhere", system-prefix: "urn:oid:1.2.3", files-without-patient: true, ai-label: tag, alerts: true,
                  patient-systems: { HOSP: "urn:oid:1.2.3.4", "CLINIC": "https://hospital.example/mrn" }, poll-overlap-seconds: 0,
                  subscriptions: { callback-url: "https://bloodnet.example/cds/", check-seconds: 10, topic: "https://ehr.example/topic/ct", heartbeat-seconds: 3600 }""");
        assertThat(config.naming())
                .isEqualTo(new FhirConfig.Naming(
                        "urn:oid:1.2.3",
                        "St. Elsewhere",
                        Map.of("HOSP", "urn:oid:1.2.3.4", "CLINIC", "https://hospital.example/mrn")));
        assertThat(config.results()).isEqualTo(new FhirConfig.Results(true, FhirConfig.Results.Label.TAG, true));
        assertThat(config.intake().pollOverlap()).isZero();
        assertThat(config.intake().subscribing())
                .isEqualTo(new FhirConfig.Subscribing(
                        URI.create("https://bloodnet.example/cds/fhir/events"),
                        "https://ehr.example/topic/ct",
                        Duration.ofHours(1)));
        assertThat(fhir(", ai-label: security").results().label()).isEqualTo(FhirConfig.Results.Label.SECURITY_LABEL);
    }

    @Test
    void the_server_signs_in_as_it_does_at_the_archive_and_the_short_forms_mean_the_same() {
        String oauth = "oauth: { client-id: bloodnet, private-key-file: key.pem }";
        assertThat(fhir(", auth: { user: bloodnet, password-file: p }").auth())
                .isEqualTo(new FhirConfig.Auth.Basic("bloodnet", Path.of("p")));
        assertThat(fhir(", auth: { bearer-token-file: t }").auth())
                .isEqualTo(new FhirConfig.Auth.Bearer(Path.of("t")))
                .isEqualTo(fhir(", bearer-token-file: t").auth());
        assertThat(fhir(", auth: { " + oauth + " }").auth())
                .isEqualTo(new FhirConfig.Auth.BackendServices(
                        null, "bloodnet", Path.of("key.pem"), null, FhirConfig.Auth.Algorithm.ES384, "system/*.cruds"))
                .isEqualTo(fhir(", " + oauth).auth());
        assertThat(fhir(", headers-file: h").headersFile()).isEqualTo(Path.of("h"));
        assertThat(fhir("").auth()).isEqualTo(new FhirConfig.Auth.None());
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            poll-overlap-seconds: 3601                                   ; ehr.poll-overlap-seconds 3601 is not in 0..3600
            poll-overlap-seconds: -1                                     ; ehr.poll-overlap-seconds -1 is not in 0..3600
            system-prefix: bloodnet                                      ; ehr.system-prefix must be a URI
            system-prefix: 'urn:a|b'                                     ; ehr.system-prefix must be a URI
            system-prefix: 'urn:a b'                                     ; at most 100 characters
            patient-systems: { HOSP: mrn }                               ; ehr.patient-systems.HOSP must be a URI
            patient-systems: { '': 'urn:x:y' }                           ; 1 to 64 characters
            patient-systems: [ HOSP ]                                    ; ehr.patient-systems has the wrong type
            files-without-patient: perhaps                               ; ehr.files-without-patient has the wrong type
            ai-label: AIAST                                              ; ehr.ai-label must be ask, security or tag
            alerts: loud                                                 ; ehr.alerts has the wrong type
            subscriptions: { callback-url: 'ftp://a' }                   ; ehr.subscriptions.callback-url must be an http or https URL
            subscriptions: { callback-url: 'https://u:p@a' }             ; without user and password
            subscriptions: { callback-url: 'https://a/?b=c' }            ; neither query nor fragment
            subscriptions: { check-seconds: 9 }                          ; ehr.subscriptions.check-seconds 9 is not in 10..3600
            subscriptions: { heartbeat-seconds: 3601 }                   ; ehr.subscriptions.heartbeat-seconds 3601 is not in 10..3600
            subscriptions: { topic: 'urn:x:y' }                          ; ehr.subscriptions.topic needs ehr.subscriptions.callback-url
            subscriptions: { callback-url: 'https://a', topic: imaging } ; ehr.subscriptions.topic must be a URI
            auth: { }                                                    ; ehr.auth needs exactly one
            auth: { user: a }                                            ; ehr.auth.password-file is missing
            auth: { oauth: { client-id: c } }                            ; ehr.auth.oauth.private-key-file is missing
            auth: { oauth: { algorithm: HS256 } }                        ; auth.oauth.algorithm must be ES384 or RS384
            bearer-token-file: t, auth: { bearer-token-file: t }         ; at most one of auth, oauth and bearer-token-file
            event-secret-file: nowhere                                   ; ehr.event-secret-file nowhere: the file cannot be read
            subscriptions: { callback: 'https://a' }                     ; ehr.subscriptions.callback
            """)
    void a_wrong_value_names_key_and_limit(String yaml, String said) {
        assertThatThrownBy(() -> fhir(", " + yaml))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(said);
    }

    @Test
    void a_list_of_authorities_has_an_end() {
        String hundred = IntStream.rangeClosed(1, 100)
                .mapToObj(i -> "A" + i + ": 'urn:x:" + i + "'")
                .collect(Collectors.joining(", "));
        assertThat(fhir(", patient-systems: { " + hundred + " }").naming().patientSystems())
                .hasSize(100);
        assertThatThrownBy(() -> fhir(", patient-systems: { " + hundred + ", B: 'urn:x:y' }"))
                .hasMessageContaining("ehr.patient-systems has 101 entries, the limit is 100");
    }

    private static FhirConfig fhir(String more) {
        FhirConfig config = ConfigFile.parse("ehr: { fhir-url: \"https://ehr.example/fhir\"" + more + " }")
                .fhirEdge();
        assertThat(config).isNotNull();
        return config;
    }
}
