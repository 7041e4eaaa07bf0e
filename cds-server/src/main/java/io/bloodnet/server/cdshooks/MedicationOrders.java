package io.bloodnet.server.cdshooks;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds antithrombotic drugs in FHIR R4 MedicationRequests: the coding of the order, of the Medication that it refers to (contained or in
 * the same Bundle), of that Medication's ingredients; texts and displays last, and only where no code was recognized.
 */
final class MedicationOrders {

    /** More orders in one Bundle than this are not looked at. */
    static final int ORDERS_MAX = 200;

    private static final Set<String> OVER = Set.of("cancelled", "stopped", "completed", "entered-in-error");

    private final DrugTable table;

    MedicationOrders(DrugTable table) {
        this.table = table;
    }

    /**
     * An order for an antithrombotic drug.
     *
     * @param id the id of the MedicationRequest; empty when it has none
     * @param text what the EHR calls it, not yet escaped; empty when it does not say
     */
    record Antithrombotic(String id, String text, DrugMatch drug) {}

    /** The antithrombotic orders among a Bundle's MedicationRequests, in its order. */
    List<Antithrombotic> in(JsonNode bundle) {
        List<Antithrombotic> found = new ArrayList<>();
        int looked = 0;
        for (JsonNode entry : bundle.path("entry")) {
            JsonNode order = entry.path("resource");
            if (!isLiveOrder(order) || ++looked > ORDERS_MAX) {
                continue;
            }
            List<JsonNode> concepts = concepts(order, bundle);
            match(concepts)
                    .ifPresent(drug ->
                            found.add(new Antithrombotic(order.path("id").asText(""), text(concepts), drug)));
        }
        return found;
    }

    private static boolean isLiveOrder(JsonNode resource) {
        return resource.path("resourceType").asText().equals("MedicationRequest")
                && !OVER.contains(resource.path("status").asText())
                && !resource.path("doNotPerform").asBoolean(false);
    }

    private Optional<DrugMatch> match(List<JsonNode> concepts) {
        for (JsonNode concept : concepts) {
            for (JsonNode coding : concept.path("coding")) {
                Optional<DrugMatch> match = table.byCode(
                        coding.path("system").asText(), coding.path("code").asText());
                if (match.isPresent()) {
                    return match;
                }
            }
        }
        return texts(concepts).stream()
                .map(table::byText)
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static List<JsonNode> concepts(JsonNode order, JsonNode bundle) {
        List<JsonNode> concepts = new ArrayList<>();
        concepts.add(order.path("medicationCodeableConcept"));
        JsonNode medication = medication(order, bundle);
        concepts.add(medication.path("code"));
        medication.path("ingredient").forEach(i -> concepts.add(i.path("itemCodeableConcept")));
        return concepts;
    }

    private static JsonNode medication(JsonNode order, JsonNode bundle) {
        String reference = order.path("medicationReference").path("reference").asText();
        if (reference.startsWith("#")) {
            for (JsonNode contained : order.path("contained")) {
                if (contained.path("id").asText().equals(reference.substring(1))) {
                    return contained;
                }
            }
        } else if (!reference.isEmpty()) {
            for (JsonNode entry : bundle.path("entry")) {
                JsonNode resource = entry.path("resource");
                if (entry.path("fullUrl").asText().equals(reference)
                        || reference.equals("Medication/" + resource.path("id").asText())) {
                    return resource;
                }
            }
        }
        return order.path("medicationReference").path("none"); // missing: nothing is fetched from anywhere
    }

    private static List<String> texts(List<JsonNode> concepts) {
        List<String> texts = new ArrayList<>();
        for (JsonNode concept : concepts) {
            texts.add(concept.path("text").asText());
            concept.path("coding")
                    .forEach(coding -> texts.add(coding.path("display").asText()));
        }
        texts.removeIf(String::isBlank);
        return texts;
    }

    private static String text(List<JsonNode> concepts) {
        List<String> texts = texts(concepts);
        return texts.isEmpty() ? "" : texts.getFirst();
    }
}
