package io.bloodnet.fhir.ehr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.SignedJWT;
import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.Outcome;
import io.bloodnet.audit.testing.RecordingAuditLog;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.FhirConfig.Auth;
import io.bloodnet.fhir.MiniHttp;
import io.bloodnet.fhir.Samples;
import io.bloodnet.fhir.SettableClock;
import io.bloodnet.fhir.ehr.EhrBase.ResourceId;
import io.bloodnet.fhir.ehr.EhrClient.Purpose;
import io.bloodnet.imaging.peer.RetryAfter;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.hl7.fhir.r4.model.Patient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class EhrClientTest {

    private static final Purpose PURPOSE = new Purpose(About.job("job-1"), "a test");
    private static final ResourceId P1 = new ResourceId("Patient", "p1");

    @TempDir
    Path folder;

    private final SettableClock clock = new SettableClock(Instant.parse("2026-03-01T10:00:00Z"));
    private final RecordingAuditLog audit = new RecordingAuditLog();
    private final List<AutoCloseable> open = new ArrayList<>();

    /** Answers what the test says. */
    private final class Scripted extends MiniHttp {
        private final Function<Request, Reply> script;

        Scripted(Function<Request, Reply> script) {
            this.script = script;
            open.add(this);
        }

        Scripted started() {
            start();
            return this;
        }

        @Override
        protected Reply reply(Request request) {
            return script.apply(request);
        }
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    @Test
    void a_redirect_is_not_followed_and_takes_no_token_along() throws IOException {
        Scripted evil = new Scripted(_ -> MiniHttp.Reply.json(200, Samples.PATIENT_JSON)).started();
        Scripted server = new Scripted(
                        _ -> new MiniHttp.Reply(307, Map.of("Location", evil.root() + "/fhir/Patient/p1"), new byte[0]))
                .started();
        Path token = Files.writeString(folder.resolve("token"), "s3cret\n");

        EhrClient ehr = client(server, new Auth.Bearer(token));
        assertThatThrownBy(() -> ehr.read(Patient.class, P1, PURPOSE))
                .isInstanceOfSatisfying(
                        EhrException.class, e -> assertThat(e.code()).isEqualTo(EhrException.Code.REFUSED));
        assertThat(server.requests.getFirst().headers()).containsEntry("Authorization", "Bearer s3cret");
        assertThat(evil.requests).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/token", "/fhir/.well-known/smart-configuration"})
    void a_redirect_on_the_way_to_a_token_is_not_followed(String redirected) throws Exception {
        Scripted evil = new Scripted(_ -> MiniHttp.Reply.json(200, "{\"access_token\":\"x\"}")).started();
        Scripted server = new Scripted(r -> r.path().equals(redirected)
                        ? new MiniHttp.Reply(307, Map.of("Location", evil.root() + redirected), new byte[0])
                        : MiniHttp.Reply.json(
                                200,
                                "{\"token_endpoint\":\"http://" + r.headers().get("Host") + "/token\"}"))
                .started();
        Path key = pem(pair(Auth.Algorithm.ES384), "key.pem");
        EhrClient ehr = client(
                server,
                new Auth.BackendServices(null, "bloodnet", key, "kid-1", Auth.Algorithm.ES384, "system/*.cruds"));
        assertThatThrownBy(() -> ehr.read(Patient.class, P1, PURPOSE)).isInstanceOf(EhrException.class);
        assertThat(server.requests).anyMatch(r -> r.path().equals(redirected));
        assertThat(server.requests).noneMatch(r -> r.path().startsWith("/fhir/Patient"));
        assertThat(evil.requests).as("the signed assertion goes nowhere else").isEmpty();
    }

    @Test
    void a_next_page_on_another_server_is_not_fetched() {
        Scripted evil = new Scripted(_ -> MiniHttp.Reply.json(200, "{}")).started();
        Scripted server = new Scripted(_ -> MiniHttp.Reply.json(
                        200,
                        "{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"link\":[{\"relation\":\"next\",\"url\":\""
                                + evil.root() + "/fhir?page=2\"}],\"entry\":[{\"resource\":" + Samples.PATIENT_JSON
                                + "}]}"))
                .started();
        assertThat(client(server, new Auth.None()).search(Patient.class, Map.of("identifier", "1"), PURPOSE))
                .hasSize(1);
        assertThat(evil.requests).isEmpty();
    }

    @Test
    void endless_pages_end() {
        Scripted[] server = new Scripted[1];
        server[0] = new Scripted(_ -> MiniHttp.Reply.json(
                        200,
                        "{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"link\":[{\"relation\":\"next\",\"url\":\""
                                + server[0].root() + "/fhir?page=2\"}],\"entry\":[{\"resource\":" + Samples.PATIENT_JSON
                                + "}]}"))
                .started();
        assertThat(client(server[0], new Auth.None()).list(Patient.class, Map.of(), PURPOSE))
                .hasSize(EhrClient.PAGES_MAX);
    }

    @Test
    void bad_answers_are_errors_without_their_content() {
        Map<String, EhrException.Code> answers = new HashMap<>();
        answers.put("{\"resourceType\":\"Patient\",\"id\":\"p1\"", EhrException.Code.BAD_ANSWER);
        answers.put("<html>M00001</html>", EhrException.Code.BAD_ANSWER);
        answers.put("{\"resourceType\":\"Observation\",\"id\":\"p1\"}", EhrException.Code.BAD_ANSWER);
        answers.put("{\"resourceType\":\"Patient\",\"id\":\"M00001\"}", EhrException.Code.BAD_ANSWER);
        answers.put("{\"a\":".repeat(100) + "1" + "}".repeat(100), EhrException.Code.BAD_ANSWER);
        answers.put("{\"x\":\"" + "y".repeat(70_000) + "\"}", EhrException.Code.TOO_LARGE);
        answers.forEach((body, code) -> {
            Scripted server = new Scripted(_ -> MiniHttp.Reply.json(200, body)).started();
            assertThatThrownBy(() -> client(server, new Auth.None()).read(Patient.class, P1, PURPOSE))
                    .isInstanceOfSatisfying(EhrException.class, e -> {
                        assertThat(e.code()).isEqualTo(code);
                        assertThat(e.getMessage()).doesNotContain("M00001");
                    });
        });
    }

    @Test
    void compressed_answers_are_refused_unread() {
        Scripted server =
                new Scripted(_ -> new MiniHttp.Reply(200, Map.of("Content-Encoding", "gzip"), new byte[100])).started();
        assertThatThrownBy(() -> client(server, new Auth.None()).read(Patient.class, P1, PURPOSE))
                .isInstanceOf(EhrException.class);
    }

    @Test
    void retry_after_is_understood_and_bounded() {
        Instant now = Instant.parse("2026-03-01T10:00:00Z");
        assertThat(RetryAfter.parse("7", now)).isEqualTo(Duration.ofSeconds(7));
        assertThat(RetryAfter.parse("Sun, 1 Mar 2026 10:00:30 GMT", now)).isEqualTo(Duration.ofSeconds(30));
        assertThat(RetryAfter.parse("999999999", now)).isEqualTo(RetryAfter.MAX);
        assertThat(RetryAfter.parse("Sun, 1 Mar 2020 10:00:30 GMT", now)).isEqualTo(Duration.ZERO);
        assertThat(RetryAfter.parse("soon", now)).isNull();
        assertThat(RetryAfter.parse("-5", now)).isNull();
    }

    @ParameterizedTest
    @EnumSource(Auth.Algorithm.class)
    void a_token_is_had_by_private_key_jwt_and_kept_until_shortly_before_it_expires(Auth.Algorithm algorithm)
            throws Exception {
        KeyPair pair = pair(algorithm);
        List<SignedJWT> assertions = new ArrayList<>();
        Scripted server = tokenServer(assertions, 300);
        EhrClient ehr = client(server, services(server, pem(pair, "key.pem"), algorithm));

        ehr.read(Patient.class, P1, PURPOSE);
        ehr.read(Patient.class, P1, PURPOSE);
        assertThat(assertions).hasSize(1);
        clock.advance(Duration.ofSeconds(271));
        ehr.read(Patient.class, P1, PURPOSE);
        assertThat(assertions).hasSize(2);

        SignedJWT jwt = assertions.getFirst();
        assertThat(jwt.verify(
                        pair.getPublic() instanceof RSAPublicKey rsa
                                ? new RSASSAVerifier(rsa)
                                : new ECDSAVerifier((ECPublicKey) pair.getPublic())))
                .isTrue();
        assertThat(jwt.getHeader().getAlgorithm().getName()).isEqualTo(algorithm.name());
        assertThat(jwt.getHeader().getKeyID()).isEqualTo("kid-1");
        assertThat(jwt.getHeader().getType()).isEqualTo(JOSEObjectType.JWT);
        var claims = jwt.getJWTClaimsSet();
        assertThat(claims.getIssuer()).isEqualTo("bloodnet").isEqualTo(claims.getSubject());
        assertThat(claims.getAudience()).containsExactly(server.root() + "/token");
        assertThat(Duration.between(
                        Instant.parse("2026-03-01T10:00:00Z"),
                        claims.getExpirationTime().toInstant()))
                .isLessThanOrEqualTo(Duration.ofMinutes(5));
        assertThat(claims.getJWTID())
                .isNotEqualTo(assertions.getLast().getJWTClaimsSet().getJWTID());
        assertThat(audit.events(AuditEvent.TokenObtained.class))
                .hasSize(2)
                .allMatch(e -> e.outcome() == Outcome.SUCCESS);
    }

    @Test
    void the_token_endpoint_is_discovered_on_the_ehrs_own_origin_only() throws Exception {
        KeyPair pair = pair(Auth.Algorithm.ES384);
        Path key = pem(pair, "key.pem");
        List<SignedJWT> assertions = new ArrayList<>();
        Scripted server = tokenServer(assertions, 300);
        client(server, new Auth.BackendServices(null, "bloodnet", key, "kid-1", Auth.Algorithm.ES384, "system/*.cruds"))
                .read(Patient.class, P1, PURPOSE);
        assertThat(assertions).hasSize(1);

        Scripted evil = new Scripted(_ -> MiniHttp.Reply.json(200, "{\"access_token\":\"x\"}")).started();
        Scripted lying = new Scripted(
                        r -> MiniHttp.Reply.json(200, "{\"token_endpoint\":\"" + evil.root() + "/token\"}"))
                .started();
        EhrClient ehr = client(
                lying,
                new Auth.BackendServices(null, "bloodnet", key, "kid-1", Auth.Algorithm.ES384, "system/*.cruds"));
        assertThatThrownBy(() -> ehr.read(Patient.class, P1, PURPOSE))
                .isInstanceOfSatisfying(
                        EhrException.class, e -> assertThat(e.code()).isEqualTo(EhrException.Code.UNAUTHORIZED))
                .hasMessageContaining("token-url");
        assertThat(evil.requests).isEmpty();
        assertThat(audit.events(AuditEvent.TokenObtained.class)).anyMatch(e -> e.outcome() == Outcome.SERIOUS_FAILURE);
    }

    @Test
    void a_rotated_key_file_is_taken_up_and_a_token_that_is_refused_is_replaced_once() throws Exception {
        KeyPair first = pair(Auth.Algorithm.ES384);
        List<SignedJWT> assertions = new ArrayList<>();
        int[] refuse = {0};
        Scripted server = new Scripted(r -> {
                    if (r.path().equals("/token")) {
                        return token(r, assertions, 300);
                    }
                    return refuse[0]-- > 0
                            ? MiniHttp.Reply.json(401, "{}")
                            : MiniHttp.Reply.json(200, Samples.PATIENT_JSON);
                })
                .started();
        EhrClient ehr = client(server, services(server, pem(first, "key.pem"), Auth.Algorithm.ES384));
        ehr.read(Patient.class, P1, PURPOSE);
        KeyPair second = pair(Auth.Algorithm.ES384);
        pem(second, "key.pem");
        refuse[0] = 1;
        ehr.read(Patient.class, P1, PURPOSE);
        assertThat(assertions).hasSize(2);
        assertThat(assertions.getLast().verify(new ECDSAVerifier((ECPublicKey) second.getPublic())))
                .isTrue();
        refuse[0] = 5;
        assertThatThrownBy(() -> ehr.read(Patient.class, P1, PURPOSE))
                .isInstanceOfSatisfying(
                        EhrException.class, e -> assertThat(e.code()).isEqualTo(EhrException.Code.UNAUTHORIZED));
        assertThat(refuse[0]).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource(Auth.Algorithm.class)
    void a_rotated_jwk_brings_its_own_key_id(Auth.Algorithm algorithm) throws Exception {
        List<SignedJWT> assertions = new ArrayList<>();
        Scripted server = tokenServer(assertions, 300);
        Path file = folder.resolve("key.jwk");
        EhrClient ehr = client(
                server,
                new Auth.BackendServices(
                        URI.create(server.root() + "/token"), "bloodnet", file, null, algorithm, "system/*.cruds"));
        for (String kid : List.of("2026-01", "2026-02")) {
            Files.writeString(file, jwk(algorithm, kid));
            ehr.read(Patient.class, P1, PURPOSE);
            clock.advance(Duration.ofSeconds(301));
        }
        assertThat(assertions).extracting(jwt -> jwt.getHeader().getKeyID()).containsExactly("2026-01", "2026-02");
    }

    private static String jwk(Auth.Algorithm algorithm, String kid) throws Exception {
        return switch (algorithm) {
            case ES384 -> new ECKeyGenerator(Curve.P_384).keyID(kid).generate().toJSONString();
            case RS384 -> new RSAKeyGenerator(2048).keyID(kid).generate().toJSONString();
        };
    }

    @Test
    void a_token_that_would_break_the_header_is_refused() throws Exception {
        Scripted server = new Scripted(
                        _ -> MiniHttp.Reply.json(200, "{\"access_token\":\"a\\r\\nX: y\",\"expires_in\":300}"))
                .started();
        EhrClient ehr =
                client(server, services(server, pem(pair(Auth.Algorithm.ES384), "key.pem"), Auth.Algorithm.ES384));
        assertThatThrownBy(() -> ehr.read(Patient.class, P1, PURPOSE))
                .isInstanceOf(EhrException.class)
                .hasMessageContaining("token");
    }

    private Scripted tokenServer(List<SignedJWT> assertions, int seconds) {
        return new Scripted(r -> switch (r.path()) {
                    case "/token" -> token(r, assertions, seconds);
                    case "/fhir/.well-known/smart-configuration" ->
                        MiniHttp.Reply.json(
                                200,
                                "{\"token_endpoint\":\"http://" + r.headers().get("Host") + "/token\"}");
                    default ->
                        r.headers().getOrDefault("Authorization", "").startsWith("Bearer t")
                                ? MiniHttp.Reply.json(200, Samples.PATIENT_JSON)
                                : MiniHttp.Reply.json(401, "{}");
                })
                .started();
    }

    private static MiniHttp.Reply token(MiniHttp.Request request, List<SignedJWT> assertions, int seconds) {
        Map<String, String> form = new HashMap<>();
        for (String part : request.text().split("&")) {
            form.put(part.split("=")[0], URLDecoder.decode(part.split("=")[1], StandardCharsets.UTF_8));
        }
        assertThat(form)
                .containsEntry("grant_type", "client_credentials")
                .containsEntry("scope", "system/*.cruds")
                .containsEntry("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        try {
            assertions.add(SignedJWT.parse(form.get("client_assertion")));
        } catch (java.text.ParseException e) {
            throw new IllegalStateException(e);
        }
        return MiniHttp.Reply.json(
                200,
                "{\"access_token\":\"t" + assertions.size() + "\",\"token_type\":\"bearer\",\"expires_in\":" + seconds
                        + "}");
    }

    private static Auth services(MiniHttp server, Path key, Auth.Algorithm algorithm) {
        return new Auth.BackendServices(
                URI.create(server.root() + "/token"), "bloodnet", key, "kid-1", algorithm, "system/*.cruds");
    }

    private EhrClient client(MiniHttp server, Auth auth) {
        FhirConfig config = FhirConfig.of(server.root().resolve("/fhir"))
                .withAuth(auth)
                .withLimits(new FhirConfig.Limits(Duration.ofSeconds(5), Duration.ofSeconds(20), 64 << 10));
        EhrClient ehr = new EhrClient(config, audit, clock);
        open.add(ehr);
        return ehr;
    }

    private static KeyPair pair(Auth.Algorithm algorithm) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm == Auth.Algorithm.ES384 ? "EC" : "RSA");
        if (algorithm == Auth.Algorithm.ES384) {
            generator.initialize(new ECGenParameterSpec("secp384r1"));
        } else {
            generator.initialize(2048);
        }
        return generator.generateKeyPair();
    }

    private Path pem(KeyPair pair, String name) throws IOException {
        String base64 = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(pair.getPrivate().getEncoded());
        return Files.writeString(
                folder.resolve(name), "-----BEGIN PRIVATE KEY-----\n" + base64 + "\n-----END PRIVATE KEY-----\n");
    }
}
