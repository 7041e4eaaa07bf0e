package io.bloodnet.server.security;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Key sets as they are found: one bad key in them (RFC 7517 5), compressed, slow. */
class KeySetFormsTest {

    private static final String ISSUER = "https://ehr.example";
    private static final String URL = "http://127.0.0.1:8080/cds-services/ich-patient-view";
    private static final TokenMaker GOOD = TokenMaker.es384("good");
    private static final TokenMaker RSA = TokenMaker.rs384("good");

    private final SettableClock clock = new SettableClock(Instant.parse("2026-03-01T12:00:00Z"));
    private final CountDownLatch slow = new CountDownLatch(1);
    private HttpServer server;
    private volatile byte[] answer = TokenMaker.keySet(GOOD).getBytes(StandardCharsets.UTF_8);
    private volatile boolean waits;
    private volatile String coding = "";

    @TempDir
    Path folder;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            if (waits) {
                try {
                    slow.await(30, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            if (!coding.isEmpty()) {
                exchange.getResponseHeaders().add("Content-Encoding", coding);
            }
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        slow.countDown();
        server.stop(0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"kty\":\"EC\",\"crv\":\"brainpoolP256r1\",\"x\":\"AQ\",\"y\":\"AQ\",\"kid\":\"bp\",\"use\":\"sig\"}",
                "{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"AQ\",\"y\":\"AQ\",\"kid\":\"off-curve\",\"use\":\"sig\"}",
                "{\"kty\":\"RSA\",\"n\":\"MODULUS\",\"kid\":\"rsa-1\",\"use\":\"sig\"}",
                "{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\",\"kid\":\"weak\",\"use\":\"sig\"}",
                "{\"kty\":\"RSA\",\"n\":\"MODULUS\",\"e\":\"AQAB\",\"kid\":\"good\",\"alg\":\"RS384\",\"use\":\"sig\"}",
                "{\"kty\":\"oct\",\"k\":\"AAAA\",\"kid\":\"good\"}",
                "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AQ\",\"kid\":\"ed\"}",
                "{\"kty\":\"from-the-future\",\"kid\":\"new\"}",
                "{\"kid\":\"no-kty\"}",
                "{\"kty\":7}",
                "{\"kty\":\"RSA\",\"n\":\"MODULUS\",\"e\":\"AQAB\",\"kid\":\"c\",\"x5c\":[\"not a certificate\"]}",
                "\"no key at all\"",
                "null"
            })
    void a_key_that_cannot_be_used_is_passed_over_and_the_good_one_works(String bad) throws IOException {
        String other = bad.replace("MODULUS", RSA.rsaKey().getModulus().toString());
        String good = GOOD.publicKey().toJSONString();
        for (String keys : List.of(other + "," + good, good + "," + other)) {
            Path file = Files.writeString(folder.resolve("jwks.json"), "{\"keys\":[" + keys + "]}");
            JwtVerifier verifier = new JwtVerifier(List.of(TrustedClient.withKeyFile(ISSUER, file)), clock);
            assertThat(check(verifier, GOOD)).as(keys.substring(0, 40)).isInstanceOf(TokenCheck.Accepted.class);
        }
    }

    @Test
    void two_types_of_key_may_share_an_id_and_a_third_key_is_still_refused() throws IOException {
        Path file = folder.resolve("jwks.json");
        TokenMaker.writeKeySet(file, GOOD, RSA);
        JwtVerifier verifier = new JwtVerifier(List.of(TrustedClient.withKeyFile(ISSUER, file)), clock);
        assertThat(check(verifier, GOOD)).isInstanceOf(TokenCheck.Accepted.class);
        assertThat(check(verifier, RSA)).isInstanceOf(TokenCheck.Accepted.class);
        assertThat(check(verifier, TokenMaker.es384("good"))).isEqualTo(new TokenCheck.Refused(TokenFault.SIGNATURE));
    }

    @Test
    void a_key_set_that_comes_compressed_or_with_a_byte_order_mark_is_read() throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(zipped)) {
            zip.write(answer);
        }
        answer = zipped.toByteArray();
        coding = "gzip";
        assertThat(check(byUrl(), GOOD)).isInstanceOf(TokenCheck.Accepted.class);
        coding = "";
        answer = ("\ufeff" + TokenMaker.keySet(GOOD)).getBytes(StandardCharsets.UTF_8);
        assertThat(check(byUrl(), GOOD)).isInstanceOf(TokenCheck.Accepted.class);
    }

    @Test
    void a_slow_key_set_goes_on_being_read_when_a_caller_gives_up() throws Exception {
        waits = true;
        JwtVerifier verifier = byUrl();
        Thread caller = Thread.ofVirtual().start(() -> check(verifier, GOOD));
        caller.interrupt(); // its time is over
        caller.join();
        slow.countDown();
        assertThat(check(verifier, GOOD)).as("the same read").isInstanceOf(TokenCheck.Accepted.class);
    }

    @Test
    void keys_are_read_at_the_start_and_kept_fresh_beside_the_calls() throws Exception {
        JwtVerifier verifier = byUrl();
        verifier.warmUp();
        assertThat(check(verifier, GOOD)).isInstanceOf(TokenCheck.Accepted.class);
        waits = true;
        clock.advance(java.time.Duration.ofMinutes(6));
        verifier.refreshKeys();
        assertThat(check(verifier, GOOD))
                .as("the keys from before, while new ones are on their way")
                .isInstanceOf(TokenCheck.Accepted.class);
    }

    private JwtVerifier byUrl() {
        URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/jwks.json");
        return new JwtVerifier(List.of(TrustedClient.withKeyUrl(ISSUER, url)), clock);
    }

    private TokenCheck check(JwtVerifier verifier, TokenMaker maker) {
        return verifier.check("Bearer " + maker.token(TokenMaker.claims(ISSUER, URL, clock.instant())), URL);
    }
}
