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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * kill -9 between each pair of stages: the server halts at a named point, is started again to die at the next, and in the end each order has
 * ended once: one report, one message, one mask, and a log that verifies. The sender does what senders do: it repeats what was not
 * acknowledged. Points come in the reverse of an order's way, so that an order that was cut off goes on behind the point at which the
 * next one dies.
 */
class CrashPointsTest {

    private static final List<String> POINTS = List.of(
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
                    "sent-hl7")
            .reversed();

    private static final Duration START_WITHIN = Duration.ofSeconds(120);
    private static final Duration END_WITHIN = Duration.ofSeconds(240);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    @TempDir
    Path folder;

    private int port;
    private int hl7Port;

    @Test
    void each_order_ends_once_when_the_server_dies_at_each_point() throws Exception {
        port = ServerProcess.freePort();
        hl7Port = ServerProcess.freePort();
        Map<String, SampleCase> samples = new LinkedHashMap<>();
        for (String point : POINTS) {
            samples.put(
                    point,
                    SampleCases.of(
                            "crash-" + point,
                            31,
                            701 + samples.size(),
                            HeadContent.INTRAPARENCHYMAL,
                            SampleCase.Route.HL7_ORM,
                            true));
        }
        try (SandboxHospital hospital =
                new SandboxHospital(SandboxPorts.ANY, List.copyOf(samples.values()), InstantSource.system())) {
            hospital.loadAll();
            Path config = config(hospital);
            List<SampleCase> unacknowledged = new ArrayList<>();
            for (String point : POINTS) {
                unacknowledged.add(samples.get(point));
                Process dying = start(config, Optional.of(point));
                try {
                    if (ready(dying)) {
                        unacknowledged.removeIf(sample -> send(hospital, sample));
                    }
                    assertThat(dying.waitFor(END_WITHIN.toSeconds(), TimeUnit.SECONDS))
                            .as("%s is reached", point)
                            .isTrue();
                    assertThat(dying.exitValue()).as("it died at %s", point).isEqualTo(137);
                } finally {
                    dying.destroyForcibly().waitFor();
                }
            }
            Process last = start(config, Optional.empty());
            try {
                assertThat(ready(last)).as("last start").isTrue();
                for (SampleCase sample : unacknowledged) {
                    assertThat(send(hospital, sample)).as("the order repeated").isTrue();
                }
                assertThat(end(last, samples.size()))
                        .allSatisfy(
                                item -> assertThat(item.path("state").asText()).isEqualTo("REPORTED_POSITIVE"));
                assertThat(hospital.ehr().resources("DiagnosticReport")).hasSameSizeAs(samples.values());
                assertThat(hospital.hl7().received().stream()
                                .map(m -> m.controlId())
                                .distinct())
                        .hasSameSizeAs(samples.values());
                samples.forEach((point, sample) -> assertThat(hospital.pacs().files(sample.studyUid(), "SEG"))
                        .as("masks of the order that met %s", point)
                        .hasSize(1));
            } finally {
                last.destroy();
                assertThat(last.waitFor(60, TimeUnit.SECONDS))
                        .as("SIGTERM ends it")
                        .isTrue();
                assertThat(last.exitValue()).isIn(0, 143);
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

    private List<JsonNode> end(Process process, int orders) throws IOException, InterruptedException {
        long until = System.nanoTime() + END_WITHIN.toNanos();
        while (System.nanoTime() < until && process.isAlive()) {
            Optional<HttpResponse<String>> answer = get("/api/worklist");
            List<JsonNode> items = new ArrayList<>();
            if (answer.isPresent()) {
                JSON.readTree(answer.get().body()).path("items").forEach(items::add);
            }
            if (items.size() == orders
                    && items.stream()
                            .allMatch(
                                    item -> JobState.valueOf(item.path("state").asText())
                                            .isTerminal())) {
                return items;
            }
            process.waitFor(200, TimeUnit.MILLISECONDS);
        }
        throw new AssertionError(
                "the orders do not end; the server said: " + Files.readString(folder.resolve("server.log")));
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

    private boolean send(SandboxHospital hospital, SampleCase sample) {
        SandboxHospital.ServerAddress address = new SandboxHospital.ServerAddress(
                new InetSocketAddress("127.0.0.1", hl7Port), URI.create("http://127.0.0.1:" + port + "/fhir/events"));
        try {
            return hospital.sendOrder(sample, address).accepted();
        } catch (IOException e) {
            return false; // it died before the acknowledgement
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
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
