package io.bloodnet.sandbox.ehr;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.sandbox.http.Query;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The resources of the EHR, newest version only, in memory. Stored trees are never changed again, so they may be given out. Not safe for
 * threads: {@link SandboxEhr} holds its lock.
 */
final class ResourceStore {

    /** Most resources kept; more are refused. */
    static final int RESOURCES_MAX = 200_000;

    private final InstantSource clock;
    private final Map<ResourceKey, ObjectNode> resources = new LinkedHashMap<>();
    private final Map<String, Set<ResourceKey>> byIdentifier = new HashMap<>();
    private final List<ResourceKey> changes = new ArrayList<>();
    private long lastId = 1000;

    ResourceStore(InstantSource clock) {
        this.clock = clock;
    }

    @Nullable
    ObjectNode get(ResourceKey key) {
        return resources.get(key);
    }

    /** 0 when it is not there. */
    long version(ResourceKey key) {
        ObjectNode stored = resources.get(key);
        return stored == null
                ? 0
                : Long.parseLong(stored.path("meta").path("versionId").asText("0"));
    }

    Collection<ObjectNode> all() {
        return resources.values();
    }

    ResourceKey freshKey(String type) {
        return new ResourceKey(type, Long.toString(++lastId));
    }

    /** Refuses when that many more resources might not fit. */
    void requireRoom(int count) {
        if (resources.size() + count > RESOURCES_MAX) {
            throw new FhirRefusal(507, "throttled", "the sandbox EHR is full: " + RESOURCES_MAX + " resources");
        }
    }

    /** Stores a copy under the key and gives it a version and time; a resource that says nothing new keeps its version. */
    ObjectNode put(ResourceKey key, ObjectNode resource) {
        ObjectNode copy = resource.deepCopy();
        copy.put("id", key.id());
        ObjectNode stored = resources.get(key);
        if (stored != null && FhirTree.sameContent(stored, copy)) {
            return stored;
        }
        ObjectNode meta = copy.withObject("/meta");
        meta.put("versionId", Long.toString(version(key) + 1));
        meta.put("lastUpdated", clock.instant().truncatedTo(ChronoUnit.MILLIS).toString());
        if (stored != null) {
            SearchFilter.identifiers(stored).forEach(i -> indexed(key, i).remove(key));
        }
        SearchFilter.identifiers(copy).forEach(i -> indexed(key, i).add(key));
        resources.put(key, copy);
        changes.add(key);
        return copy;
    }

    /** Whether it was there. */
    boolean remove(ResourceKey key) {
        ObjectNode stored = resources.remove(key);
        if (stored == null) {
            return false;
        }
        SearchFilter.identifiers(stored).forEach(i -> indexed(key, i).remove(key));
        return true;
    }

    /** What was put since the last call, oldest first. */
    List<ResourceKey> takeChanges() {
        List<ResourceKey> taken = List.copyOf(changes);
        changes.clear();
        return taken;
    }

    /** The resources of one type that fit, in the order of their creation. */
    List<ObjectNode> search(String type, Query query) {
        List<ObjectNode> found = new ArrayList<>();
        for (ResourceKey key : candidates(type, query)) {
            ObjectNode resource = resources.get(key);
            if (key.type().equals(type) && resource != null && SearchFilter.matches(resource, query)) {
                found.add(resource);
            }
        }
        return found;
    }

    /** A search by identifier looks only at what has that value. */
    private Collection<ResourceKey> candidates(String type, Query query) {
        String identifier = query.first("identifier").orElse("");
        if (identifier.isEmpty() || identifier.contains(",")) {
            return resources.keySet();
        }
        String value = identifier.substring(identifier.indexOf('|') + 1);
        return byIdentifier.getOrDefault(type + "|" + value, Set.of());
    }

    private Set<ResourceKey> indexed(ResourceKey key, JsonNode identifier) {
        return byIdentifier.computeIfAbsent(
                key.type() + "|" + identifier.path("value").asText(), value -> new LinkedHashSet<>());
    }
}
