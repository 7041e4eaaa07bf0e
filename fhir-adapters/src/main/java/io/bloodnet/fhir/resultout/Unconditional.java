package io.bloodnet.fhir.resultout;

import io.bloodnet.fhir.FhirJson;
import io.bloodnet.fhir.ehr.EhrClient;
import io.bloodnet.fhir.ehr.EhrClient.Purpose;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Bundle.BundleEntryComponent;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.Property;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;

/**
 * Rewrites a transaction for servers without conditional writes: each condition is searched for first, and becomes a plain create or
 * update. The caller holds the study's lock meanwhile and looks for duplicates afterwards, since nothing else prevents them there.
 */
final class Unconditional {

    /** The EHR holds several of one identity: a person must look. */
    static final class DuplicateException extends RuntimeException {
        DuplicateException() {
            super("several resources of one identity", null, false, false);
        }
    }

    private final EhrClient ehr;
    private final Purpose purpose;
    private final Map<String, String> existing = new HashMap<>();

    Unconditional(EhrClient ehr, Purpose purpose) {
        this.ehr = ehr;
        this.purpose = purpose;
    }

    /** The Bundle without conditions; entries for what is there already and shared are gone, references to them are literal. */
    Bundle rewrite(Bundle conditional) {
        Bundle plain = conditional.copy();
        List<BundleEntryComponent> kept = new ArrayList<>();
        for (BundleEntryComponent entry : plain.getEntry()) {
            if (decide(entry)) {
                kept.add(entry);
            }
        }
        plain.setEntry(kept);
        kept.forEach(entry -> relink(entry.getResource()));
        return plain;
    }

    /** Whether the entry stays. */
    private boolean decide(BundleEntryComponent entry) {
        String url = entry.getRequest().getUrl();
        boolean create = entry.getRequest().hasIfNoneExist();
        String condition = create ? entry.getRequest().getIfNoneExist() : url.substring(url.indexOf('?') + 1);
        if (!create && url.indexOf('?') < 0) {
            return true;
        }
        Resource resource = entry.getResource();
        Optional<String> id = idOf(resource, condition);
        entry.getRequest().setIfNoneExist(null);
        if (id.isEmpty()) {
            entry.getRequest().setMethod(Bundle.HTTPVerb.POST).setUrl(resource.fhirType());
            return true;
        }
        String reference = resource.fhirType() + "/" + id.get();
        existing.put(entry.getFullUrl(), reference);
        resource.setId(id.get());
        entry.getRequest().setMethod(Bundle.HTTPVerb.PUT).setUrl(reference);
        return !create;
    }

    private Optional<String> idOf(Resource resource, String condition) {
        String token = URLDecoder.decode(condition.substring("identifier=".length()), StandardCharsets.UTF_8);
        List<String> ids = ehr.search(resource.getClass(), Map.of("identifier", token), purpose).stream()
                .filter(found -> identifiers(found).stream().anyMatch(i -> token.equals(Names.token(i))))
                .map(found -> found.getIdElement().getIdPart())
                .distinct()
                .toList();
        if (ids.size() > 1) {
            throw new DuplicateException();
        }
        return ids.stream().findFirst();
    }

    private void relink(Resource resource) {
        FhirJson.context()
                .newTerser()
                .getAllPopulatedChildElementsOfType(resource, Reference.class)
                .forEach(reference -> {
                    String literal = existing.get(reference.getReference());
                    if (literal != null) {
                        reference.setReference(literal);
                    }
                });
    }

    /** All identifiers of a resource of any type. */
    static List<Identifier> identifiers(Resource resource) {
        Property property = resource.getNamedProperty("identifier");
        return property == null
                ? List.of()
                : property.getValues().stream()
                        .filter(Identifier.class::isInstance)
                        .map(Identifier.class::cast)
                        .toList();
    }
}
