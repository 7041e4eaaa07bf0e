package io.bloodnet.fhir;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** A small R4 server: read, search, conditional create and update, transactions, $validate. Strict where a real one is. */
public final class MiniFhir extends MiniHttp {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** By {@code Type/id}. */
    public final Map<String, ObjectNode> store = new LinkedHashMap<>();

    public boolean conditional = true;
    public boolean clientIds = true;
    public boolean refusesLabel;
    public boolean hasValidate = true;
    public boolean hasMetadata = true;
    public boolean searchesByGetOnly;
    public boolean takesTasks = true;
    /** Answers conditional creates that match by 200 without a location, as some servers do. */
    public boolean bareMatches;
    /** What an entry of that type is answered inside a 200, though nothing of it is kept. */
    public final Map<String, String> refusedEntries = new LinkedHashMap<>();
    /** What the next transactions are refused with, as conflicts (409). */
    public final Deque<String> conflicts = new ArrayDeque<>();

    public Predicate<Request> faultable =
            r -> r.method().equals("POST") && r.path().equals("/fhir");
    /** Answers of {@code $status} by id of the Subscription; 404 for others. */
    public final Map<String, String> statuses = new LinkedHashMap<>();

    /** Answers of {@code $events} by id of the Subscription and query; 404 for others. */
    public final Map<String, String> missed = new LinkedHashMap<>();

    private int next = 1;

    public MiniFhir() {
        start();
    }

    public URI base() {
        return root().resolve("/fhir");
    }

    @Override
    protected boolean faultable(Request request) {
        return faultable.test(request);
    }

    /** Puts a resource there as the EHR's own. */
    public synchronized void seed(String json) {
        ObjectNode node = parse(json);
        store.put(node.get("resourceType").asText() + "/" + node.get("id").asText(), node);
    }

    public synchronized List<ObjectNode> all(String type) {
        return store.entrySet().stream()
                .filter(e -> e.getKey().startsWith(type + "/"))
                .map(Map.Entry::getValue)
                .toList();
    }

    @Override
    protected synchronized Reply reply(Request r) {
        try {
            return route(r);
        } catch (Refusal e) {
            return outcome(e.status, e.getMessage());
        }
    }

    private Reply route(Request r) {
        if (!r.path().startsWith("/fhir")) {
            return outcome(404, "no such path");
        }
        String[] parts =
                r.path().substring("/fhir".length()).replaceFirst("^/", "").split("/");
        String last = parts[parts.length - 1];
        if (r.method().equals("GET") && last.equals("metadata")) {
            return hasMetadata ? Reply.json(200, metadata()) : outcome(404, "no metadata");
        }
        if (last.equals("$validate")) {
            return !hasValidate
                    ? outcome(404, "no such operation")
                    : refusesLabel && r.text().contains("AIAST")
                            ? outcome(200, "Unknown code v3-ObservationValue#AIAST")
                            : Reply.json(
                                    200,
                                    "{\"resourceType\":\"OperationOutcome\",\"issue\":[{\"severity\":\"information\",\"code\":\"informational\"}]}");
        }
        if (last.equals("$events")) {
            String events = missed.get(parts[1] + "?" + r.query());
            return events == null ? outcome(404, "no such operation") : Reply.json(200, events);
        }
        if (last.equals("$status")) {
            String status = statuses.get(parts[1]);
            return status == null ? outcome(404, "no such operation") : Reply.json(200, status);
        }
        if (last.equals("_search")) {
            return searchesByGetOnly ? outcome(405, "by GET only") : bundle(search(parts[0], r.text()));
        }
        if (r.method().equals("GET")) {
            return parts.length == 1 ? bundle(search(parts[0], r.query())) : read(parts[0] + "/" + parts[1]);
        }
        ObjectNode body = parse(r.text());
        if (parts[0].isEmpty()) {
            if (!conflicts.isEmpty()) {
                throw new Refusal(409, conflicts.poll());
            }
            return Reply.json(200, transaction(body).toString());
        }
        String unless = r.headers().get("If-None-Exist");
        if (unless != null && !search(parts[0], unless).isEmpty()) {
            return Reply.json(200, search(parts[0], unless).getFirst().toString());
        }
        if (r.method().equals("POST")) {
            return Reply.json(201, save(parts[0] + "/" + newId(), body).toString());
        }
        String key = parts[0] + "/" + parts[1];
        String match = r.headers().get("If-Match");
        if (match != null
                && !match.equals("W/\"" + store.get(key).at("/meta/versionId").asText() + "\"")) {
            throw new Refusal(409, "another version");
        }
        return Reply.json(200, save(key, body).toString());
    }

    private Reply read(String key) {
        ObjectNode found = store.get(key);
        return found == null ? outcome(404, "not known") : Reply.json(200, found.toString());
    }

    private ObjectNode transaction(ObjectNode bundle) {
        Map<String, ObjectNode> before = new LinkedHashMap<>(store);
        try {
            return applied(bundle);
        } catch (Refusal e) {
            store.clear();
            store.putAll(before);
            throw e;
        }
    }

    private ObjectNode applied(ObjectNode bundle) {
        record Step(String key, boolean write, ObjectNode resource) {}
        List<Step> plan = new ArrayList<>();
        Map<String, String> names = new LinkedHashMap<>();
        for (JsonNode entry : bundle.get("entry")) {
            String method = entry.at("/request/method").asText();
            String url = entry.at("/request/url").asText();
            String none = entry.at("/request/ifNoneExist").asText();
            ObjectNode resource = (ObjectNode) entry.get("resource");
            String type = resource.get("resourceType").asText();
            if (type.equals("Task") && !takesTasks) {
                throw new Refusal(422, "Unknown resource type 'Task'");
            }
            boolean hasCondition = !none.isEmpty() || url.contains("?");
            if (hasCondition && !conditional) {
                throw new Refusal(400, "conditional writes are not known here");
            }
            if (refusesLabel && resource.at("/meta/security").toString().contains("AIAST")) {
                throw new Refusal(422, "Unknown code v3-ObservationValue#AIAST");
            }
            List<ObjectNode> hits = hasCondition
                    ? search(type, none.isEmpty() ? url.substring(url.indexOf('?') + 1) : none)
                    : List.of();
            if (hits.size() > 1) {
                throw new Refusal(412, "several match " + url);
            }
            boolean byId = method.equals("PUT") && !hasCondition;
            if (byId && !clientIds && !store.containsKey(url)) {
                throw new Refusal(405, "ids are chosen here");
            }
            String key = byId
                    ? url
                    : type + "/"
                            + (hits.isEmpty()
                                    ? newId()
                                    : hits.getFirst().get("id").asText());
            String match = entry.at("/request/ifMatch").asText();
            if (!match.isEmpty()
                    && !match.equals(
                            "W/\"" + store.get(key).at("/meta/versionId").asText() + "\"")) {
                throw new Refusal(412, "another version");
            }
            plan.add(new Step(key, method.equals("PUT") || hits.isEmpty(), resource));
            if (names.put(entry.get("fullUrl").asText(), key) != null) {
                throw new Refusal(400, "one fullUrl twice");
            }
        }
        ObjectNode answer =
                JSON.createObjectNode().put("resourceType", "Bundle").put("type", "transaction-response");
        ArrayNode entries = answer.putArray("entry");
        for (Step step : plan) {
            boolean fresh = !store.containsKey(step.key());
            String refused =
                    refusedEntries.get(step.resource().get("resourceType").asText());
            if (refused != null) {
                entries.addObject().putObject("response").put("status", refused);
                continue;
            }
            if (bareMatches && !step.write()) {
                entries.addObject().putObject("response").put("status", "200 OK");
                continue;
            }
            if (step.write()) {
                save(step.key(), parse(linked(step.resource(), names)));
            }
            entries.addObject()
                    .putObject("response")
                    .put("status", fresh ? "201 Created" : "200 OK")
                    .put("location", step.key() + "/_history/1");
        }
        return answer;
    }

    private String linked(ObjectNode resource, Map<String, String> names) {
        String text = resource.toString();
        for (Map.Entry<String, String> name : names.entrySet()) {
            text = text.replace("\"" + name.getKey() + "\"", "\"" + name.getValue() + "\"");
        }
        if (text.contains("\"urn:uuid:")) {
            throw new Refusal(400, "a reference to what the Bundle does not hold");
        }
        return text;
    }

    private ObjectNode save(String key, ObjectNode resource) {
        resource.put("id", key.substring(key.indexOf('/') + 1));
        ObjectNode old = store.get(key);
        ObjectNode bare = resource.deepCopy();
        ObjectNode oldBare = old == null ? null : old.deepCopy();
        for (ObjectNode n : oldBare == null ? List.of(bare) : List.of(bare, oldBare)) {
            if (n.get("meta") instanceof ObjectNode meta) {
                meta.remove("versionId");
                meta.remove("lastUpdated");
                if (meta.isEmpty()) {
                    n.remove("meta");
                }
            }
        }
        if (bare.equals(oldBare)) {
            return old;
        }
        int version = old == null ? 1 : old.at("/meta/versionId").asInt() + 1;
        ObjectNode meta = resource.get("meta") instanceof ObjectNode m ? m : resource.putObject("meta");
        meta.put("versionId", Integer.toString(version))
                .put("lastUpdated", Instant.now().toString());
        store.put(key, resource);
        return resource;
    }

    private List<ObjectNode> search(String type, String query) {
        return all(type).stream().filter(node -> matches(node, query)).toList();
    }

    private static boolean matches(ObjectNode node, String query) {
        for (String part : query.split("&")) {
            String[] pair = part.split("=", 2);
            String value = pair.length < 2 ? "" : URLDecoder.decode(pair[1], StandardCharsets.UTF_8);
            boolean ok = switch (pair[0]) {
                case "identifier" -> hasIdentifier(node, value);
                case "target" -> node.get("target").toString().contains("\"" + value + "\"");
                case "url" -> node.at("/channel/endpoint").asText().equals(value);
                case "_lastUpdated" -> node.at("/meta/lastUpdated").asText("9").compareTo(value.substring(2)) >= 0;
                default -> true; // as real servers do
            };
            if (!ok) {
                return false;
            }
        }
        return true;
    }

    /** One token; a separator that is not escaped would be another one, or a system. */
    private static boolean hasIdentifier(ObjectNode node, String escaped) {
        String[] parts = escaped.split("(?<!\\\\)(?:\\\\\\\\)*\\|", 2);
        if (escaped.replaceAll("\\\\.", "").matches(".*[,$\\\\].*")) {
            throw new Refusal(400, "a list or a composite is not known here");
        }
        String token = escaped.replaceAll("\\\\(.)", "$1");
        int bar = parts.length == 2 ? parts[0].replaceAll("\\\\(.)", "$1").length() : -1;
        List<JsonNode> all = new ArrayList<>();
        node.path("identifier").forEach(all::add);
        all.add(node.path("masterIdentifier"));
        return all.stream()
                .anyMatch(i -> i.path("value").asText().equals(token.substring(bar + 1))
                        && (bar < 0 || i.path("system").asText().equals(token.substring(0, bar))));
    }

    private Reply bundle(List<ObjectNode> found) {
        ObjectNode bundle =
                JSON.createObjectNode().put("resourceType", "Bundle").put("type", "searchset");
        ArrayNode entries = bundle.putArray("entry");
        found.forEach(f -> entries.addObject().set("resource", f));
        return Reply.json(200, bundle.toString());
    }

    private String metadata() {
        ObjectNode statement = JSON.createObjectNode()
                .put("resourceType", "CapabilityStatement")
                .put("status", "active")
                .put("kind", "instance")
                .put("fhirVersion", "4.0.1");
        ArrayNode resources =
                statement.putArray("rest").addObject().put("mode", "server").putArray("resource");
        for (String type :
                List.of("DiagnosticReport", "Observation", "DocumentReference", "Task", "Provenance", "Device")) {
            if (type.equals("Task") && !takesTasks) {
                continue;
            }
            resources
                    .addObject()
                    .put("type", type)
                    .put("conditionalCreate", conditional)
                    .put("conditionalUpdate", conditional)
                    .put("updateCreate", clientIds);
        }
        return statement.toString();
    }

    private String newId() {
        return "n" + next++;
    }

    private static ObjectNode parse(String json) {
        try {
            return (ObjectNode) JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new Refusal(400, "not JSON");
        }
    }

    private static Reply outcome(int status, String text) {
        return Reply.json(
                status,
                "{\"resourceType\":\"OperationOutcome\",\"issue\":[{\"severity\":\"error\",\"code\":\"processing\",\"diagnostics\":\""
                        + text + "\"}]}");
    }

    private static final class Refusal extends RuntimeException {
        private final int status;

        Refusal(int status, String text) {
            super(text);
            this.status = status;
        }
    }
}
