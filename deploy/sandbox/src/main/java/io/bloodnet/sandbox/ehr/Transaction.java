package io.bloodnet.sandbox.ehr;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.sandbox.http.Query;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A transaction Bundle (FHIR R4 3.1.0.11): all entries or none. Targets first, then references, then the writes. */
final class Transaction {

    /** Most entries of one Bundle. */
    static final int ENTRIES_MAX = 500;

    private record Planned(
            String method,
            WriteTarget target,
            ObjectNode resource,
            @Nullable String ifMatch) {}

    private final ResourceStore store;
    private final List<Planned> plan = new ArrayList<>();
    private final Map<String, String> byFullUrl = new HashMap<>();
    private final Set<ResourceKey> keys = new HashSet<>();
    private final Set<String> criteria = new HashSet<>();

    private Transaction(ResourceStore store) {
        this.store = store;
    }

    /** Does it, or throws and leaves the store as it was. */
    static ObjectNode run(ResourceStore store, ObjectNode bundle) {
        List<JsonNode> entries = FhirTree.items(bundle, "entry");
        if (!bundle.path("type").asText().equals("transaction")) {
            throw new FhirRefusal(400, "invalid", "a Bundle of type transaction is expected here");
        }
        if (entries.size() > ENTRIES_MAX) {
            throw new FhirRefusal(413, "too-costly", entries.size() + " entries, the limit is " + ENTRIES_MAX);
        }
        Transaction transaction = new Transaction(store);
        entries.forEach(transaction::plan);
        return transaction.commit();
    }

    private void plan(JsonNode entry) {
        if (!(entry.path("resource") instanceof ObjectNode resource)) {
            throw new FhirRefusal(400, "required", "entry without a resource: only POST and PUT are done here");
        }
        JsonNode request = entry.path("request");
        String method = request.path("method").asText();
        String url = request.path("url").asText();
        WriteTarget target = target(method, url, request, resource);
        if (!keys.add(target.key())) {
            throw new FhirRefusal(
                    400,
                    "invalid",
                    "two entries are about the same " + target.key().type());
        }
        String match = request.path("ifMatch").asText("");
        plan.add(new Planned(method, target, resource, match.isEmpty() ? null : match));
        String fullUrl = entry.path("fullUrl").asText();
        if (!fullUrl.isEmpty()) {
            byFullUrl.put(fullUrl, target.key().reference());
        }
    }

    private WriteTarget target(String method, String url, JsonNode request, ObjectNode resource) {
        int mark = url.indexOf('?');
        String[] path = (mark < 0 ? url : url.substring(0, mark)).split("/");
        String type = path[0];
        if (!resource.path("resourceType").asText().equals(type)) {
            throw new FhirRefusal(400, "invalid", "the resource is not of the type in request.url");
        }
        String query = mark < 0 ? request.path("ifNoneExist").asText("") : url.substring(mark + 1);
        if (!query.isEmpty() && !criteria.add(type + "?" + query)) {
            throw new FhirRefusal(400, "invalid", "two entries of one Bundle have the same criteria");
        }
        return switch (method) {
            case "POST" -> WriteTarget.create(store, type, query);
            case "PUT" ->
                path.length > 1
                        ? WriteTarget.update(store, new ResourceKey(type, path[1]), resource)
                        : WriteTarget.conditionalUpdate(store, type, Query.parse(query), resource);
            default -> throw new FhirRefusal(400, "not-supported", "entries are POST or PUT here");
        };
    }

    private ObjectNode commit() {
        store.requireRoom(plan.size());
        List<ObjectNode> resolved = new ArrayList<>();
        for (Planned planned : plan) {
            ObjectNode resource = References.resolved(planned.resource(), byFullUrl, store);
            References.refuseDangling(resource, keys, store);
            if (planned.ifMatch() != null) {
                Versions.requireMatch(
                        planned.ifMatch(), store.version(planned.target().key()));
            }
            resolved.add(resource);
        }
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        answer.put("resourceType", "Bundle").put("type", "transaction-response");
        ArrayNode entries = answer.putArray("entry");
        for (int i = 0; i < plan.size(); i++) {
            entries.add(commit(plan.get(i), resolved.get(i)));
        }
        return answer;
    }

    private ObjectNode commit(Planned planned, ObjectNode resource) {
        ResourceKey key = planned.target().key();
        boolean exists = planned.target().exists();
        if (!exists || planned.method().equals("PUT")) {
            store.put(key, resource);
        }
        ObjectNode entry = JsonNodeFactory.instance.objectNode();
        entry.putObject("response")
                .put("status", exists ? "200 OK" : "201 Created")
                .put("location", key.reference() + "/_history/" + store.version(key))
                .put("etag", Versions.etag(store.version(key)));
        return entry;
    }
}
