package io.bloodnet.server.cdshooks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.server.cdshooks.request.HookService;
import io.bloodnet.server.security.JwtVerifier;
import io.bloodnet.server.security.TokenCheck;
import io.bloodnet.server.security.TokenMaker;
import io.bloodnet.server.security.TrustedClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The inputs of public trouble reports, where a folder with them is named by {@code -Dbloodnet.shared}. */
@EnabledIfSystemProperty(
        named = "bloodnet.shared",
        matches = ".+",
        disabledReason = "no folder with the reported inputs is named")
class FieldFormsTest {

    private static final String ISSUER = "https://ehr.example";
    private static final String URL = "http://cds.example/cds-services/ich-patient-view";

    @TempDir
    Path scratch;

    static Stream<Path> drafts() throws IOException {
        return Files.list(folder())
                .filter(file -> file.toString().endsWith(".order-sign.json"))
                .sorted();
    }

    private static Path folder() {
        return Path.of(System.getProperty("bloodnet.shared"), "field", "hl7-fhir-cds");
    }

    @ParameterizedTest
    @MethodSource("drafts")
    void a_draft_whose_drug_stands_elsewhere_gets_one_critical_card(Path file) throws IOException {
        try (HooksServer server = new HooksServer(HooksServer.config())) {
            server.given("M1", Findings.positive("job-1", HooksServer.NOW));
            ObjectNode call = (ObjectNode) new ObjectMapper().readTree(file.toFile());
            JsonNode cards = server.cards(HookService.ORDER_SIGN, call);
            assertThat(cards).as(file.getFileName().toString()).hasSize(1);
            assertThat(cards.get(0).path("indicator").asText()).isEqualTo("critical");
        }
    }

    @Test
    void a_prefetch_that_failed_is_an_absent_one() throws IOException {
        try (HooksServer server = new HooksServer(HooksServer.config())) {
            server.given("M1", Findings.positive("job-1", HooksServer.NOW));
            ObjectNode call = (ObjectNode) new ObjectMapper()
                    .readTree(folder().resolve("20a-prefetch-failed.patient-view.json")
                            .toFile());
            assertThat(server.call(HookService.PATIENT_VIEW, call, null).statusCode())
                    .isEqualTo(412);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"22b-unknown-curve.jwks.json", "22c-rsa-without-e.jwks.json", "22e-same-kid-other-kty.jwks.json"
            })
    void one_bad_key_in_a_set_spoils_only_itself(String name) throws IOException {
        TokenMaker good = TokenMaker.es384("good");
        JsonNode key = new ObjectMapper().readTree(good.publicKey().toJSONString());
        String set = Files.readString(folder().resolve(name))
                .replace("<x of the good key>", key.path("x").asText())
                .replace("<y of the good key>", key.path("y").asText())
                .replace(
                        "<modulus>", TokenMaker.rs384("r").rsaKey().getModulus().toString());
        Path file = Files.writeString(scratch.resolve("jwks.json"), set);
        InstantSource clock = InstantSource.fixed(Instant.parse("2026-03-01T12:00:00Z"));
        JwtVerifier verifier = new JwtVerifier(List.of(TrustedClient.withKeyFile(ISSUER, file)), clock);
        String token = good.token(TokenMaker.claims(ISSUER, URL, clock.instant()));
        assertThat(verifier.check("Bearer " + token, URL)).isInstanceOf(TokenCheck.Accepted.class);
    }
}
