package io.bloodnet.server.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every way to come in with a token that is not good, and the ways that are. Replay is tested where uses are stored. */
class JwtVerifierTest {

    private static final String ISSUER = "https://ehr.example";
    private static final String URL = "http://127.0.0.1:8080/cds-services/ich-patient-view";
    private static final TokenMaker EC = TokenMaker.es384("ec-1");
    private static final TokenMaker RSA = TokenMaker.rs384("rsa-1");

    private final SettableClock clock = new SettableClock(Instant.parse("2026-03-01T12:00:00Z"));

    @TempDir
    Path folder;

    private Path keys;
    private JwtVerifier verifier;

    @BeforeEach
    void trust_one_client() {
        keys = folder.resolve("jwks.json");
        TokenMaker.writeKeySet(keys, EC, RSA);
        verifier = new JwtVerifier(List.of(TrustedClient.withKeyFile(ISSUER, keys)), clock);
    }

    @Test
    void accepts_elliptic_curve_and_rsa_signatures() {
        assertThat(check(EC.token(claims()))).isInstanceOf(TokenCheck.Accepted.class);
        assertThat(check(RSA.token(claims()))).isInstanceOf(TokenCheck.Accepted.class);
    }

    @Test
    void remembers_a_token_until_it_would_be_refused_as_expired() {
        TokenCheck.Accepted accepted = (TokenCheck.Accepted) check(EC.token(claims()));
        clock.advance(Duration.between(clock.instant(), accepted.use().forgetAfter()));
        assertThat(faultOf(EC.token(claims(c -> {
                    c.put("iat", Instant.parse("2026-03-01T12:00:00Z").getEpochSecond());
                    c.put("exp", Instant.parse("2026-03-01T12:04:00Z").getEpochSecond());
                }))))
                .isEqualTo(TokenFault.LIFETIME);
    }

    @Test
    void accepts_the_called_url_in_an_array_of_audiences() {
        assertThat(check(EC.token(claims(c -> c.put("aud", List.of("https://other.example", URL))))))
                .isInstanceOf(TokenCheck.Accepted.class);
    }

    @Test
    void refuses_a_call_without_a_token() {
        assertThat(verifier.check(null, URL)).isEqualTo(new TokenCheck.Refused(TokenFault.MISSING));
        assertThat(verifier.check("Basic abc", URL)).isEqualTo(new TokenCheck.Refused(TokenFault.MISSING));
        assertThat(verifier.check("Bearer ", URL)).isEqualTo(new TokenCheck.Refused(TokenFault.MALFORMED));
        assertThat(verifier.check("Bearer x.y.z", URL)).isEqualTo(new TokenCheck.Refused(TokenFault.MALFORMED));
    }

    // C-JWT 1
    @Test
    void refuses_alg_none() {
        String unsigned = TokenMaker.encode("{\"alg\":\"none\",\"typ\":\"JWT\",\"kid\":\"ec-1\"}") + "."
                + TokenMaker.encode(TokenMaker.json(claims())) + ".";
        assertThat(faultOf(unsigned)).isIn(TokenFault.ALGORITHM, TokenFault.MALFORMED);
        assertThat(faultOf(EC.token(claims(), h -> h.put("alg", "none"))))
                .isIn(TokenFault.ALGORITHM, TokenFault.MALFORMED);
        assertThat(faultOf(EC.token(claims(), h -> h.put("alg", "None"))))
                .isIn(TokenFault.ALGORITHM, TokenFault.MALFORMED);
    }

    // C-JWT 2
    @Test
    void refuses_a_symmetric_signature_made_with_the_public_key() throws Exception {
        String signed = TokenMaker.encode("{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"rsa-1\"}") + "."
                + TokenMaker.encode(TokenMaker.json(claims()));
        byte[] secret = RSA.rsaKey().toRSAPublicKey().getEncoded();
        String mac = new MACSigner(secret)
                .sign(new JWSHeader(JWSAlgorithm.HS256), signed.getBytes(StandardCharsets.UTF_8))
                .toString();
        assertThat(faultOf(signed + "." + mac)).isEqualTo(TokenFault.ALGORITHM);
    }

    // C-JWT 3
    @Test
    void refuses_a_signature_by_another_key_under_the_same_kid() {
        assertThat(faultOf(TokenMaker.rs384("rsa-1").token(claims()))).isEqualTo(TokenFault.SIGNATURE);
        assertThat(faultOf(TokenMaker.es384("ec-1").token(claims()))).isEqualTo(TokenFault.SIGNATURE);
    }

    // C-JWT 4
    @Test
    void refuses_an_unknown_kid() {
        assertThat(faultOf(EC.token(claims(), h -> h.put("kid", "nobody")))).isEqualTo(TokenFault.KEY_UNKNOWN);
        assertThat(faultOf(EC.token(claims(), h -> h.remove("kid")))).isEqualTo(TokenFault.KEY_ID);
        assertThat(faultOf(EC.token(claims(), h -> h.put("kid", "rsa-1")))).isEqualTo(TokenFault.KEY_UNKNOWN);
    }

    // C-JWT 5
    @Test
    void refuses_a_kid_that_is_a_path() {
        for (String kid : List.of("../../etc/passwd", "..", "/dev/null", "a/b", "k'--", "k\u0000", "x".repeat(129))) {
            assertThat(faultOf(EC.token(claims(), h -> h.put("kid", kid)))).isEqualTo(TokenFault.KEY_ID);
        }
    }

    // C-JWT 6
    @Test
    void never_dials_a_jku_that_is_not_listed() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        TokenMaker attacker = TokenMaker.es384("evil");
        HttpServer server = server(() -> TokenMaker.keySet(attacker), calls);
        String jku = "http://127.0.0.1:" + server.getAddress().getPort() + "/jwks.json";
        assertThat(faultOf(attacker.token(claims(), h -> h.put("jku", jku)))).isEqualTo(TokenFault.KEY_SET_URL);
        assertThat(faultOf(EC.token(claims(), h -> h.put("jku", jku)))).isEqualTo(TokenFault.KEY_SET_URL);
        server.stop(0);
        assertThat(calls).hasValue(0);
    }

    // C-JWT 7
    @Test
    void refuses_a_token_that_brings_its_own_key() {
        TokenMaker attacker = TokenMaker.es384("mine");
        assertThat(faultOf(attacker.token(
                        claims(), h -> h.put("jwk", attacker.publicKey().toJSONObject()))))
                .isEqualTo(TokenFault.EMBEDDED_KEY);
        assertThat(faultOf(EC.token(claims(), h -> h.put("x5u", "https://evil.example/c.pem"))))
                .isEqualTo(TokenFault.EMBEDDED_KEY);
    }

    // C-JWT 8
    @Test
    void refuses_exp_that_is_missing_past_or_far_away() {
        long now = clock.instant().getEpochSecond();
        assertThat(faultOf(EC.token(claims(c -> c.remove("exp"))))).isEqualTo(TokenFault.LIFETIME);
        assertThat(faultOf(EC.token(claims(c -> c.remove("iat"))))).isEqualTo(TokenFault.LIFETIME);
        assertThat(faultOf(EC.token(claims(c -> {
                    c.put("iat", now - 200);
                    c.put("exp", now - 31);
                }))))
                .isEqualTo(TokenFault.LIFETIME);
        assertThat(faultOf(EC.token(claims(c -> c.put("exp", now + 301))))).isEqualTo(TokenFault.LIFETIME);
        assertThat(check(EC.token(claims(c -> c.put("exp", now + 300))))).isInstanceOf(TokenCheck.Accepted.class);
        assertThat(faultOf(EC.token(claims(c -> c.put("exp", "soon"))))).isEqualTo(TokenFault.MALFORMED);
    }

    // C-JWT 9
    @Test
    void refuses_iat_in_the_future() {
        long now = clock.instant().getEpochSecond();
        assertThat(faultOf(EC.token(claims(c -> {
                    c.put("iat", now + 31);
                    c.put("exp", now + 200);
                }))))
                .isEqualTo(TokenFault.NOT_YET_VALID);
        assertThat(faultOf(EC.token(claims(c -> c.put("nbf", now + 60))))).isEqualTo(TokenFault.NOT_YET_VALID);
    }

    // C-JWT 10
    @Test
    void refuses_the_audience_of_another_service_and_prefixes() {
        for (String aud : List.of(
                "https://other.example/cds-services/ich-patient-view",
                "http://127.0.0.1:8080",
                "http://127.0.0.1:8080/cds-services",
                URL + "-2",
                URL + "/feedback",
                URL + "/",
                URL.toUpperCase(java.util.Locale.ROOT))) {
            assertThat(faultOf(EC.token(claims(c -> c.put("aud", aud))))).isEqualTo(TokenFault.AUDIENCE);
        }
        assertThat(faultOf(EC.token(claims(c -> c.remove("aud"))))).isEqualTo(TokenFault.AUDIENCE);
    }

    // C-JWT 11
    @Test
    void refuses_an_issuer_that_is_not_listed() {
        assertThat(faultOf(EC.token(claims(c -> c.put("iss", "https://evil.example")))))
                .isEqualTo(TokenFault.ISSUER);
        assertThat(faultOf(EC.token(claims(c -> c.put("iss", ISSUER + ".evil.example")))))
                .isEqualTo(TokenFault.ISSUER);
        assertThat(faultOf(EC.token(claims(c -> c.remove("iss"))))).isEqualTo(TokenFault.ISSUER);
    }

    // C-JWT 12 (that a use counts once is CardStoreContract's)
    @Test
    void refuses_a_token_that_could_not_be_recognized_when_it_comes_again() {
        assertThat(faultOf(EC.token(claims(c -> c.remove("jti"))))).isEqualTo(TokenFault.TOKEN_ID);
        assertThat(faultOf(EC.token(claims(c -> c.put("jti", ""))))).isEqualTo(TokenFault.TOKEN_ID);
        assertThat(faultOf(EC.token(claims(c -> c.put("jti", "j".repeat(256))))))
                .isEqualTo(TokenFault.TOKEN_ID);
    }

    // C-JWT 13
    @Test
    void refuses_another_typ() {
        assertThat(faultOf(EC.token(claims(), h -> h.put("typ", "at+jwt")))).isEqualTo(TokenFault.TYPE);
        assertThat(faultOf(EC.token(claims(), h -> h.remove("typ")))).isEqualTo(TokenFault.TYPE);
    }

    // C-JWT 14
    @Test
    void refuses_crit() {
        assertThat(faultOf(EC.token(claims(), h -> {
                    h.put("crit", List.of("x"));
                    h.put("x", 1);
                })))
                .isEqualTo(TokenFault.CRITICAL_HEADER);
        assertThat(faultOf(EC.token(claims(), h -> {
                    h.put("crit", List.of("b64"));
                    h.put("b64", false);
                })))
                .isEqualTo(TokenFault.CRITICAL_HEADER);
    }

    // C-JWT 15
    @Test
    void refuses_a_huge_token_before_reading_it() {
        assertThat(faultOf("a".repeat(1 << 20))).isEqualTo(TokenFault.TOO_LARGE);
        assertThat(faultOf(EC.token(claims(c -> c.put("x", "y".repeat(8000)))))).isEqualTo(TokenFault.TOO_LARGE);
    }

    // C-JWT 16
    @Test
    void refuses_an_elliptic_curve_signature_of_zeros() {
        String good = EC.token(claims());
        String body = good.substring(0, good.lastIndexOf('.') + 1);
        String zeros = com.nimbusds.jose.util.Base64URL.encode(new byte[96]).toString();
        assertThat(faultOf(body + zeros)).isEqualTo(TokenFault.SIGNATURE);
        assertThat(faultOf(body)).isIn(TokenFault.SIGNATURE, TokenFault.MALFORMED);
    }

    // C-JWT 17
    @Test
    void refuses_a_changed_payload() {
        String[] parts = EC.token(claims()).split("\\.");
        String forged = TokenMaker.encode(TokenMaker.json(claims(c -> c.put("sub", "root"))));
        assertThat(faultOf(parts[0] + "." + forged + "." + parts[2])).isEqualTo(TokenFault.SIGNATURE);
    }

    // C-JWT 18
    @Test
    void learns_a_rotated_key_in_flight_and_forgets_the_old_one() {
        assertThat(check(EC.token(claims()))).isInstanceOf(TokenCheck.Accepted.class);
        TokenMaker next = TokenMaker.es384("ec-2");
        TokenMaker.writeKeySet(keys, next);
        clock.advance(Duration.ofSeconds(2));
        assertThat(check(next.token(claims()))).isInstanceOf(TokenCheck.Accepted.class);
        assertThat(faultOf(EC.token(claims()))).isEqualTo(TokenFault.KEY_UNKNOWN);
    }

    @Test
    void reads_a_key_set_url_seldom_however_many_unknown_kids_come() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        AtomicReference<String> set = new AtomicReference<>(TokenMaker.keySet(EC));
        HttpServer server = server(set::get, calls);
        URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/jwks.json");
        verifier = new JwtVerifier(List.of(TrustedClient.withKeyUrl(ISSUER, url)), clock);

        assertThat(check(EC.token(claims(), h -> h.put("jku", url.toString()))))
                .isInstanceOf(TokenCheck.Accepted.class);
        for (int i = 0; i < 50; i++) {
            String kid = "unknown-" + i;
            assertThat(faultOf(EC.token(claims(), h -> h.put("kid", kid)))).isEqualTo(TokenFault.KEY_UNKNOWN);
        }
        assertThat(calls).hasValue(1);

        set.set(TokenMaker.keySet(RSA));
        clock.advance(Duration.ofSeconds(11));
        assertThat(check(RSA.token(claims()))).isInstanceOf(TokenCheck.Accepted.class);
        assertThat(calls).hasValue(2);
        server.stop(0);
    }

    @Test
    void uses_known_keys_for_an_hour_while_their_source_is_away() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        HttpServer server = server(() -> TokenMaker.keySet(EC), calls);
        URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/jwks.json");
        verifier = new JwtVerifier(List.of(TrustedClient.withKeyUrl(ISSUER, url)), clock);
        assertThat(check(EC.token(claims()))).isInstanceOf(TokenCheck.Accepted.class);
        server.stop(0);
        clock.advance(Duration.ofMinutes(59));
        assertThat(check(EC.token(claims()))).isInstanceOf(TokenCheck.Accepted.class);
        clock.advance(Duration.ofMinutes(2));
        assertThat(faultOf(EC.token(claims()))).isEqualTo(TokenFault.KEYS_UNAVAILABLE);
    }

    @Test
    void refuses_a_key_url_that_is_neither_https_nor_loopback() {
        for (String url : List.of(
                "http://ehr.example/jwks",
                "http://127.0.0.1.evil.example/jwks",
                "https://a@b.example/jwks",
                "file:///etc/passwd")) {
            assertThatThrownBy(() -> TrustedClient.withKeyUrl(ISSUER, URI.create(url)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("jwks-url");
        }
    }

    private Map<String, Object> claims() {
        return TokenMaker.claims(ISSUER, URL, clock.instant());
    }

    private Map<String, Object> claims(Consumer<Map<String, Object>> change) {
        Map<String, Object> claims = new HashMap<>(claims());
        claims.put("jti", UUID.randomUUID().toString());
        change.accept(claims);
        return claims;
    }

    private TokenCheck check(String token) {
        return verifier.check("Bearer " + token, URL);
    }

    private TokenFault faultOf(String token) {
        TokenCheck result = check(token);
        assertThat(result).isInstanceOf(TokenCheck.Refused.class);
        return ((TokenCheck.Refused) result).fault();
    }

    private static HttpServer server(java.util.function.Supplier<String> body, AtomicInteger calls) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            calls.incrementAndGet();
            byte[] bytes = body.get().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        return server;
    }
}
