package io.bloodnet.fhir.ehr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.bloodnet.audit.About;
import io.bloodnet.audit.testing.RecordingAuditLog;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.Samples;
import io.bloodnet.imaging.peer.TlsFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import javax.net.ssl.SSLParameters;
import org.hl7.fhir.r4.model.Patient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that asks for a client certificate, with certificates made for the test. */
class MutualTlsTest {

    @TempDir
    Path folder;

    private HttpsServer server;
    private Path password;

    @BeforeEach
    void start() throws Exception {
        password = Files.writeString(folder.resolve("password"), "changeit\n");
        keytool(
                "-genkeypair",
                "-alias",
                "one",
                "-keyalg",
                "EC",
                "-dname",
                "CN=127.0.0.1",
                "-ext",
                "san=ip:127.0.0.1",
                "-keystore",
                store());
        TlsFiles tls = new TlsFiles(Path.of(store()), password, Path.of(store()), password);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls.context()) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters ssl = getSSLContext().getDefaultSSLParameters();
                ssl.setNeedClientAuth(true);
                parameters.setSSLParameters(ssl);
            }
        });
        server.createContext("/fhir", exchange -> {
            byte[] body = Samples.PATIENT_JSON.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void our_certificate_opens_the_connection_and_none_does_not() {
        try (EhrClient with = client(new TlsFiles(Path.of(store()), password, Path.of(store()), password))) {
            assertThat(read(with)).isEqualTo("p1");
        }
        try (EhrClient without = client(new TlsFiles(null, null, Path.of(store()), password))) {
            assertThatThrownBy(() -> read(without)).isInstanceOf(EhrException.class);
        }
    }

    @Test
    void a_server_whose_authority_is_not_trusted_is_not_spoken_to() {
        try (EhrClient client = client(new TlsFiles(Path.of(store()), password, null, null))) {
            assertThatThrownBy(() -> read(client))
                    .isInstanceOfSatisfying(
                            EhrException.class, e -> assertThat(e.code()).isEqualTo(EhrException.Code.UNREACHABLE));
        }
    }

    @Test
    void a_wrong_password_stops_the_start_and_names_the_file() throws IOException {
        Path wrong = Files.writeString(folder.resolve("wrong"), "nonsense");
        assertThatThrownBy(() -> client(new TlsFiles(Path.of(store()), wrong, null, null)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("store.p12");
    }

    private static String read(EhrClient ehr) {
        return ehr.read(
                        Patient.class,
                        new EhrBase.ResourceId("Patient", "p1"),
                        new EhrClient.Purpose(About.nothing(), "a test"))
                .orElseThrow()
                .getIdPart();
    }

    private EhrClient client(TlsFiles tls) {
        URI base = URI.create("https://127.0.0.1:" + server.getAddress().getPort() + "/fhir");
        FhirConfig.Limits limits = new FhirConfig.Limits(Duration.ofSeconds(20), Duration.ofSeconds(30), 1 << 20);
        FhirConfig config = new FhirConfig(
                base,
                new FhirConfig.Auth.None(),
                null,
                tls,
                limits,
                FhirConfig.Naming.DEFAULT,
                FhirConfig.Intake.DEFAULT,
                FhirConfig.Results.DEFAULT);
        return new EhrClient(config, new RecordingAuditLog(), InstantSource.system());
    }

    private String store() {
        return folder.resolve("store.p12").toString();
    }

    private static void keytool(String... arguments) throws IOException, InterruptedException {
        List<String> command = new java.util.ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("-storetype", "PKCS12", "-storepass", "changeit"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getInputStream().readAllBytes();
        assertThat(process.waitFor()).isZero();
    }
}
