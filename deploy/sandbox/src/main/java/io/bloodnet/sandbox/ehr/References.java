package io.bloodnet.sandbox.ehr;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.sandbox.http.Query;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** References in what is written: those within a Bundle and conditional ones are resolved, dangling ones refused. */
final class References {

    private static final Pattern LOCAL = Pattern.compile("([A-Z][A-Za-z]+)/([A-Za-z0-9\\-.]{1,64})(/_history/\\w+)?");
    private static final Pattern CONDITIONAL = Pattern.compile("([A-Z][A-Za-z]+)\\?(.+)");

    private References() {}

    /** A copy whose references name resources of this server. @param byFullUrl of the same Bundle: fullUrl to {@code Type/id} */
    static ObjectNode resolved(ObjectNode resource, Map<String, String> byFullUrl, ResourceStore store) {
        ObjectNode copy = resource.deepCopy();
        FhirTree.replaceReferences(copy, reference -> {
            String local = byFullUrl.get(reference);
            return local != null ? local : resolvedCondition(reference, store);
        });
        return copy;
    }

    /** FHIR R4 3.1.0.11.2: exactly one resource must fit. */
    private static String resolvedCondition(String reference, ResourceStore store) {
        Matcher conditional = CONDITIONAL.matcher(reference);
        if (!conditional.matches()) {
            return reference;
        }
        String type = conditional.group(1);
        List<ObjectNode> hits = store.search(type, Query.parse(conditional.group(2)));
        if (hits.size() != 1) {
            throw new FhirRefusal(
                    hits.isEmpty() ? 400 : 412,
                    hits.isEmpty() ? "not-found" : "multiple-matches",
                    "conditional reference to " + type + " matches " + hits.size() + " resources");
        }
        return type + "/" + hits.getFirst().path("id").asText();
    }

    /** @param together what the same transaction stores */
    static void refuseDangling(ObjectNode resource, Set<ResourceKey> together, ResourceStore store) {
        for (String reference : FhirTree.references(resource)) {
            if (reference.startsWith("urn:uuid:")) {
                throw new FhirRefusal(
                        400,
                        "not-found",
                        resource.path("resourceType").asText() + " refers to an entry that the Bundle does not hold");
            }
            if (reference.startsWith("#") && !isContained(resource, reference.substring(1))) {
                throw new FhirRefusal(
                        400,
                        "not-found",
                        resource.path("resourceType").asText()
                                + " refers to a contained resource that it does not hold");
            }
            Matcher local = LOCAL.matcher(reference);
            if (local.matches()) {
                ResourceKey key = new ResourceKey(local.group(1), local.group(2));
                if (!together.contains(key) && store.get(key) == null) {
                    throw new FhirRefusal(
                            400,
                            "not-found",
                            resource.path("resourceType").asText() + " refers to a " + key.type()
                                    + " that is not here");
                }
            }
        }
    }

    private static boolean isContained(JsonNode resource, String id) {
        return FhirTree.items(resource, "contained").stream()
                .anyMatch(c -> c.path("id").asText().equals(id));
    }
}
