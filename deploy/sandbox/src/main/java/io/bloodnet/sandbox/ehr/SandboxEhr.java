package io.bloodnet.sandbox.ehr;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.sandbox.http.LoopbackServer;
import io.bloodnet.sandbox.http.Query;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The pretend hospital's EHR: a FHIR R4 server in memory (JSON only) with read, create, update, their conditional forms, delete, search,
 * transactions, rest-hook Subscriptions and $validate, which misbehaves when told to. Unlike many servers it refuses dangling references, unknown search
 * parameters and one identity twice in a Bundle, so that a client's mistakes show. Loopback only; safe for many threads, one request at
 * a time changes the store.
 */
public final class SandboxEhr implements AutoCloseable {

    /** Requests remembered; older ones are forgotten. */
    public static final int REQUESTS_MAX = 10_000;

    private static final String PATH = "/fhir";
    private static final String FHIR_JSON = "application/fhir+json";
    private static final long BODY_BYTES_MAX = 32L << 20;
    /** Long, since a cold server on a busy machine is slow with its first resource. */
    private static final Duration HOOK_LIMIT = Duration.ofSeconds(60);

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * One request as it was answered.
     *
     * @param method HTTP method
     * @param path below /fhir, without the query
     * @param status HTTP status, 0 when the connection was cut
     */
    public record Request(String method, String path, int status) {}

    private final Object lock = new Object();
    private final EhrFaults faults = new EhrFaults();
    private final ResourceStore store;
    private final Interactions interactions;
    private final Deque<Request> requests = new ArrayDeque<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final HttpClient hooks =
            HttpClient.newBuilder().connectTimeout(HOOK_LIMIT).build();
    private final RestHooks restHooks;
    private final LoopbackServer server;

    /**
     * Listens at once.
     *
     * @param port TCP port on loopback; 0 takes any free one
     */
    public SandboxEhr(int port, InstantSource clock) {
        store = new ResourceStore(clock);
        interactions = new Interactions(store);
        restHooks = new RestHooks(store, hooks, HOOK_LIMIT);
        server = new LoopbackServer(port, BODY_BYTES_MAX, this::handle);
    }

    /** The FHIR base URL, e.g. {@code http://127.0.0.1:8082/fhir}. */
    public String url() {
        return server.origin() + PATH;
    }

    /** The port in use. */
    public int port() {
        return server.port();
    }

    /** How it misbehaves. */
    public EhrFaults faults() {
        return faults;
    }

    /** Puts resources (with id) in, as if they had always been there. */
    public void seed(List<ObjectNode> resources) {
        synchronized (lock) {
            store.requireRoom(resources.size());
            for (ObjectNode resource : resources) {
                String type = resource.path("resourceType").asText();
                store.put(new ResourceKey(type, resource.path("id").asText()), resource);
            }
            store.takeChanges();
        }
    }

    /** Copies of all resources of a type, in the order of their creation. */
    public List<ObjectNode> resources(String type) {
        synchronized (lock) {
            return store.all().stream()
                    .filter(r -> r.path("resourceType").asText().equals(type))
                    .map(ObjectNode::deepCopy)
                    .toList();
        }
    }

    /** The requests so far, oldest first. */
    public List<Request> requests() {
        synchronized (lock) {
            return List.copyOf(requests);
        }
    }

    /**
     * Tells a subscriber of an ImagingStudy as R4 rest-hook servers do: {@code PUT {endpoint}/ImagingStudy/{id}} with the resource.
     *
     * @param endpoint without a slash at its end
     * @return the HTTP status
     * @throws IOException when there is no answer in time
     */
    public int sendImagingStudy(URI endpoint, String id) throws IOException, InterruptedException {
        byte[] body;
        synchronized (lock) {
            body = JSON.writeValueAsBytes(
                    interactions.read(new ResourceKey("ImagingStudy", id)).body());
        }
        HttpRequest request = HttpRequest.newBuilder(URI.create(endpoint + "/ImagingStudy/" + id))
                .timeout(HOOK_LIMIT)
                .header("Content-Type", FHIR_JSON)
                .PUT(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        return hooks.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    private void handle(ServerRequest request, ServerResponse response) throws IOException, InterruptedException {
        String method = request.prologue().method().text();
        String path = request.path().path();
        if (closing.await(faults.latency().toMillis(), TimeUnit.MILLISECONDS)) {
            throw new CloseConnectionException("the sandbox closes");
        }
        byte[] body = body(request);
        EhrFault fault = isWrite(method, path) ? faults.takeForWrite() : null;
        FhirAnswer answer = fault == null ? null : instead(fault);
        if (answer == null && fault != EhrFault.RESET_BEFORE) {
            answer = answer(request, method, path, body);
        }
        boolean cut =
                fault == EhrFault.RESET_BEFORE || fault == EhrFault.RESET_AFTER || fault == EhrFault.TIMEOUT_AFTER;
        remember(new Request(method, path, cut || answer == null ? 0 : answer.status()));
        if (fault == EhrFault.TIMEOUT_AFTER) {
            closing.await(faults.hold().toMillis(), TimeUnit.MILLISECONDS);
        }
        if (cut || answer == null) {
            throw new CloseConnectionException("cut as told");
        }
        send(response, answer);
    }

    private static boolean isWrite(String method, String path) {
        return !method.equals("GET") && !path.contains("$") && !path.endsWith("/_search");
    }

    private static @Nullable FhirAnswer instead(EhrFault fault) {
        return switch (fault) {
            case UNAVAILABLE ->
                FhirAnswer.outcome(503, "error", "transient", "told to").with("Retry-After", "1");
            case TOO_MANY ->
                FhirAnswer.outcome(429, "error", "throttled", "told to").with("Retry-After", "1");
            case BROKEN -> FhirAnswer.outcome(500, "fatal", "exception", "told to");
            case CONFLICT -> FhirAnswer.outcome(409, "error", "conflict", "told to");
            case PRECONDITION_FAILED -> FhirAnswer.outcome(412, "error", "conflict", "told to");
            case UNPROCESSABLE -> FhirAnswer.outcome(422, "error", "processing", "told to");
            case RESET_BEFORE, RESET_AFTER, TIMEOUT_AFTER -> null;
        };
    }

    private FhirAnswer answer(ServerRequest request, String method, String path, byte[] body) {
        try {
            if (!path.equals(PATH) && !path.startsWith(PATH + "/")) {
                throw new FhirRefusal(404, "not-found", "the FHIR base is " + PATH);
            }
            List<String> steps = Arrays.stream(path.substring(PATH.length()).split("/"))
                    .filter(step -> !step.isEmpty())
                    .toList();
            synchronized (lock) {
                FhirAnswer answer = switch (method) {
                    case "GET" -> get(request, steps);
                    case "POST" -> post(request, steps, body);
                    case "PUT" -> put(request, steps, body);
                    case "DELETE" -> delete(steps);
                    default -> throw new FhirRefusal(405, "not-supported", "GET, POST, PUT and DELETE are known here");
                };
                restHooks.changed(store.takeChanges());
                return answer;
            }
        } catch (FhirRefusal refusal) {
            return FhirAnswer.refused(refusal);
        } catch (IllegalArgumentException e) {
            return FhirAnswer.outcome(400, "error", "invalid", "the query string is not well formed");
        }
    }

    private FhirAnswer get(ServerRequest request, List<String> steps) {
        if (steps.equals(List.of("metadata"))) {
            return FhirAnswer.of(200, Capabilities.statement());
        }
        return switch (steps.size()) {
            case 1 -> interactions.search(url(), steps.getFirst(), query(request));
            case 2 -> interactions.read(new ResourceKey(steps.get(0), steps.get(1)));
            default -> throw new FhirRefusal(404, "not-found", "no such interaction here");
        };
    }

    private FhirAnswer post(ServerRequest request, List<String> steps, byte[] body) {
        if (steps.size() == 2 && steps.get(1).equals("_search")) {
            return interactions.search(
                    url(), steps.get(0), Query.parse(new String(body, java.nio.charset.StandardCharsets.UTF_8)));
        }
        ObjectNode resource = parse(request, body);
        if (!steps.isEmpty() && steps.getLast().equals("$validate")) {
            return validate(resource);
        }
        refuseAiast(resource);
        return switch (steps.size()) {
            case 0 -> FhirAnswer.of(200, Transaction.run(store, resource));
            case 1 -> interactions.create(url(), steps.getFirst(), resource, header(request, "If-None-Exist"));
            default -> throw new FhirRefusal(404, "not-found", "no such interaction here");
        };
    }

    private FhirAnswer put(ServerRequest request, List<String> steps, byte[] body) {
        ObjectNode resource = parse(request, body);
        refuseAiast(resource);
        String match = header(request, "If-Match");
        return switch (steps.size()) {
            case 1 -> interactions.conditionalUpdate(url(), steps.getFirst(), query(request), resource, match);
            case 2 -> interactions.update(url(), new ResourceKey(steps.get(0), steps.get(1)), resource, match);
            default -> throw new FhirRefusal(404, "not-found", "no such interaction here");
        };
    }

    private FhirAnswer delete(List<String> steps) {
        if (steps.size() != 2) {
            throw new FhirRefusal(404, "not-found", "no such interaction here");
        }
        boolean was = store.remove(new ResourceKey(steps.get(0), steps.get(1)));
        return FhirAnswer.outcome(200, "information", "informational", was ? "deleted" : "there was none");
    }

    private FhirAnswer validate(ObjectNode resource) {
        return faults.rejectsAiast() && namesAiast(resource)
                ? FhirAnswer.outcome(200, "error", "code-invalid", "Unknown code v3-ObservationValue#AIAST")
                : FhirAnswer.outcome(200, "information", "informational", "No issues found");
    }

    private void refuseAiast(ObjectNode resource) {
        if (faults.rejectsAiast() && namesAiast(resource)) {
            throw new FhirRefusal(422, "code-invalid", "Unknown code v3-ObservationValue#AIAST");
        }
    }

    private static boolean namesAiast(JsonNode resource) {
        return resource.findValues("security").stream()
                .anyMatch(s -> s.findValuesAsText("code").contains("AIAST"));
    }

    private static ObjectNode parse(ServerRequest request, byte[] body) {
        String type =
                request.headers().first(HeaderNames.CONTENT_TYPE).orElse("").toLowerCase(Locale.ROOT);
        if (!type.startsWith(FHIR_JSON) && !type.startsWith("application/json")) {
            throw new FhirRefusal(415, "not-supported", "Content-Type must be " + FHIR_JSON);
        }
        try {
            if (JSON.readTree(body) instanceof ObjectNode resource) {
                return resource;
            }
        } catch (JsonProcessingException e) {
            throw new FhirRefusal(400, "structure", "the body is not JSON");
        } catch (IOException e) {
            throw new FhirRefusal(400, "structure", "the body cannot be read");
        }
        throw new FhirRefusal(400, "structure", "the body is not a JSON object");
    }

    private static Query query(ServerRequest request) {
        return Query.parse(request.query().rawValue());
    }

    private static @Nullable String header(ServerRequest request, String name) {
        return request.headers().first(HeaderNames.create(name)).orElse(null);
    }

    private static byte[] body(ServerRequest request) throws IOException {
        if (!request.content().hasEntity()) {
            return new byte[0];
        }
        try (InputStream in = request.content().inputStream()) {
            return in.readAllBytes();
        }
    }

    private void remember(Request request) {
        synchronized (lock) {
            if (requests.size() == REQUESTS_MAX) {
                requests.removeFirst();
            }
            requests.addLast(request);
        }
    }

    private static void send(ServerResponse response, FhirAnswer answer) throws IOException {
        response.status(answer.status()).header("Content-Type", FHIR_JSON + ";charset=utf-8");
        answer.headers().forEach(response::header);
        response.send(JSON.writeValueAsBytes(answer.body()));
    }

    /** Stops listening; held requests end at once. */
    @Override
    public void close() {
        closing.countDown();
        hooks.shutdownNow();
        server.close();
    }
}
