package io.bloodnet.fhir.resultout;

import io.bloodnet.fhir.FhirJson;
import io.bloodnet.fhir.ehr.EhrAnswer;
import io.bloodnet.fhir.ehr.EhrBase;
import io.bloodnet.fhir.ehr.EhrClient;
import io.bloodnet.fhir.ehr.EhrClient.Purpose;
import io.bloodnet.fhir.ehr.EhrException;
import io.bloodnet.fhir.face.MadeResource;
import io.bloodnet.fhir.face.MadeResources;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Bundle.BundleEntryComponent;
import org.hl7.fhir.r4.model.Provenance;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;

/** Sends a report's transaction in the form that the EHR can take, reads what became of each entry, and keeps what was made. */
final class Transactions {

    private final EhrClient ehr;
    private final MadeResources made;
    private final InstantSource clock;

    Transactions(EhrClient ehr, MadeResources made, InstantSource clock) {
        this.ehr = ehr;
        this.made = made;
        this.clock = clock;
    }

    /** The server's answer to the transaction, whatever its status. */
    EhrAnswer send(Bundle conditional, String report, EhrProfile can, Purpose purpose) {
        Bundle bundle = can.conditional() ? conditional : new Unconditional(ehr, purpose).rewrite(conditional);
        Optional<Provenance> later = can.clientIds() ? Optional.empty() : takeProvenance(bundle);
        EhrAnswer answer = ehr.transaction(bundle);
        if (answer.isSuccess()) {
            Map<String, String> ids = locations(bundle, answer);
            later.ifPresent(provenance -> fileLater(provenance, ids, purpose));
            keep(bundle, ids, report);
        }
        return answer;
    }

    /** The EHR's name of the first entry, the report. */
    String receipt(EhrAnswer answer) {
        return answer.resource(Bundle.class)
                .filter(Bundle::hasEntry)
                .flatMap(b -> location(b.getEntryFirstRep()))
                .orElse("accepted");
    }

    /** Provenance has no identifier to make it conditional, and this server does not let us choose its id: it goes after the rest. */
    private static Optional<Provenance> takeProvenance(Bundle bundle) {
        Optional<BundleEntryComponent> entry = bundle.getEntry().stream()
                .filter(e -> e.getResource() instanceof Provenance)
                .findFirst();
        entry.ifPresent(bundle.getEntry()::remove);
        return entry.map(e -> (Provenance) e.getResource());
    }

    private void fileLater(Provenance provenance, Map<String, String> ids, Purpose purpose) {
        relink(provenance, ids);
        String target = provenance.getTargetFirstRep().getReference();
        boolean there = ehr.search(Provenance.class, Map.of("target", target), purpose).stream()
                .filter(p -> p.getTarget().stream().anyMatch(t -> target.equals(t.getReference())))
                .anyMatch(p -> p.getActivity()
                        .getCodingFirstRep()
                        .getCode()
                        .equals(provenance.getActivity().getCodingFirstRep().getCode()));
        if (there) {
            return;
        }
        provenance.setId((String) null);
        EhrAnswer answer = ehr.create(provenance);
        if (!answer.isSuccess()) {
            throw answer.failure("the Provenance");
        }
    }

    private Map<String, String> locations(Bundle sent, EhrAnswer answer) {
        Bundle response = answer.resource(Bundle.class)
                .orElseThrow(() -> new EhrException(
                        EhrException.Code.BAD_ANSWER, "the transaction was taken, but its answer is not a Bundle"));
        Map<String, String> ids = new HashMap<>();
        for (int i = 0; i < Math.min(sent.getEntry().size(), response.getEntry().size()); i++) {
            String fullUrl = sent.getEntry().get(i).getFullUrl();
            location(response.getEntry().get(i)).ifPresent(reference -> ids.put(fullUrl, reference));
        }
        return ids;
    }

    private Optional<String> location(BundleEntryComponent entry) {
        String location = entry.getResponse().getLocation();
        return location == null
                ? Optional.empty()
                : ehr.base().resourceOf(location).map(EhrBase.ResourceId::reference);
    }

    private void keep(Bundle sent, Map<String, String> ids, String report) {
        List<MadeResource> kept = new ArrayList<>();
        for (BundleEntryComponent entry : sent.getEntry()) {
            String reference = ids.get(entry.getFullUrl());
            if (reference == null) {
                continue;
            }
            Resource resource = entry.getResource();
            String id = reference.substring(reference.indexOf('/') + 1);
            resource.setId(id);
            relink(resource, ids);
            List<String> identifiers = Unconditional.identifiers(resource).stream()
                    .map(Names::token)
                    .toList();
            kept.add(new MadeResource(
                    resource.fhirType(),
                    id,
                    identifiers,
                    patient(resource),
                    report,
                    FhirJson.write(resource),
                    clock.instant()));
        }
        made.keep(kept);
    }

    private static @org.jspecify.annotations.Nullable String patient(Resource resource) {
        for (String element : List.of("subject", "for")) {
            var property = resource.getNamedProperty(element);
            if (property != null && property.hasValues() && property.getValues().getFirst() instanceof Reference r) {
                return r.hasReference() ? r.getReference() : r.getIdentifier().getValue();
            }
        }
        return null;
    }

    private static void relink(Resource resource, Map<String, String> ids) {
        FhirJson.context()
                .newTerser()
                .getAllPopulatedChildElementsOfType(resource, Reference.class)
                .forEach(r -> {
                    String literal = ids.get(r.getReference());
                    if (literal != null) {
                        r.setReference(literal);
                    }
                });
    }
}
