package io.bloodnet.server.cdshooks.drug;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds antithrombotic drugs in FHIR R4 MedicationRequests, wherever in them the drug stands ({@link OrderedDrug}): by its codes, by names in
 * texts and displays only where no code was recognized.
 */
public final class MedicationOrders {

    /** More orders in one Bundle than this are not looked at. */
    static final int ORDERS_MAX = 200;

    private static final Set<String> OVER = Set.of("cancelled", "stopped", "completed", "entered-in-error");

    private final DrugTable table;

    public MedicationOrders(DrugTable table) {
        this.table = table;
    }

    /**
     * An order for an antithrombotic drug.
     *
     * @param id the id of the MedicationRequest; empty when it has none
     * @param text what the EHR calls it, not yet escaped; empty when it does not say
     */
    public record Antithrombotic(String id, String text, DrugMatch drug) {}

    /** The antithrombotic orders among a Bundle's MedicationRequests, in its order. */
    public List<Antithrombotic> in(JsonNode bundle) {
        List<Antithrombotic> found = new ArrayList<>();
        int looked = 0;
        for (JsonNode entry : bundle.path("entry")) {
            JsonNode order = entry.path("resource");
            if (!isLiveOrder(order) || ++looked > ORDERS_MAX) {
                continue;
            }
            OrderedDrug ordered = OrderedDrug.of(order, bundle);
            String text = ordered.texts().stream().findFirst().orElse("");
            match(ordered)
                    .ifPresent(drug ->
                            found.add(new Antithrombotic(order.path("id").asText(""), text, drug)));
        }
        return found;
    }

    private static boolean isLiveOrder(JsonNode resource) {
        return resource.path("resourceType").asText().equals("MedicationRequest")
                && !OVER.contains(resource.path("status").asText())
                && !resource.path("doNotPerform").asBoolean(false);
    }

    private Optional<DrugMatch> match(OrderedDrug ordered) {
        return ordered.codes().stream()
                .map(code -> table.byCode(code.system(), code.code()))
                .flatMap(Optional::stream)
                .findFirst()
                .or(() -> ordered.texts().stream()
                        .map(table::byText)
                        .flatMap(Optional::stream)
                        .findFirst());
    }
}
