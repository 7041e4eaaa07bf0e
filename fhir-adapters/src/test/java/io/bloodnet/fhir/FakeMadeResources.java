package io.bloodnet.fhir;

import io.bloodnet.fhir.face.MadeResource;
import io.bloodnet.fhir.face.MadeResources;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Made resources in memory. */
public final class FakeMadeResources implements MadeResources {

    public final Map<String, MadeResource> all = new LinkedHashMap<>();

    @Override
    public synchronized void keep(List<MadeResource> resources) {
        resources.forEach(r -> all.put(r.type() + "/" + r.id(), r));
    }

    @Override
    public synchronized Optional<MadeResource> read(String type, String id) {
        return Optional.ofNullable(all.get(type + "/" + id));
    }

    @Override
    public synchronized List<MadeResource> find(Query q) {
        return all.values().stream()
                .filter(r -> r.type().equals(q.type()))
                .filter(r -> q.ids().isEmpty() || q.ids().contains(r.id()))
                .filter(r -> q.identifier() == null
                        || r.identifiers().stream()
                                .anyMatch(i -> i.equals(q.identifier()) || i.endsWith("|" + q.identifier())))
                .filter(r -> q.patient() == null || q.patient().equals(r.patient()))
                .skip(q.offset())
                .limit(q.limit())
                .toList();
    }
}
