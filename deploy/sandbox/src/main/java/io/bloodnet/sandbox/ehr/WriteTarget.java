package io.bloodnet.sandbox.ehr;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.sandbox.http.Query;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which resource a write is about.
 *
 * @param key its type and id
 * @param exists whether it is there already
 */
record WriteTarget(ResourceKey key, boolean exists) {

    /** POST, conditional when {@code ifNoneExist} is given (FHIR R4 3.1.0.8.1). */
    static WriteTarget create(ResourceStore store, String type, @Nullable String ifNoneExist) {
        if (ifNoneExist == null || ifNoneExist.isBlank()) {
            return new WriteTarget(store.freshKey(type), false);
        }
        String raw = ifNoneExist.contains("?") ? ifNoneExist.substring(ifNoneExist.indexOf('?') + 1) : ifNoneExist;
        return conditional(store, type, Query.parse(raw), store.freshKey(type));
    }

    /** PUT Type/id (FHIR R4 3.1.0.4). */
    static WriteTarget update(ResourceStore store, ResourceKey key, ObjectNode resource) {
        String id = resource.path("id").asText();
        if (!id.equals(key.id())) {
            throw new FhirRefusal(400, "invalid", "id of the resource is not the id of the URL");
        }
        return new WriteTarget(key, store.get(key) != null);
    }

    /** PUT Type?criteria (FHIR R4 3.1.0.4.3). */
    static WriteTarget conditionalUpdate(ResourceStore store, String type, Query criteria, ObjectNode resource) {
        ResourceKey fresh =
                resource.has("id") ? new ResourceKey(type, resource.path("id").asText()) : store.freshKey(type);
        WriteTarget target = conditional(store, type, criteria, fresh);
        if (target.exists() && resource.has("id") && !target.key().equals(fresh)) {
            throw new FhirRefusal(400, "invalid", "id of the resource is not the id of the one that matches");
        }
        return target;
    }

    private static WriteTarget conditional(ResourceStore store, String type, Query criteria, ResourceKey fresh) {
        if (criteria.parameters().isEmpty()) {
            throw new FhirRefusal(412, "invalid", "conditional write without criteria");
        }
        List<ObjectNode> hits = store.search(type, criteria);
        if (hits.size() > 1) {
            throw new FhirRefusal(412, "multiple-matches", "conditional write matches " + hits.size() + " resources");
        }
        return hits.isEmpty()
                ? new WriteTarget(fresh, false)
                : new WriteTarget(
                        new ResourceKey(type, hits.getFirst().path("id").asText()), true);
    }
}
