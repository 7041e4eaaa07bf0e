package io.bloodnet.server.cdshooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bloodnet.audit.AuditEvent;
import io.bloodnet.fhir.RefusalLimit;
import io.bloodnet.server.cdshooks.request.HookService;
import io.bloodnet.server.security.TokenFault;
import io.bloodnet.server.security.TokenMaker;
import io.bloodnet.server.security.TrustedClient;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may call, over HTTP: tokens and browser origins. */
class AccessTest {

    private static final String ISSUER = "https://ehr.hospital.example";
    private static final HookService VIEW = HookService.PATIENT_VIEW;
    private static final TokenMaker KEY = TokenMaker.es384("k1");

    @TempDir
    Path folder;

    private HooksServer server;

    @BeforeEach
    void start() {
        Path keys = folder.resolve("jwks.json");
        TokenMaker.writeKeySet(keys, KEY);
        server = new HooksServer(HooksServer.config()
                .withClients(List.of(TrustedClient.withKeyFile(ISSUER, keys)))
                .withAllowedOrigins(List.of(ISSUER)));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void answers_good_tokens_on_every_endpoint() {
        assertThat(server.get("", "Authorization", "Bearer " + token("")).statusCode())
                .isEqualTo(200);
        assertThat(server.call(VIEW, Requests.call(VIEW), token("/" + VIEW.id()))
                        .statusCode())
                .isEqualTo(200);
        String feedback = CdsHooksServiceTest.feedback("c", "\"outcome\":\"overridden\"");
        String path = "/" + VIEW.id() + "/feedback";
        assertThat(server.post(path, feedback, "Authorization", "Bearer " + token(path))
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void refuses_calls_without_a_good_token_on_every_endpoint() {
        assertUnauthorized(server.get(""));
        assertUnauthorized(server.call(VIEW, Requests.call(VIEW), null));
        assertUnauthorized(server.post("/" + VIEW.id() + "/feedback", "{\"feedback\":[]}"));
        assertUnauthorized(server.call(VIEW, Requests.call(VIEW), token("/ich-order-sign")));
        assertUnauthorized(
                server.post("/" + VIEW.id() + "/feedback", "{}", "Authorization", "Bearer " + token("/" + VIEW.id())));
        assertThat(server.audit.events(AuditEvent.AccessRefused.class)).hasSize(5);
        assertThat(server.audit.events(AuditEvent.CardsShown.class)).isEmpty();
    }

    @Test
    void takes_a_token_once_whatever_it_is_used_for() {
        String token = token("/" + VIEW.id());
        assertThat(server.call(VIEW, Requests.call(VIEW), token).statusCode()).isEqualTo(200);
        HttpResponse<String> again = server.call(VIEW, Requests.call(VIEW), token);
        assertUnauthorized(again);
        assertThat(again.body()).contains(TokenFault.REPLAYED.sentence());
        String discovery = token("");
        assertThat(server.get("", "Authorization", "Bearer " + discovery).statusCode())
                .isEqualTo(200);
        assertUnauthorized(server.get("", "Authorization", "Bearer " + discovery));
    }

    @Test
    void does_not_use_up_a_token_by_a_bad_request() {
        String token = token("/" + VIEW.id());
        assertThat(server.post("/" + VIEW.id(), "{}", "Authorization", "Bearer " + token)
                        .statusCode())
                .isEqualTo(400);
        assertThat(server.call(VIEW, Requests.call(VIEW), token).statusCode()).isEqualTo(200);
    }

    @Test
    void audits_a_flood_of_refusals_by_number() {
        for (int i = 0; i < 50; i++) {
            assertUnauthorized(server.get(""));
        }
        assertThat(server.audit.events(AuditEvent.AccessRefused.class)).hasSize(RefusalLimit.EACH_MINUTE);
        server.clock.advance(Duration.ofMinutes(1));
        assertUnauthorized(server.get(""));
        assertThat(server.audit.events(AuditEvent.AccessRefused.class).getLast().reason())
                .contains("and 40 refusals");
        assertThat(server.metrics.value("bloodnet_cds_refused_total", "reason", "missing"))
                .isEqualTo(51);
    }

    @Test
    void stays_closed_when_a_refusal_cannot_be_audited() {
        server.audit.setUnavailable(true);
        assertUnauthorized(server.get(""));
    }

    @Test
    void allows_the_configured_origin_by_name() {
        HttpResponse<String> preflight = server.options(
                "",
                "Origin",
                ISSUER,
                "Access-Control-Request-Method",
                "GET",
                "Access-Control-Request-Headers",
                "authorization");
        assertThat(preflight.statusCode()).isEqualTo(204);
        assertThat(preflight.headers().firstValue("Access-Control-Allow-Origin"))
                .contains(ISSUER);
        assertThat(preflight.headers().firstValue("Access-Control-Allow-Headers"))
                .contains("authorization, content-type");
        HttpResponse<String> refused = server.get("", "Origin", ISSUER);
        assertThat(refused.headers().firstValue("Access-Control-Allow-Origin")).contains(ISSUER);
        assertThat(refused.headers().firstValue("Vary")).contains("Origin");
        assertThat(refused.headers().firstValue("Access-Control-Allow-Credentials"))
                .isEmpty();
    }

    @Test
    void allows_no_other_origin() {
        for (String origin : List.of(
                "https://evil.example",
                ISSUER + ".evil.example",
                "https://ehr.hospital.example@evil.example",
                ISSUER + ":8443",
                "http://ehr.hospital.example",
                ISSUER.toUpperCase(java.util.Locale.ROOT),
                "null")) {
            for (HttpResponse<String> response : List.of(
                    server.get("", "Origin", origin),
                    server.options("", "Origin", origin, "Access-Control-Request-Method", "GET"))) {
                assertThat(response.headers().firstValue("Access-Control-Allow-Origin"))
                        .as(origin)
                        .isEmpty();
                assertThat(response.headers().firstValue("Vary")).contains("Origin");
            }
        }
    }

    @Test
    void refuses_configuration_that_would_open_the_door() {
        CdsHooksConfig config = HooksServer.config();
        assertThatThrownBy(() -> config.requireClientsUnlessLoopback("0.0.0.0"))
                .hasMessageContaining("cds-hooks.clients");
        config.requireClientsUnlessLoopback("127.0.0.1");
        for (String origin :
                List.of("*", "null", "https://a.example/", "https://*.example", "ehr.example", "https://u@a.example")) {
            assertThatThrownBy(() -> config.withAllowedOrigins(List.of(origin)))
                    .as(origin)
                    .hasMessageContaining("allowed-origins");
        }
        assertThatThrownBy(() -> CdsHooksConfig.of(URI.create("http://a.example/")))
                .hasMessageContaining("base-url");
    }

    private String token(String path) {
        Map<String, Object> claims =
                TokenMaker.claims(ISSUER, HooksServer.BASE + CdsHooksService.PATH + path, server.clock.instant());
        return KEY.token(claims);
    }

    private static void assertUnauthorized(HttpResponse<String> response) {
        assertThat(response.statusCode()).isEqualTo(401);
        assertThat(response.headers().firstValue("WWW-Authenticate")).contains("Bearer");
        CdsHooksServiceTest.assertOutcome(response);
    }
}
