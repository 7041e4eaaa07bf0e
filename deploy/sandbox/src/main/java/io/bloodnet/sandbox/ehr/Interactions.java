package io.bloodnet.sandbox.ehr;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.sandbox.http.Query;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The RESTful interactions on the store (FHIR R4 3.1.0). Not safe for threads: {@link SandboxEhr} holds its lock. */
final class Interactions {

    /** Resources in one page of a search. */
    static final int PAGE_MAX = 1000;

    private final ResourceStore store;

    Interactions(ResourceStore store) {
        this.store = store;
    }

    FhirAnswer read(ResourceKey key) {
        ObjectNode resource = store.get(key);
        if (resource == null) {
            throw new FhirRefusal(404, "not-found", "no such " + key.type());
        }
        return FhirAnswer.of(200, resource).with("ETag", Versions.etag(store.version(key)));
    }

    FhirAnswer search(String base, String type, Query query) {
        List<ObjectNode> hits =
                sorted(store.search(type, query), query.first("_sort").orElse(""));
        int offset = query.number("_offset", 0);
        int count = Math.min(query.number("_count", PAGE_MAX), PAGE_MAX);
        ObjectNode bundle = JsonNodeFactory.instance.objectNode();
        bundle.put("resourceType", "Bundle").put("type", "searchset").put("total", hits.size());
        if (count > 0 && offset + count < hits.size()) {
            bundle.putArray("link")
                    .addObject()
                    .put("relation", "next")
                    .put("url", next(base, type, query, offset + count));
        }
        ArrayNode entries = JsonNodeFactory.instance.arrayNode();
        hits.stream().skip(offset).limit(count).forEach(hit -> {
            ObjectNode entry = entries.addObject();
            entry.put("fullUrl", base + "/" + type + "/" + hit.path("id").asText());
            entry.set("resource", hit);
            entry.putObject("search").put("mode", "match");
        });
        if (!entries.isEmpty()) { // FHIR JSON has no empty arrays
            bundle.set("entry", entries);
        }
        return FhirAnswer.of(200, bundle);
    }

    FhirAnswer create(String base, String type, ObjectNode resource, @Nullable String ifNoneExist) {
        requireType(resource, type);
        WriteTarget target = WriteTarget.create(store, type, ifNoneExist);
        return target.exists() ? written(base, 200, target.key()) : save(base, target, resource);
    }

    FhirAnswer update(String base, ResourceKey key, ObjectNode resource, @Nullable String ifMatch) {
        requireType(resource, key.type());
        WriteTarget target = WriteTarget.update(store, key, resource);
        if (ifMatch != null) {
            Versions.requireMatch(ifMatch, store.version(key));
        }
        return save(base, target, resource);
    }

    FhirAnswer conditionalUpdate(
            String base, String type, Query criteria, ObjectNode resource, @Nullable String ifMatch) {
        requireType(resource, type);
        WriteTarget target = WriteTarget.conditionalUpdate(store, type, criteria, resource);
        if (ifMatch != null) {
            Versions.requireMatch(ifMatch, store.version(target.key()));
        }
        return save(base, target, resource);
    }

    private FhirAnswer save(String base, WriteTarget target, ObjectNode resource) {
        store.requireRoom(1);
        ObjectNode resolved = References.resolved(resource, Map.of(), store);
        References.refuseDangling(resolved, Set.of(target.key()), store);
        store.put(target.key(), resolved);
        return written(base, target.exists() ? 200 : 201, target.key());
    }

    private FhirAnswer written(String base, int status, ResourceKey key) {
        return read(key)
                .withStatus(status)
                .with("Location", base + "/" + key.reference() + "/_history/" + store.version(key));
    }

    private static void requireType(ObjectNode resource, String type) {
        if (!resource.path("resourceType").asText().equals(type)) {
            throw new FhirRefusal(400, "invalid", "the resource is not of the type in the URL");
        }
    }

    private static List<ObjectNode> sorted(List<ObjectNode> hits, String by) {
        Comparator<ObjectNode> oldestFirst = Comparator.comparing(hit ->
                java.time.Instant.parse(hit.path("meta").path("lastUpdated").asText()));
        return switch (by) {
            case "" -> hits;
            case "_lastUpdated" -> hits.stream().sorted(oldestFirst).toList();
            case "-_lastUpdated" -> hits.stream().sorted(oldestFirst.reversed()).toList();
            default -> throw new FhirRefusal(400, "not-supported", "_sort: only _lastUpdated is known here");
        };
    }

    private static String next(String base, String type, Query query, int offset) {
        StringBuilder url = new StringBuilder(base + "/" + type + "?");
        for (Query.Parameter parameter : query.parameters()) {
            if (!parameter.name().equals("_offset")) {
                url.append(encode(parameter.name()))
                        .append('=')
                        .append(encode(parameter.value()))
                        .append('&');
            }
        }
        return url + "_offset=" + offset;
    }

    private static String encode(String text) {
        return java.net.URLEncoder.encode(text, java.nio.charset.StandardCharsets.UTF_8);
    }
}
