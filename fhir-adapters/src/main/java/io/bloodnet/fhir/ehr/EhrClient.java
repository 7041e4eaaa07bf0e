package io.bloodnet.fhir.ehr;

import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.audit.Outcome;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.FhirJson;
import io.bloodnet.imaging.peer.SecretFile;
import io.bloodnet.imaging.peer.SecretFile.UnusableSecretException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.CapabilityStatement;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Talks to the one configured EHR. It builds every address itself from the configured base and checked parts, so nothing in a message
 * decides where a request goes. Reads are audited. It never retries, except once with a fresh token: retrying is the caller's choice.
 *
 * <p>Safe for all threads; each call blocks its own for at most the answer timeout, a search over its pages for at most
 * {@link FhirConfig.Limits#whole}, and all of them end with the {@link Deadline} of the work that they are part of.
 */
public final class EhrClient implements AutoCloseable {

    /** Most pages of one search that are read. */
    public static final int PAGES_MAX = 20;
    /** Resources asked for per page. */
    public static final int PAGE_SIZE = 100;

    /** Whoever asks whether the EHR is there waits no longer for its answer. */
    private static final Duration REACHABLE_MAX = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(EhrClient.class);

    private final EhrBase base;
    private final EhrHttp http;
    private final AccessTokens tokens;
    private final @Nullable Path headersFile;
    private final AuditLog audit;
    private final InstantSource clock;
    private final Duration whole;
    /** Learned from this server's answers: it does not search by POST. */
    private volatile boolean getOnly;

    /** Opens nothing but certificate files. @throws IllegalArgumentException when the configuration is not usable */
    public EhrClient(FhirConfig config, AuditLog audit, InstantSource clock) {
        this.base = new EhrBase(config.fhirUrl());
        this.http = new EhrHttp(config, clock);
        this.tokens = new AccessTokens(config.auth(), base, http, audit, clock);
        this.headersFile = config.headersFile();
        this.audit = audit;
        this.clock = clock;
        this.whole = config.limits().whole();
    }

    /** The configured base. */
    public EhrBase base() {
        return base;
    }

    /** Whether the EHR answers its CapabilityStatement; for readiness. Never throws. */
    public boolean reachable() {
        try {
            return Deadline.within(REACHABLE_MAX, () -> call("GET", "metadata", null, Map.of()))
                            .status()
                    < 500;
        } catch (EhrException e) {
            return false;
        }
    }

    /**
     * The CapabilityStatement; empty when the server has none to show us.
     *
     * @throws EhrException when it cannot be asked now: what it can do must not be guessed for good from a passing refusal
     */
    public Optional<CapabilityStatement> metadata() {
        EhrAnswer answer = call("GET", "metadata", null, Map.of());
        if (answer.isSuccess()) {
            return answer.resource(CapabilityStatement.class);
        }
        EhrException failure = answer.failure("metadata");
        if (failure.code().retryable() && answer.status() != 403 && answer.status() != 501) {
            throw failure;
        }
        return Optional.empty();
    }

    /**
     * Reads one resource; empty when there is none (404, 410).
     *
     * @param purpose audited as who it is about and why
     * @throws EhrException when it cannot be read now, or something else came back
     */
    public <T extends Resource> Optional<T> read(Class<T> type, EhrBase.ResourceId id, Purpose purpose) {
        return audited(purpose, "read " + type.getSimpleName(), () -> {
            EhrAnswer answer = call("GET", id.reference(), null, Map.of());
            if (answer.status() == 404 || answer.status() == 410) {
                return Optional.<T>empty();
            }
            T resource = expect(answer, type, "reading " + type.getSimpleName());
            if (!id.id().equals(resource.getIdElement().getIdPart())) {
                throw new EhrException(EhrException.Code.BAD_ANSWER, "another resource came back than was asked for");
            }
            return Optional.of(resource);
        });
    }

    /**
     * Searches. Parameters travel in the body (POST _search), since identifiers of patients do not belong into URLs; servers that refuse
     * that form are asked again by GET. The answers MUST be checked by the caller: servers ignore parameters that they do not know.
     *
     * @throws EhrException when it cannot be searched now
     */
    public <T extends Resource> List<T> search(Class<T> type, Map<String, String> parameters, Purpose purpose) {
        return audited(
                purpose, "search " + type.getSimpleName() + " by " + String.join(", ", parameters.keySet()), () -> {
                    String query = query(parameters);
                    boolean byGet = getOnly; // looked at once: another thread may learn it while our POST is on its way
                    EhrAnswer answer = byGet ? get(type, query) : post(type, query);
                    if (!byGet && List.of(400, 404, 405, 415, 501).contains(answer.status())) {
                        answer = get(type, query);
                        if (answer.isSuccess()) {
                            getOnly = true;
                        }
                    }
                    return pages(type, answer).resources();
                });
    }

    /**
     * What a search found.
     *
     * @param complete false when there are further pages that were not read
     */
    public record Found<T extends Resource>(List<T> resources, boolean complete) {
        /** Copies the list. */
        public Found {
            resources = List.copyOf(resources);
        }
    }

    /** As {@link #search}, by GET: for parameters that identify nobody. */
    public <T extends Resource> List<T> list(Class<T> type, Map<String, String> parameters, Purpose purpose) {
        return listed(type, parameters, purpose).resources();
    }

    /** As {@link #list}, and says whether that is all. */
    public <T extends Resource> Found<T> listed(Class<T> type, Map<String, String> parameters, Purpose purpose) {
        return audited(
                purpose,
                "list " + type.getSimpleName() + " by " + String.join(", ", parameters.keySet()),
                () -> pages(type, get(type, query(parameters))));
    }

    /**
     * Asks how a subscription stands ({@code $status} of the R4 backport); empty where the server does not know it or the operation.
     *
     * @throws EhrException when it cannot be asked now
     */
    public Optional<Bundle> subscriptionStatus(EhrBase.ResourceId id, Purpose purpose) {
        return audited(purpose, "status of " + id.type(), () -> offered(id, "$status"));
    }

    /**
     * Asks for events of a subscription by number, both ends included ({@code $events} of the R4 backport); empty where the server does not
     * know it or the operation.
     *
     * @throws EhrException when it cannot be asked now
     */
    public Optional<Bundle> subscriptionEvents(EhrBase.ResourceId id, long from, long to, Purpose purpose) {
        String query = "eventsSinceNumber=" + from + "&eventsUntilNumber=" + to + "&content=id-only";
        return audited(purpose, "events of " + id.type(), () -> offered(id, "$events?" + query));
    }

    private Optional<Bundle> offered(EhrBase.ResourceId id, String operation) {
        EhrAnswer answer = call("GET", id.reference() + "/" + operation, null, Map.of());
        return List.of(400, 404, 405, 410, 501).contains(answer.status())
                ? Optional.empty()
                : Optional.of(expect(answer, Bundle.class, "an operation on " + id.type()));
    }

    private EhrAnswer get(Class<?> type, String query) {
        return call("GET", type.getSimpleName() + "?" + query, null, Map.of());
    }

    private EhrAnswer post(Class<?> type, String query) {
        return call(
                "POST",
                type.getSimpleName() + "/_search",
                query.getBytes(StandardCharsets.UTF_8),
                Map.of("Content-Type", "application/x-www-form-urlencoded"));
    }

    /** Sends a transaction; the answer is given back whatever its status. @throws EhrException when there is no complete answer */
    public EhrAnswer transaction(Bundle bundle) {
        return post("", bundle);
    }

    /** Asks the server whether it would take this resource. */
    public EhrAnswer validate(Resource resource) {
        return post(resource.fhirType() + "/$validate", resource);
    }

    /** Creates a resource. */
    public EhrAnswer create(Resource resource) {
        return post(resource.fhirType(), resource);
    }

    /** Creates a resource unless one answers to that search (FHIR R4 3.1.0.8.1). */
    public EhrAnswer createUnless(Resource resource, String query) {
        return call(
                "POST",
                resource.fhirType(),
                FhirJson.write(resource),
                Map.of("Content-Type", FhirJson.CONTENT_TYPE, "If-None-Exist", query));
    }

    /** Updates the resource of this id. */
    public EhrAnswer update(EhrBase.ResourceId id, Resource resource) {
        return put(id, resource, Map.of("Content-Type", FhirJson.CONTENT_TYPE));
    }

    /** Updates the resource of this id if it still has that version; 409 or 412 otherwise. */
    public EhrAnswer update(EhrBase.ResourceId id, Resource resource, String versionId) {
        return put(id, resource, Map.of("Content-Type", FhirJson.CONTENT_TYPE, "If-Match", etag(versionId)));
    }

    /** A version as HTTP writes it: {@code W/"3"} (FHIR R4 3.1.0.5). */
    public static String etag(String versionId) {
        return "W/\"" + versionId + "\"";
    }

    private EhrAnswer put(EhrBase.ResourceId id, Resource resource, Map<String, String> headers) {
        return call("PUT", id.reference(), FhirJson.write(resource), headers);
    }

    @Override
    public void close() {
        http.close();
    }

    /** Whom a request is about, and why it is made, in words without patient data. */
    public record Purpose(About about, String why) {}

    private EhrAnswer post(String path, Resource body) {
        return call("POST", path, FhirJson.write(body), Map.of("Content-Type", FhirJson.CONTENT_TYPE));
    }

    private EhrAnswer call(String method, String path, byte @Nullable [] body, Map<String, String> extra) {
        URI uri = URI.create(path.isEmpty() ? base.uri().toString() : base.uri() + "/" + path);
        EhrAnswer answer = http.send(method, uri, headers(method, path, body, extra), body);
        if (answer.status() == 401 && tokens.forget()) {
            return http.send(method, uri, headers(method, path, body, extra), body);
        }
        return answer;
    }

    private Map<String, String> headers(String method, String path, byte @Nullable [] body, Map<String, String> extra) {
        Map<String, String> headers = new LinkedHashMap<>(site());
        headers.putAll(extra);
        headers.put("Accept", FhirJson.CONTENT_TYPE);
        headers.put(
                "Cache-Control", "no-cache"); // servers keep search results for a while; we decide on what is there now
        headers.put("X-Request-Id", requestId(method, path, body));
        tokens.header().ifPresent(value -> headers.put("Authorization", value));
        return headers;
    }

    /** What the site wants with each request, such as an API key of a gateway. */
    private Map<String, String> site() {
        if (headersFile == null) {
            return Map.of();
        }
        try {
            return SecretFile.headers(headersFile);
        } catch (UnusableSecretException e) {
            throw new EhrException(
                    EhrException.Code.UNAUTHORIZED, "the EHR's headers file cannot be used: " + e.getMessage());
        }
    }

    /** Follows from what is asked: the same request again has the same id, so that both sides' logs show a repetition as one. */
    private static String requestId(String method, String path, byte @Nullable [] body) {
        byte[] content = body == null ? new byte[0] : body;
        byte[] head = (method + " " + path + "\n").getBytes(StandardCharsets.UTF_8);
        byte[] all = java.util.Arrays.copyOf(head, head.length + content.length);
        System.arraycopy(content, 0, all, head.length, content.length);
        return UUID.nameUUIDFromBytes(all).toString();
    }

    private <T extends Resource> Found<T> pages(Class<T> type, EhrAnswer first) {
        List<T> found = new ArrayList<>();
        EhrAnswer answer = first;
        for (int page = 1; page <= PAGES_MAX; page++) {
            String what = "searching " + type.getSimpleName();
            if (!answer.isSuccess()) {
                throw answer.failure(what);
            }
            SearchPage read = SearchPage.of(answer)
                    .orElseThrow(() ->
                            new EhrException(EhrException.Code.BAD_ANSWER, what + ": the answer is not a Bundle"));
            read.matches().stream().filter(type::isInstance).map(type::cast).forEach(found::add);
            if (read.next() == null) {
                return new Found<>(found, true);
            }
            Optional<String> path = base.nextPage(read.next(), type.getSimpleName());
            if (path.isEmpty()) {
                LOG.warn("{}: the next page lies at an address that is not the EHR's, it is not asked for", what);
                return new Found<>(found, false);
            }
            answer = call("GET", path.get(), null, Map.of());
        }
        return new Found<>(found, false);
    }

    private static <T extends Resource> T expect(EhrAnswer answer, Class<T> type, String what) {
        if (!answer.isSuccess()) {
            throw answer.failure(what);
        }
        return answer.resource(type)
                .orElseThrow(() -> new EhrException(
                        EhrException.Code.BAD_ANSWER, what + ": the answer is not a " + type.getSimpleName()));
    }

    /** A read counts as done only when it is in the audit log; its failure is there too. */
    private <R> R audited(Purpose purpose, String what, Supplier<R> read) {
        String text = what + " for " + purpose.why();
        try {
            R result = Deadline.within(whole, read);
            audit.record(new AuditEvent.EhrRead(
                    clock.instant(), purpose.about(), Outcome.SUCCESS, base.origin(), text, null));
            return result;
        } catch (EhrException e) {
            audit.record(new AuditEvent.EhrRead(
                    clock.instant(), purpose.about(), Outcome.MINOR_FAILURE, base.origin(), text, e.getMessage()));
            throw e;
        }
    }

    /** A value inside a search parameter: what separates parameters' parts is escaped (FHIR R4 3.1.1.4.0.2). */
    public static String escape(String value) {
        return value.replaceAll("[\\\\,|$]", "\\\\$0");
    }

    private static String query(Map<String, String> parameters) {
        return parameters.entrySet().stream()
                .map(p -> encode(p.getKey()) + "=" + encode(p.getValue()))
                .collect(Collectors.joining("&"));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
