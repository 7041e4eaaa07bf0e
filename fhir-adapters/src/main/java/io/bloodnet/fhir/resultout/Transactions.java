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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends a report's transaction in the form that the EHR can take, reads what became of each entry, and keeps what was made. */
final class Transactions {

    private static final Logger LOG = LoggerFactory.getLogger(Transactions.class);

    private final EhrClient ehr;
    private final MadeResources made;
    private final InstantSource clock;

    Transactions(EhrClient ehr, MadeResources made, InstantSource clock) {
        this.ehr = ehr;
        this.made = made;
        this.clock = clock;
    }

    /** The server's answer to the transaction, whatever its status; an entry that was refused inside a success is no success. */
    EhrAnswer send(Bundle conditional, String report, EhrProfile can, Purpose purpose) {
        Bundle bundle = can.conditional() ? conditional : new Unconditional(ehr, purpose).rewrite(conditional);
        Optional<Provenance> later = can.clientIds() ? Optional.empty() : takeProvenance(bundle);
        EhrAnswer answer = ehr.transaction(bundle);
        if (answer.isSuccess()) {
            Optional<EhrAnswer> refusal = EntryAnswers.refusal(bundle, answer);
            if (refusal.isPresent()) {
                LOG.warn(
                        "the EHR answered {}, but an entry inside {}",
                        answer.status(),
                        refusal.get().status());
                return refusal.get();
            }
            Map<String, String> ids = locations(bundle, answer, purpose);
            if (!ids.containsKey(bundle.getEntryFirstRep().getFullUrl())) {
                throw new EhrException(
                        EhrException.Code.BAD_ANSWER,
                        "the transaction was answered " + answer.status() + ", but the report is not there");
            }
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
        if (namesEntries(provenance)) {
            throw new EhrException(
                    EhrException.Code.BAD_ANSWER,
                    "the transaction was taken, but where its resources are is neither answered nor found");
        }
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

    /** Where each entry's resource is, by the entry's name. What the answer does not say is searched for. */
    private Map<String, String> locations(Bundle sent, EhrAnswer answer, Purpose purpose) {
        Bundle response = answer.resource(Bundle.class)
                .orElseThrow(() -> new EhrException(
                        EhrException.Code.BAD_ANSWER, "the transaction was taken, but its answer is not a Bundle"));
        Map<String, String> ids = new HashMap<>();
        for (int i = 0; i < sent.getEntry().size(); i++) {
            BundleEntryComponent entry = sent.getEntry().get(i);
            Optional<String> said = i < response.getEntry().size()
                    ? location(response.getEntry().get(i))
                    : Optional.empty();
            said.or(() -> chosen(entry))
                    .or(() -> found(entry.getResource(), purpose))
                    .ifPresent(reference -> ids.put(entry.getFullUrl(), reference));
        }
        return ids;
    }

    /** Of an update by id we chose the place ourselves. */
    private Optional<String> chosen(BundleEntryComponent entry) {
        return ehr.base().resourceOf(entry.getRequest().getUrl()).map(EhrBase.ResourceId::reference);
    }

    /** A conditional create that matches may be answered 200 without a location; the identifier finds what it matched. */
    private Optional<String> found(Resource resource, Purpose purpose) {
        return Unconditional.identifiers(resource).stream()
                .findFirst()
                .map(Names::token)
                .flatMap(token -> ehr.search(resource.getClass(), Map.of("identifier", token), purpose).stream()
                        .filter(there ->
                                Unconditional.identifiers(there).stream().anyMatch(i -> token.equals(Names.token(i))))
                        .map(there ->
                                there.fhirType() + "/" + there.getIdElement().getIdPart())
                        .sorted()
                        .findFirst());
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

    /** Whether a reference still is the name of an entry, which means nothing outside of the transaction. */
    private static boolean namesEntries(Resource resource) {
        return FhirJson.context().newTerser().getAllPopulatedChildElementsOfType(resource, Reference.class).stream()
                .anyMatch(r -> r.hasReference() && r.getReference().startsWith("urn:uuid:"));
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
