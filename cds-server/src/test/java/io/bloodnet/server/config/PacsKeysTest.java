package io.bloodnet.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.bloodnet.audit.testing.RecordingAuditLog;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicomweb.DicomWebClient;
import io.bloodnet.imaging.dicomweb.DicomWebSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PacsKeysTest {

    @TempDir
    private Path folder;

    private final List<String> authorizations = new CopyOnWriteArrayList<>();
    private final AtomicInteger tokens = new AtomicInteger();
    private final Closing closing = new Closing();
    private volatile String opensTo = "";
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/dicom-web", e -> {
            String authorization = String.valueOf(e.getRequestHeaders().getFirst("Authorization"));
            authorizations.add(authorization);
            answer(e, authorization.equals(opensTo) ? 200 : 401, "[]");
        });
        server.createContext(
                "/token",
                e -> answer(
                        e,
                        200,
                        "{\"access_token\":\"t" + tokens.incrementAndGet()
                                + "\",\"token_type\":\"bearer\",\"expires_in\":300}"));
        server.start();
    }

    @AfterEach
    void stop() {
        closing.close();
        server.stop(0);
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        exchange.getRequestBody().readAllBytes();
        byte[] bytes = body.getBytes(StandardCharsets.US_ASCII);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    private DicomWebSettings settings(String more) {
        ServerConfig config = ConfigFile.parse("pacs: { dicomweb-url: \"" + url("/dicom-web") + "\", " + more + " }");
        return config.pacs().edge(new RecordingAuditLog(), InstantSource.system(), closing);
    }

    private boolean reaches(DicomWebSettings settings) {
        try (DicomWebClient client = new DicomWebClient(settings, DicomLimits.DEFAULT)) {
            return client.reachable();
        }
    }

    @Test
    void a_user_signs_in_with_the_password_of_a_file() throws IOException {
        Path password = Files.writeString(folder.resolve("password"), "pw-1\n");
        opensTo = "Basic " + Base64.getEncoder().encodeToString("bloodnet:pw-1".getBytes(StandardCharsets.US_ASCII));
        assertThat(reaches(settings("auth: { user: bloodnet, password-file: \"" + password + "\" }")))
                .isTrue();
        assertThat(reaches(settings("headers-file: null"))).isFalse();
    }

    @Test
    void tokens_come_from_the_sites_authorization_server_and_are_kept() throws IOException, GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(384);
        String pem = "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder()
                        .encodeToString(generator.generateKeyPair().getPrivate().getEncoded())
                + "\n-----END PRIVATE KEY-----\n";
        Path key = Files.writeString(folder.resolve("key.pem"), pem);
        DicomWebSettings settings = settings("auth: { oauth: { token-url: \"" + url("/token")
                + "\", client-id: bloodnet, private-key-file: \"" + key + "\", key-id: k1, scope: pacs } }");
        opensTo = "Bearer t1";
        assertThat(reaches(settings)).isTrue();
        assertThat(reaches(settings)).isTrue();
        assertThat(authorizations).containsExactly("Bearer t1", "Bearer t1");
        assertThat(tokens).hasValue(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "auth: { }; exactly one of user, bearer-token-file and oauth, not 0",
                "auth: { user: a, password-file: p, bearer-token-file: t }; exactly one of user, bearer-token-file and oauth, not 2",
                "auth: { user: a }; pacs.auth.password-file is missing",
                "auth: { user: 'a:b', password-file: p }; pacs.auth.user",
                "auth: { oauth: { client-id: c, private-key-file: k } }; pacs.auth.oauth.token-url is missing",
                "auth: { oauth: { token-url: 'ftp://x', client-id: c, private-key-file: k } }; pacs.auth.oauth.token-url",
                "tls: { trust-store: none.p12 }; pacs.tls: the PKCS#12 file none.p12 cannot be opened"
            })
    void what_is_missing_or_contradictory_is_named(String keys, String message) {
        assertThatThrownBy(() -> settings(keys))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(message.strip());
    }
}
