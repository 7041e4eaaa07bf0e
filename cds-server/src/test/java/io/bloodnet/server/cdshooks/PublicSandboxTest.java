package io.bloodnet.server.cdshooks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.bloodnet.server.security.TokenMaker;
import io.bloodnet.server.security.TrustedClient;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The public CDS Hooks sandbox (https://sandbox.cds-hooks.org, a page in a browser): its calls member by member as its source of March 2026
 * makes them, with its token's form. Keys, patient and ids are made up.
 */
class PublicSandboxTest {

    private static final String ORIGIN = "https://sandbox.cds-hooks.org";
    private static final URI JKU = URI.create(ORIGIN + "/.well-known/jwks.json");
    private static final TokenMaker KEY = TokenMaker.es384("44823f3d-0b01-4a6c-a80e-b9d3e8a7226f");
    private static final String PATIENT = """
            {"resourceType":"Patient","id":"smart-1288992","identifier":[{"use":"usual","system":"urn:hosp:mrn","value":"MRN0001"}]}""";

    @TempDir
    Path folder;

    private HooksServer server;

    @BeforeEach
    void trust_the_sandbox() {
        Path keys = folder.resolve("jwks.json");
        TokenMaker.writeKeySet(keys, KEY);
        server = new HooksServer(HooksServer.config()
                .withClients(List.of(new TrustedClient(ORIGIN, keys, null, List.of(JKU))))
                .withAllowedOrigins(List.of(ORIGIN)));
        server.given("MRN0001", Findings.positive("job-1", HooksServer.NOW.minus(Duration.ofHours(1))));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void discovers_our_services_from_its_origin() {
        HttpResponse<String> preflight = server.options(
                "",
                "Origin",
                ORIGIN,
                "Access-Control-Request-Method",
                "GET",
                "Access-Control-Request-Headers",
                "authorization");
        assertThat(preflight.statusCode()).isEqualTo(204);
        assertThat(preflight
                        .headers()
                        .firstValue("Access-Control-Allow-Headers")
                        .orElse(""))
                .contains("authorization", "content-type");
        HttpResponse<String> response =
                server.get("", "Accept", "application/json", "Origin", ORIGIN, "Authorization", bearer(""));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Access-Control-Allow-Origin")).contains(ORIGIN);
        assertThat(HooksServer.json(response).path("services")).hasSize(4);
    }

    @Test
    void opens_a_chart_without_encounter_and_answers_its_card() {
        HttpResponse<String> response = call("/ich-patient-view", """
                {"hookInstance":"%s","hook":"patient-view","fhirServer":"https://launch.smarthealthit.org/v/r4/fhir",
                 "context":{"patientId":"smart-1288992","userId":"Practitioner/COREPRACTITIONER1"},
                 "prefetch":{"patient":%s,"medications":{"resourceType":"Bundle","type":"searchset","total":0,
                   "link":[{"relation":"self","url":"https://launch.smarthealthit.org/v/r4/fhir/MedicationRequest?status=active"}]}}}""");
        JsonNode cards = HooksServer.json(response).path("cards");
        assertThat(cards).hasSize(1);
        String card = cards.get(0).path("uuid").asText();
        String suggestion =
                cards.get(0).path("suggestions").path(0).path("uuid").asText();
        assertThat(feedback("ich-patient-view", """
                {"feedback":[{"card":"%s","outcome":"accepted","acceptedSuggestions":[{"id":"%s"}],
                 "outcomeTimestamp":"2026-03-01T12:00:01.123Z"}]}""".formatted(card, suggestion)))
                .isEqualTo(200);
        assertThat(server.metrics.value(
                        "bloodnet_cds_feedback_total",
                        "service",
                        "ich-patient-view",
                        "outcome",
                        "accepted",
                        "reason",
                        "none"))
                .isEqualTo(1);
    }

    @Test
    void launched_from_an_ehr_it_sends_an_access_token_without_patient() {
        HttpResponse<String> response = call("/ich-patient-view", """
                {"hookInstance":"%s","hook":"patient-view","fhirServer":"https://launch.smarthealthit.org/v/r4/fhir",
                 "context":{"patientId":"smart-1288992","userId":"Practitioner/COREPRACTITIONER1"},
                 "fhirAuthorization":{"access_token":"made-up","token_type":"Bearer","expires_in":3600,
                   "scope":"patient/*.* user/*.* launch openid profile online_access","subject":"48163c5e-88b5-4cb3-92d3-23b800caa927"},
                 "prefetch":{"patient":%s}}""");
        assertThat(HooksServer.json(response).path("cards")).hasSize(1);
    }

    @Test
    void selects_and_signs_a_draft_and_dismisses_the_card_with_a_reason() {
        String draft = """
                {"resourceType":"Bundle","entry":[{"resource":{"resourceType":"MedicationRequest","id":"request-123","status":"draft",
                 "subject":{"reference":"Patient/smart-1288992"},"authoredOn":"2026-03-01",
                 "dosageInstruction":[{"timing":{"repeat":{"frequency":1,"period":1,"periodUnit":"d"}},
                   "doseAndRate":[{"doseQuantity":{"value":1,"system":"http://unitsofmeasure.org","code":"{pill}"}}]}],
                 "medicationCodeableConcept":{"text":"Warfarin Sodium 5 MG Oral Tablet","coding":[{"display":"Warfarin Sodium 5 MG Oral Tablet",
                   "system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"855332"}]}}}]}""";
        String selected = """
                {"hookInstance":"%s","hook":"order-select","fhirServer":"https://launch.smarthealthit.org/v/r4/fhir",
                 "context":{"patientId":"smart-1288992","userId":"Practitioner/COREPRACTITIONER1",
                   "selections":["MedicationRequest/request-123"],"draftOrders":DRAFT},"prefetch":{"patient":%s}}""";
        assertThat(indicator(call("/ich-order-select", selected.replace("DRAFT", draft))))
                .isEqualTo("warning");
        String signed = selected.replace("order-select", "order-sign")
                .replace("\"selections\":[\"MedicationRequest/request-123\"],", "");
        HttpResponse<String> response = call("/ich-order-sign", signed.replace("DRAFT", draft));
        assertThat(indicator(response)).isEqualTo("critical");
        JsonNode card = HooksServer.json(response).path("cards").get(0);
        assertThat(card.at("/suggestions/0/actions/0/type").asText()).isEqualTo("delete");
        assertThat(card.at("/suggestions/0/actions/0/resourceId").asText()).isEqualTo("MedicationRequest/request-123");
        JsonNode reason = card.path("overrideReasons").get(0);
        assertThat(feedback("ich-order-sign", """
                {"feedback":[{"card":"%s","outcome":"overridden","outcomeTimestamp":"2026-03-01T12:00:05.000Z",
                 "overrideReason":{"reason":{"code":"%s","system":"%s"}}}]}""".formatted(
                                card.path("uuid").asText(),
                                reason.path("code").asText(),
                                reason.path("system").asText())))
                .isEqualTo(200);
        assertThat(HooksServer.json(call("/ich-order-sign", signed.replace("DRAFT", draft)))
                        .path("cards"))
                .as("the person said why: the order may be signed now")
                .isEmpty();
    }

    /** A call whose two places take the hook's instance and the patient. */
    private HttpResponse<String> call(String path, String body) {
        HttpResponse<String> response = server.post(
                path,
                body.replaceFirst("%s", UUID.randomUUID().toString()).replace("%s", PATIENT),
                "Accept",
                "application/json",
                "Content-Type",
                "application/json",
                "Origin",
                ORIGIN,
                "Authorization",
                bearer(path));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.headers().firstValue("Access-Control-Allow-Origin")).contains(ORIGIN);
        return response;
    }

    private int feedback(String service, String body) {
        String path = "/" + service + "/feedback";
        return server.post(
                        path, body, "Content-Type", "application/json", "Origin", ORIGIN, "Authorization", bearer(path))
                .statusCode();
    }

    private static String indicator(HttpResponse<String> response) {
        JsonNode cards = HooksServer.json(response).path("cards");
        assertThat(cards).hasSize(1);
        return cards.get(0).path("indicator").asText();
    }

    /** Lives for exactly the five minutes that are allowed, and names where its key is to be found. */
    private static String bearer(String path) {
        Map<String, Object> claims =
                TokenMaker.claims(ORIGIN, HooksServer.BASE + CdsHooksService.PATH + path, HooksServer.NOW);
        claims.put("exp", HooksServer.NOW.plusSeconds(300).getEpochSecond());
        return "Bearer " + KEY.token(claims, header -> header.put("jku", JKU.toString()));
    }
}
