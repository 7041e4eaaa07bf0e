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
import io.bloodnet.server.config.ConfigFile;
import io.bloodnet.server.config.ServerConfig;
import io.bloodnet.server.store.Database;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.logging.StreamHandler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Orders go the whole way through real sockets, a real database and the shipped network, with the sandbox hospital as the other side. */
class WholeWayTest {

    private static final long END_WITHIN_S = 240;

    private final HttpClient http = HttpClient.newHttpClient();

    @TempDir
    Path folder;

    @Test
    void orders_by_hl7_and_fhir_end_once_are_audited_and_leave_no_patient_data_in_logs() throws Exception {
        List<SampleCase> cases = List.of(
                SampleCases.of("whole-1", 77, 901, HeadContent.INTRAPARENCHYMAL, SampleCase.Route.HL7_ORM, true),
                SampleCases.of("whole-2", 77, 902, HeadContent.CLEAN, SampleCase.Route.FHIR_IMAGING_STUDY, false),
                SampleCases.of("whole-3", 77, 903, HeadContent.LOCALIZER_ONLY, SampleCase.Route.HL7_OMI, false));
        ByteArrayOutputStream logged = new ByteArrayOutputStream();
        Handler handler = new StreamHandler(logged, new SimpleFormatter());
        handler.setLevel(Level.ALL);
        Logger.getLogger("").addHandler(handler);
        String metrics;
        try (SandboxHospital hospital = new SandboxHospital(SandboxPorts.ANY, cases, InstantSource.system())) {
            hospital.loadAll();
            try (RunningServer server = Main.start(
                    config(hospital), Path.of(System.getProperty("bloodnet.root"), "imaging-inference/model"))) {
                SandboxHospital.ServerAddress address = new SandboxHospital.ServerAddress(
                        new InetSocketAddress("127.0.0.1", server.hl7Port()),
                        URI.create(server.url() + "/fhir/events"));
                for (SampleCase sample : cases) {
                    assertThat(hospital.sendOrder(sample, address).accepted())
                            .as(sample.id())
                            .isTrue();
                }
                Map<String, JsonNode> ended = await(server, cases);
                assertThat(ended.get(cases.get(0).accession()).path("state").asText())
                        .startsWith("REPORTED_");
                assertThat(ended.get(cases.get(1).accession()).path("state").asText())
                        .startsWith("REPORTED_");
                assertThat(ended.get(cases.get(2).accession()).path("state").asText())
                        .isEqualTo("NOT_ANALYZED");
                assertThat(ended.get(cases.get(2).accession()).path("reason").asText())
                        .contains("localizer");
                assertThat(hospital.ehr().resources("DiagnosticReport")).hasSize(3);

                hospital.sendOrder(cases.get(0), address);
                get(server, "/api/worklist");
                assertThat(hospital.ehr().resources("DiagnosticReport"))
                        .as("the same order again")
                        .hasSize(3);
                assertThat(get(server, "/health/ready").statusCode()).isEqualTo(200);
                metrics = get(server, "/metrics").body();
                assertThat(metrics).contains("bloodnet_jobs{state=\"NOT_ANALYZED\"} 1");
                for (String stage : List.of("card", "ehr", "hl7")) {
                    assertThat(metrics)
                            .containsPattern("bloodnet_time_to_flag_seconds_count\\{stage=\"" + stage + "\"} [1-9]")
                            .contains("bloodnet_time_to_flag_seconds_bucket{stage=\"" + stage + "\",le=\"900.0\"}");
                    assertThat(get(server, "/api/worklist").body()).containsPattern("\"" + stage + "Seconds\":[0-9]");
                }
                assertThat(metrics).contains("bloodnet_order_step_seconds_bucket{step=\"network\"");
            }
        } finally {
            handler.flush();
            Logger.getLogger("").removeHandler(handler);
        }
        String log = logged.toString(StandardCharsets.UTF_8);
        assertThat(log).contains("is being analyzed");
        for (SampleCase sample : cases) {
            for (String marker : List.of(sample.patientId(), sample.familyName(), sample.givenName())) {
                assertThat(log).as("log").doesNotContain(marker);
                assertThat(metrics).as("metrics").doesNotContain(marker);
            }
        }
        verifyAudit();
    }

    private void verifyAudit() {
        try (Database database = Database.openForReading("jdbc:h2:file:" + folder.resolve("bloodnet"), "sa", null)) {
            Verification verification = AuditVerifier.database(
                    database.dataSource(),
                    new KeyFile(folder.resolve("audit-key.pem")).publicKeys().orElseThrow(),
                    List.of());
            assertThat(verification).isInstanceOf(Verification.Verified.class);
            assertThat(verification.lines().getLast()).matches("entries [1-9][0-9]* root [0-9a-f]{64} verified");
        }
    }

    private Map<String, JsonNode> await(RunningServer server, List<SampleCase> cases)
            throws IOException, InterruptedException {
        Map<String, JsonNode> ended = new java.util.HashMap<>();
        long until = System.nanoTime() + END_WITHIN_S * 1_000_000_000L;
        while (ended.size() < cases.size()) {
            assertThat(System.nanoTime())
                    .as("all orders end in time; ended: %s", ended.keySet())
                    .isLessThan(until);
            for (JsonNode item : new ObjectMapper()
                    .readTree(get(server, "/api/worklist").body())
                    .path("items")) {
                String state = item.path("state").asText();
                if (io.bloodnet.server.job.JobState.valueOf(state).isTerminal()) {
                    ended.put(item.path("accessionNumber").asText(), item);
                }
            }
        }
        return ended;
    }

    private HttpResponse<String> get(RunningServer server, String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create(server.url() + path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private ServerConfig config(SandboxHospital hospital) {
        return ConfigFile.parse("""
                http: { port: 0 }
                hl7: { listen: { port: 0 }, results: { port: %d } }
                pacs: { dicomweb-url: "%s" }
                ehr: { fhir-url: "%s" }
                database: { url: "jdbc:h2:file:%s" }
                audit: { key-file: "%s" }
                orders: { quiet-seconds: 1 }
                """.formatted(
                        hospital.hl7().port(),
                        hospital.pacs().url(),
                        hospital.ehr().url(),
                        folder.resolve("bloodnet"),
                        folder.resolve("audit-key.pem")));
    }
}
