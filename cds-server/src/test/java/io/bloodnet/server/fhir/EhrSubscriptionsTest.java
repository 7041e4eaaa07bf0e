package io.bloodnet.server.fhir;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.sandbox.SandboxHospital;
import io.bloodnet.sandbox.SandboxPorts;
import io.bloodnet.sandbox.cases.HeadContent;
import io.bloodnet.sandbox.cases.SampleCase;
import io.bloodnet.sandbox.cases.SampleCases;
import io.bloodnet.server.Main;
import io.bloodnet.server.RunningServer;
import io.bloodnet.server.config.ConfigFile;
import io.bloodnet.server.config.ServerConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole server keeps its Subscriptions at the EHR, and hears of studies by them; regular polling is as good as off here. */
class EhrSubscriptionsTest {

    private static final long WITHIN_S = 120;
    private static final String SECRET = "sixteen characters";

    private final HttpClient http = HttpClient.newHttpClient();
    private final SampleCase told =
            SampleCases.of("told", 78, 911, HeadContent.LOCALIZER_ONLY, SampleCase.Route.FHIR_IMAGING_STUDY, false);
    private final SampleCase untold =
            SampleCases.of("untold", 78, 912, HeadContent.LOCALIZER_ONLY, SampleCase.Route.FHIR_IMAGING_STUDY, false);

    @TempDir
    Path folder;

    @Test
    void a_deleted_subscription_comes_back_and_brings_studies_and_a_gap_is_caught_up() throws Exception {
        try (SandboxHospital hospital =
                        new SandboxHospital(SandboxPorts.ANY, List.of(told, untold), InstantSource.system());
                RunningServer server = Main.start(
                        config(hospital, freePort()),
                        Path.of(System.getProperty("bloodnet.root"), "imaging-inference/model"))) {
            await("two active Subscriptions", () -> active(hospital) == 2);
            String id = hospital.ehr()
                    .resources("Subscription")
                    .getFirst()
                    .path("id")
                    .asText();
            assertThat(send("DELETE", hospital.ehr().url() + "/Subscription/" + id, ""))
                    .isEqualTo(200);
            assertThat(active(hospital)).isEqualTo(1);
            await("the deleted one is back", () -> active(hospital) == 2);
            await("metrics say so", () -> {
                String metrics = get(server.url() + "/metrics");
                return metrics.contains("bloodnet_ehr_subscriptions{state=\"active\"} 2")
                        && metrics.contains("bloodnet_ehr_subscription_repairs_total 3");
            });
            assertThat(get(server.url() + "/health")).contains("\"ehrSubscriptions\":\"UP\"");

            hospital.load(told);
            String study = hospital.ehr().url() + "/ImagingStudy/" + told.fhirImagingStudyId();
            assertThat(send("PUT", study, get(study).replace("CT HEAD WO CONTRAST", "CT HEAD")))
                    .isEqualTo(200);
            await("the study is known by the rest-hook", () -> worklist(server).contains(told.accession()));

            hospital.load(untold);
            assertThat(worklist(server)).doesNotContain(untold.accession());
            assertThat(send("POST", server.url() + "/fhir/events", heartbeat(7)))
                    .isEqualTo(200);
            await(
                    "the study that nobody told of is found",
                    () -> worklist(server).contains(untold.accession()));
        }
    }

    private static long active(SandboxHospital hospital) {
        return hospital.ehr().resources("Subscription").stream()
                .filter(s -> s.path("status").asText().equals("active"))
                .filter(s -> s.path("channel").path("header").toString().contains(SECRET))
                .count();
    }

    /** Of a topic subscription that has counted more events than we heard of. */
    private static String heartbeat(int events) {
        return """
                {"resourceType":"Bundle","type":"history","entry":[{"resource":{"resourceType":"Parameters","parameter":[
                 {"name":"subscription","valueReference":{"reference":"Subscription/topic-1"}},{"name":"status","valueCode":"active"},
                 {"name":"type","valueCode":"heartbeat"},{"name":"events-since-subscription-start","valueString":"%d"}]},
                 "request":{"method":"GET","url":"Subscription/topic-1/$status"},"response":{"status":"200"}}]}""".formatted(events);
    }

    private String worklist(RunningServer server) throws IOException, InterruptedException {
        return get(server.url() + "/api/worklist");
    }

    private String get(String url) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private int send(String method, String url, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .header("Content-Type", "application/fhir+json")
                .header("X-BloodNet-Secret", SECRET)
                .build();
        return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    private static void await(String what, Callable<Boolean> condition) throws Exception {
        long until = System.nanoTime() + WITHIN_S * 1_000_000_000L;
        while (!condition.call()) {
            assertThat(System.nanoTime()).as(what).isLessThan(until);
            Thread.sleep(50); // other processes want the processor too
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private ServerConfig config(SandboxHospital hospital, int port) throws IOException {
        Path secret = Files.writeString(folder.resolve("event-secret"), SECRET);
        return ConfigFile.parse("""
                http: { port: %d }
                hl7: { listen: { port: 0 } }
                pacs: { dicomweb-url: "%s" }
                ehr:
                  fhir-url: "%s"
                  event-secret-file: "%s"
                  poll-seconds: 86400
                  subscriptions: { callback-url: "http://127.0.0.1:%d", check-seconds: 10 }
                database: { url: "jdbc:h2:file:%s" }
                audit: { key-file: "%s" }
                """.formatted(
                        port,
                        hospital.pacs().url(),
                        hospital.ehr().url(),
                        secret,
                        port,
                        folder.resolve("bloodnet"),
                        folder.resolve("audit-key.pem")));
    }
}
