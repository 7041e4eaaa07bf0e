package io.bloodnet.sandbox.ehr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.bloodnet.sandbox.Http;
import io.bloodnet.sandbox.cases.SampleCase;
import io.bloodnet.sandbox.cases.SampleCases;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SandboxEhrTest {

    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final SampleCase SAMPLE = SampleCases.demo().getFirst();

    private Instant now = NOW;
    private final SandboxEhr ehr = new SandboxEhr(0, () -> now);

    @AfterEach
    void close() {
        ehr.close();
    }

    @Test
    void conditional_create_twice_makes_one() throws Exception {
        HttpResponse<byte[]> first = post("Device", device("a"), "If-None-Exist", "identifier=urn:x|a");
        HttpResponse<byte[]> second = post("Device", device("a"), "If-None-Exist", "identifier=urn:x|a");

        assertThat(first.statusCode()).isEqualTo(201);
        assertThat(second.statusCode()).isEqualTo(200);
        assertThat(second.headers().firstValue("Location"))
                .isEqualTo(first.headers().firstValue("Location"));
        assertThat(ehr.resources("Device")).hasSize(1);
    }

    @Test
    void parallel_conditional_creates_make_one() throws Exception {
        List<Callable<Integer>> creates = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            creates.add(() -> post("Device", device("a"), "If-None-Exist", "identifier=urn:x|a")
                    .statusCode());
        }
        List<Integer> statuses = new ArrayList<>();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Integer> status : executor.invokeAll(creates)) {
                statuses.add(status.get());
            }
        }
        assertThat(statuses).containsOnly(200, 201).containsOnlyOnce(201);
        assertThat(ehr.resources("Device")).hasSize(1);
    }

    @Test
    void conditional_write_that_matches_two_is_refused() throws Exception {
        post("Device", device("a"));
        post("Device", device("a"));

        assertThat(post("Device", device("a"), "If-None-Exist", "identifier=urn:x|a")
                        .statusCode())
                .isEqualTo(412);
        assertThat(put("Device?identifier=urn:x%7Ca", device("a")).statusCode()).isEqualTo(412);
    }

    @Test
    void conditional_update_creates_then_updates_and_keeps_the_version_when_nothing_is_new() throws Exception {
        String url = "Device?identifier=urn:x%7Ca";
        assertThat(put(url, device("a")).statusCode()).isEqualTo(201);
        assertThat(put(url, device("a")).headers().firstValue("ETag")).contains("W/\"1\"");

        HttpResponse<byte[]> changed = put(url, device("a").replace("\"active\"", "\"inactive\""));

        assertThat(changed.statusCode()).isEqualTo(200);
        assertThat(changed.headers().firstValue("ETag")).contains("W/\"2\"");
        assertThat(ehr.resources("Device")).hasSize(1);
    }

    @Test
    void update_with_an_old_version_is_refused() throws Exception {
        String body = device("a").replace("\"resourceType\"", "\"id\":\"d1\",\"resourceType\"");
        put("Device/d1", body);
        put("Device/d1", body.replace("\"active\"", "\"inactive\""));

        assertThat(put("Device/d1", body, "If-Match", "W/\"1\"").statusCode()).isEqualTo(412);
        assertThat(put("Device/d1", body, "If-Match", "W/\"2\"").statusCode()).isEqualTo(200);
    }

    @Test
    void transaction_resolves_references_within_the_bundle_and_conditional_ones() throws Exception {
        ehr.seed(SampleResources.of(SAMPLE, NOW));

        HttpResponse<byte[]> answer = transaction(
                entry("urn:uuid:1", "POST", "Device", "identifier=urn:x|a", device("a")),
                entry("urn:uuid:2", "POST", "Observation", "", """
                        {"resourceType":"Observation","status":"preliminary","device":{"reference":"urn:uuid:1"},
                         "subject":{"reference":"Patient?identifier=urn:hosp:mrn|%s"}}""".formatted(SAMPLE.patientId())));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(Http.json(answer).findValuesAsText("status")).containsExactly("201 Created", "201 Created");
        String device =
                "Device/" + ehr.resources("Device").getFirst().path("id").asText();
        assertThat(ehr.resources("Observation").getFirst().findValuesAsText("reference"))
                .containsExactly(device, "Patient/" + SAMPLE.fhirPatientId());
    }

    @Test
    void same_transaction_again_creates_nothing() throws Exception {
        String[] entries = {
            entry("urn:uuid:1", "POST", "Device", "identifier=urn:x|a", device("a")),
            entry("urn:uuid:2", "PUT", "Basic?identifier=urn:x|b", "", """
                    {"resourceType":"Basic","identifier":[{"system":"urn:x","value":"b"}],
                     "author":{"reference":"urn:uuid:1"}}""")
        };
        transaction(entries);

        HttpResponse<byte[]> again = transaction(entries);

        assertThat(Http.json(again).findValuesAsText("status")).containsExactly("200 OK", "200 OK");
        assertThat(Http.json(again).findValuesAsText("etag")).containsExactly("W/\"1\"", "W/\"1\"");
        assertThat(ehr.resources("Basic")).hasSize(1);
    }

    @Test
    void transaction_with_one_bad_entry_changes_nothing() throws Exception {
        HttpResponse<byte[]> answer = transaction(
                entry("urn:uuid:1", "POST", "Device", "", device("a")),
                entry("urn:uuid:2", "POST", "Observation", "", """
                        {"resourceType":"Observation","subject":{"reference":"Patient/nobody"}}"""));

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(Http.json(answer).path("resourceType").asText()).isEqualTo("OperationOutcome");
        assertThat(ehr.resources("Device")).isEmpty();
    }

    @Test
    void transaction_with_one_identity_twice_is_refused() throws Exception {
        HttpResponse<byte[]> answer = transaction(
                entry("urn:uuid:1", "POST", "Device", "identifier=urn:x|a", device("a")),
                entry("urn:uuid:2", "POST", "Device", "identifier=urn:x|a", device("a")));

        assertThat(answer.statusCode()).isEqualTo(400);
    }

    @Test
    void search_finds_by_identifier_patient_status_code_and_time() throws Exception {
        ehr.seed(SampleResources.of(SAMPLE, NOW));
        String accession = SAMPLE.accession();

        assertThat(total("ServiceRequest?identifier=" + accession)).isEqualTo(1);
        assertThat(total("ServiceRequest?identifier=urn:hosp:accession%7C" + accession))
                .isEqualTo(1);
        assertThat(total("ServiceRequest?identifier=urn:other%7C" + accession)).isZero();
        assertThat(total("ServiceRequest?patient=" + SAMPLE.fhirPatientId())).isEqualTo(1);
        assertThat(total("ServiceRequest?subject=Patient/" + SAMPLE.fhirPatientId() + "&status=active"))
                .isEqualTo(1);
        assertThat(total("ServiceRequest?status=completed")).isZero();
        assertThat(total("ServiceRequest?code=http://loinc.org%7C30799-1")).isEqualTo(1);
        assertThat(total("ServiceRequest?_id=" + SAMPLE.fhirServiceRequestId())).isEqualTo(1);
        assertThat(total("ImagingStudy?modality=CT&status=available")).isEqualTo(1);
        assertThat(total("ImagingStudy?modality=MR")).isZero();
        assertThat(total("ImagingStudy?_lastUpdated=ge2026-01-02T03:04:05Z")).isEqualTo(1);
        assertThat(total("ImagingStudy?_lastUpdated=gt2026-01-02T03:04:05Z")).isZero();
        assertThat(Http.get(ehr.url() + "/ImagingStudy?nonsense=1").statusCode())
                .isEqualTo(400);
    }

    @Test
    void long_search_comes_in_pages() throws Exception {
        for (int i = 0; i < 5; i++) {
            now = NOW.plusSeconds(i);
            post("Device", device("d" + i));
        }
        JsonNode page = Http.json(Http.get(ehr.url() + "/Device?_count=2&_sort=-_lastUpdated"));
        List<String> found = new ArrayList<>(page.findValuesAsText("value"));
        while (page.has("link")) {
            page = Http.json(Http.get(page.path("link").path(0).path("url").asText()));
            found.addAll(page.findValuesAsText("value"));
        }
        assertThat(found).containsExactly("d4", "d3", "d2", "d1", "d0");
    }

    @Test
    void told_to_be_unavailable_it_does_nothing_then_recovers() throws Exception {
        ehr.faults().nextWrites(EhrFault.UNAVAILABLE, EhrFault.CONFLICT);

        HttpResponse<byte[]> first = post("Device", device("a"));

        assertThat(first.statusCode()).isEqualTo(503);
        assertThat(first.headers().firstValue("Retry-After")).contains("1");
        assertThat(post("Device", device("a")).statusCode()).isEqualTo(409);
        assertThat(ehr.resources("Device")).isEmpty();
        assertThat(post("Device", device("a")).statusCode()).isEqualTo(201);
    }

    @Test
    void told_to_reset_it_does_the_work_or_not() {
        ehr.faults().nextWrites(EhrFault.RESET_BEFORE);
        assertThatThrownBy(() -> post("Device", device("a"))).isInstanceOf(IOException.class);
        assertThat(ehr.resources("Device")).isEmpty();

        ehr.faults().nextWrites(EhrFault.RESET_AFTER);
        assertThatThrownBy(() -> post("Device", device("a"))).isInstanceOf(IOException.class);
        assertThat(ehr.resources("Device")).hasSize(1);
    }

    @Test
    void told_to_time_out_it_has_done_the_work() {
        ehr.faults().nextWrites(EhrFault.TIMEOUT_AFTER);

        assertThatThrownBy(() -> Http.send(
                        Duration.ofMillis(300),
                        "POST",
                        ehr.url() + "/Device",
                        device("a").getBytes(StandardCharsets.UTF_8),
                        "Content-Type",
                        "application/fhir+json"))
                .isInstanceOf(HttpTimeoutException.class);
        assertThat(ehr.resources("Device")).hasSize(1);
    }

    @Test
    void label_for_ai_is_refused_only_when_told_to() throws Exception {
        String labelled =
                device("a").replace("\"status\"", "\"meta\":{\"security\":[{\"code\":\"AIAST\"}]},\"status\"");
        assertThat(post("Device", labelled).statusCode()).isEqualTo(201);
        assertThat(severity(labelled)).isEqualTo("information");

        ehr.faults().rejectsAiast(true);

        assertThat(post("Device", labelled).statusCode()).isEqualTo(422);
        assertThat(severity(labelled)).isEqualTo("error");
    }

    @Test
    void bad_requests_get_an_operation_outcome() throws Exception {
        assertThat(Http.get(ehr.url() + "/Device/none").statusCode()).isEqualTo(404);
        assertThat(post("Device", "{").statusCode()).isEqualTo(400);
        assertThat(post("Patient", device("a")).statusCode()).isEqualTo(400);
        assertThat(Http.send("POST", ehr.url() + "/Device", new byte[0], "Content-Type", "text/plain")
                        .statusCode())
                .isEqualTo(415);
        assertThat(Http.json(Http.get(ehr.url() + "/metadata"))
                        .path("fhirVersion")
                        .asText())
                .isEqualTo("4.0.1");
    }

    @Test
    void a_rest_hook_subscription_is_activated_told_of_what_fits_and_gone_when_deleted() throws Exception {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        HttpServer subscriber = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        subscriber.createContext("/", exchange -> {
            heard.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getFirst("X-Secret"));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        subscriber.start();
        try {
            put("Subscription/s", """
                    {"resourceType":"Subscription","id":"s","status":"requested","criteria":"Device?status=active","channel":{"type":"rest-hook",
                     "endpoint":"http://127.0.0.1:%d/hook","payload":"application/fhir+json","header":["X-Secret: abc"]}}""".formatted(subscriber.getAddress().getPort()));
            assertThat(Http.json(Http.get(ehr.url() + "/Subscription/s"))
                            .path("status")
                            .asText())
                    .isEqualTo("active");
            put("Device/d0", device("a").replace("active", "inactive").replace("{\"res", "{\"id\":\"d0\",\"res"));
            put("Device/d1", device("b").replace("{\"res", "{\"id\":\"d1\",\"res"));
            assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo("PUT /hook/Device/d1 abc");

            assertThat(write("DELETE", "Subscription/s", "").statusCode()).isEqualTo(200);
            assertThat(ehr.resources("Subscription")).isEmpty();
            put("Device/d2", device("c").replace("{\"res", "{\"id\":\"d2\",\"res"));
            assertThat(heard).isEmpty();
        } finally {
            subscriber.stop(0);
        }
    }

    private int total(String search) throws Exception {
        return Http.json(Http.get(ehr.url() + "/" + search)).path("total").asInt(-1);
    }

    private String severity(String body) throws Exception {
        return Http.json(post("Device/$validate", body))
                .path("issue")
                .path(0)
                .path("severity")
                .asText();
    }

    private HttpResponse<byte[]> post(String path, String body, String... headers) throws Exception {
        return write("POST", path, body, headers);
    }

    private HttpResponse<byte[]> put(String path, String body, String... headers) throws Exception {
        return write("PUT", path, body, headers);
    }

    private HttpResponse<byte[]> transaction(String... entries) throws Exception {
        String bundle = """
                {"resourceType":"Bundle","type":"transaction","entry":[%s]}""".formatted(String.join(",", entries));
        return write("POST", "", bundle);
    }

    private HttpResponse<byte[]> write(String method, String path, String body, String... headers) throws Exception {
        List<String> all = new ArrayList<>(List.of(headers));
        all.addAll(List.of("Content-Type", "application/fhir+json"));
        String url = ehr.url() + (path.isEmpty() ? "" : "/" + path);
        return Http.send(method, url, body.getBytes(StandardCharsets.UTF_8), all.toArray(String[]::new));
    }

    private static String entry(String fullUrl, String method, String url, String ifNoneExist, String resource) {
        String condition = ifNoneExist.isEmpty() ? "" : ",\"ifNoneExist\":\"" + ifNoneExist + "\"";
        return """
                {"fullUrl":"%s","resource":%s,"request":{"method":"%s","url":"%s"%s}}""".formatted(fullUrl, resource, method, url, condition);
    }

    private static String device(String identifier) {
        return """
                {"resourceType":"Device","identifier":[{"system":"urn:x","value":"%s"}],"status":"active"}""".formatted(identifier);
    }
}
