package io.bloodnet.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bloodnet.audit.ledger.KeyFile;
import io.bloodnet.audit.verify.AuditVerifier;
import io.bloodnet.audit.verify.Verification;
import io.bloodnet.sandbox.SandboxHospital;
import io.bloodnet.sandbox.SandboxPorts;
import io.bloodnet.sandbox.cases.HeadContent;
import io.bloodnet.sandbox.cases.SampleCase;
import io.bloodnet.sandbox.cases.SampleCases;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.store.Database;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * kill -9 between each pair of stages: the server halts at a named point, is started again, and the order still ends once: one report, one
 * message, one mask at most, and a log that verifies. The sender does what senders do: it repeats what was not acknowledged.
 */
class CrashPointsTest {

    private static final Duration START_WITHIN = Duration.ofSeconds(120);
    private static final Duration END_WITHIN = Duration.ofSeconds(240);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    @TempDir
    Path folder;

    private int port;
    private int hl7Port;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "before-commit-of-order",
                "after-commit-of-order",
                "after-claim",
                "after-early-look",
                "before-commit-of-suspicion",
                "after-commit-of-suspicion",
                "images-complete",
                "after-inference",
                "before-commit-of-finding",
                "after-commit-of-finding",
                "intent-pacs",
                "sent-pacs",
                "settled-pacs",
                "sent-ehr",
                "settled-ehr",
                "sent-hl7"
            })
    void order_ends_once_when_the_server_dies_at(String point) throws Exception {
        SampleCase sample =
                SampleCases.of("crash-" + point, 31, 701, HeadContent.INTRAPARENCHYMAL, SampleCase.Route.HL7_ORM, true);
        port = ServerProcess.freePort();
        hl7Port = ServerProcess.freePort();
        try (SandboxHospital hospital =
                new SandboxHospital(SandboxPorts.ANY, List.of(sample), InstantSource.system())) {
            hospital.loadAll();
            Path config = config(hospital);
            boolean acknowledged = false;
            Process dying = start(config, Optional.of(point));
            try {
                assertThat(ready(dying)).as("first start").isTrue();
                acknowledged = send(hospital, sample);
                assertThat(dying.waitFor(END_WITHIN.toSeconds(), TimeUnit.SECONDS))
                        .as("%s is reached", point)
                        .isTrue();
                assertThat(dying.exitValue()).as("it died at the point").isEqualTo(137);
            } finally {
                dying.destroyForcibly().waitFor();
            }
            Process restarted = start(config, Optional.empty());
            try {
                assertThat(ready(restarted)).as("second start").isTrue();
                if (!acknowledged) {
                    assertThat(send(hospital, sample)).as("the order repeated").isTrue();
                }
                JsonNode item = end(restarted);
                assertThat(item.path("state").asText()).isEqualTo("REPORTED_POSITIVE");
                assertThat(hospital.ehr().resources("DiagnosticReport")).hasSize(1);
                assertThat(hospital.hl7().received().stream()
                                .map(m -> m.controlId())
                                .distinct())
                        .hasSize(1);
                assertThat(hospital.pacs().files(sample.studyUid(), "SEG")).hasSize(1);
            } finally {
                restarted.destroy();
                assertThat(restarted.waitFor(60, TimeUnit.SECONDS))
                        .as("SIGTERM ends it")
                        .isTrue();
                assertThat(restarted.exitValue()).isIn(0, 143);
            }
        }
        try (Database database = Database.openForReading("jdbc:h2:file:" + folder.resolve("bloodnet"), "sa", null)) {
            assertThat(AuditVerifier.database(
                            database.dataSource(),
                            new KeyFile(folder.resolve("audit-key.pem"))
                                    .publicKeys()
                                    .orElseThrow(),
                            List.of()))
                    .isInstanceOf(Verification.Verified.class);
        }
    }

    private Process start(Path config, Optional<String> haltAt) throws IOException {
        return ServerProcess.start(config, haltAt, folder.resolve("server.log"));
    }

    private boolean ready(Process process) throws InterruptedException {
        long until = System.nanoTime() + START_WITHIN.toNanos();
        while (System.nanoTime() < until && process.isAlive()) {
            if (get("/health/ready")
                    .filter(response -> response.statusCode() == 200)
                    .isPresent()) {
                return true;
            }
            process.waitFor(100, TimeUnit.MILLISECONDS);
        }
        return false;
    }

    private JsonNode end(Process process) throws IOException, InterruptedException {
        long until = System.nanoTime() + END_WITHIN.toNanos();
        while (System.nanoTime() < until && process.isAlive()) {
            Optional<HttpResponse<String>> answer = get("/api/worklist");
            JsonNode items = answer.isEmpty()
                    ? JSON.createArrayNode()
                    : JSON.readTree(answer.get().body()).path("items");
            if (items.size() == 1
                    && JobState.valueOf(items.get(0).path("state").asText()).isTerminal()) {
                return items.get(0);
            }
            process.waitFor(200, TimeUnit.MILLISECONDS);
        }
        throw new AssertionError(
                "the order does not end; the server said: " + Files.readString(folder.resolve("server.log")));
    }

    private Optional<HttpResponse<String>> get(String path) throws InterruptedException {
        try {
            return Optional.of(http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                            .timeout(Duration.ofSeconds(10))
                            .build(),
                    HttpResponse.BodyHandlers.ofString()));
        } catch (IOException e) {
            return Optional.empty(); // not up yet, or dying
        }
    }

    private boolean send(SandboxHospital hospital, SampleCase sample) throws InterruptedException {
        SandboxHospital.ServerAddress address = new SandboxHospital.ServerAddress(
                new InetSocketAddress("127.0.0.1", hl7Port), URI.create("http://127.0.0.1:" + port + "/fhir/events"));
        try {
            return hospital.sendOrder(sample, address).accepted();
        } catch (IOException e) {
            return false; // it died before the acknowledgement
        }
    }

    private Path config(SandboxHospital hospital) throws IOException {
        Path file = folder.resolve("bloodnet.yaml");
        Files.writeString(file, """
                http: { port: %d }
                hl7: { listen: { port: %d }, results: { port: %d } }
                pacs: { dicomweb-url: "%s" }
                ehr: { fhir-url: "%s" }
                database: { url: "jdbc:h2:file:%s" }
                audit: { key-file: "%s" }
                model: { threshold: 0.3 }
                orders: { quiet-seconds: 1 }
                """.formatted(
                        port,
                        hl7Port,
                        hospital.hl7().port(),
                        hospital.pacs().url(),
                        hospital.ehr().url(),
                        folder.resolve("bloodnet"),
                        folder.resolve("audit-key.pem")));
        return file;
    }
}
