package io.bloodnet.server.cdshooks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.audit.testing.RecordingAuditLog;
import io.bloodnet.server.cdshooks.card.PatientFinding;
import io.bloodnet.server.cdshooks.memory.FakeCardStore;
import io.bloodnet.server.cdshooks.request.EhrPatient;
import io.bloodnet.server.cdshooks.request.HookService;
import io.bloodnet.server.http.BodyBudget;
import io.bloodnet.server.security.SettableClock;
import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The services on a real socket, over fakes, and an EHR that calls them. */
final class HooksServer implements AutoCloseable {

    static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    static final String BASE = "http://cds.example";

    final SettableClock clock = new SettableClock(NOW);
    final RecordingAuditLog audit = new RecordingAuditLog();
    final FakeCardStore store = new FakeCardStore(audit, clock);
    final CdsMetrics metrics = new CdsMetrics();
    final FlagWatch watch;
    /** Runs before a refusal is audited. */
    volatile Runnable beforeAudit = () -> {};
    /** What final reports say of our flags, seen at the watch's next look. */
    volatile FlagReads.Reads reads = new FlagReads.Reads(0, 0);

    private final Map<String, List<PatientFinding>> findings = new ConcurrentHashMap<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private final CdsHooksService service;
    private final WebServer server;

    /** With time enough for any machine: what comes late is {@link NeverInTheWayTest}'s alone. */
    HooksServer(CdsHooksConfig config) {
        this(config, Duration.ofSeconds(30));
    }

    HooksServer(CdsHooksConfig config, Duration answerWithin) {
        watch = new FlagWatch(begin -> reads, config.clinical(), metrics, clock);
        Callers callers = new Callers(config, slowed(audit), metrics, clock);
        HookCall calls = new HookCall(config, this::findings, watch, store, callers, metrics, clock);
        TimeBudget budget = new TimeBudget(answerWithin, config.operation().callsAtOnceMax());
        service = new CdsHooksService(config, calls, metrics, budget, new BodyBudget(64 << 20));
        server = WebServer.builder()
                .address(InetAddress.getLoopbackAddress())
                .port(0)
                .routing(routing -> routing.register(CdsHooksService.PATH, service))
                .build()
                .start();
    }

    private AuditLog slowed(AuditLog log) {
        return new AuditLog() {
            @Override
            public void append(Connection transaction, AuditEvent event) {
                log.append(transaction, event);
            }

            @Override
            public void record(AuditEvent event) {
                beforeAudit.run();
                log.record(event);
            }
        };
    }

    static CdsHooksConfig config() {
        return CdsHooksConfig.of(URI.create(BASE));
    }

    /** From now on the patient of that MRN has these findings, newest first. */
    void given(String mrn, PatientFinding... found) {
        findings.put(mrn, List.of(found));
    }

    private List<PatientFinding> findings(EhrPatient patient) {
        List<PatientFinding> found = new ArrayList<>();
        patient.identifiers().forEach(i -> found.addAll(findings.getOrDefault(i.value(), List.of())));
        return found;
    }

    String url(String path) {
        return "http://127.0.0.1:" + server.port() + CdsHooksService.PATH + path;
    }

    HttpResponse<String> get(String path, String... headers) {
        return send(HttpRequest.newBuilder(URI.create(url(path))).GET(), headers);
    }

    HttpResponse<String> options(String path, String... headers) {
        return send(
                HttpRequest.newBuilder(URI.create(url(path))).method("OPTIONS", HttpRequest.BodyPublishers.noBody()),
                headers);
    }

    HttpResponse<String> post(String path, String body, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(url(path))).POST(HttpRequest.BodyPublishers.ofString(body));
        if (!List.of(headers).contains("Content-Type")) {
            request.header("Content-Type", "application/json");
        }
        return send(request, headers);
    }

    HttpResponse<String> call(HookService hook, ObjectNode body, @Nullable String token) {
        return token == null
                ? post("/" + hook.id(), body.toString())
                : post("/" + hook.id(), body.toString(), "Authorization", "Bearer " + token);
    }

    /** The cards of a call that must be answered with 200. */
    JsonNode cards(HookService hook, ObjectNode body) {
        HttpResponse<String> response = call(hook, body, null);
        if (response.statusCode() != 200) {
            throw new AssertionError("HTTP " + response.statusCode() + " " + response.body());
        }
        return json(response).get("cards");
    }

    static JsonNode json(HttpResponse<String> response) {
        try {
            return new ObjectMapper().readTree(response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private HttpResponse<String> send(HttpRequest.Builder request, String... headers) {
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return http.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.stop();
        service.close();
        http.close();
    }
}
