package io.bloodnet.server.cdshooks.drug;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.server.cdshooks.Requests;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where in an order the drug is found. */
class MedicationOrdersTest {

    private final MedicationOrders orders = new MedicationOrders(DrugTable.load());

    @Test
    void prefers_a_code_to_the_text() {
        assertThat(in(Requests.draft("m", Requests.RXNORM, "1364430", "warfarin")))
                .singleElement()
                .satisfies(o -> assertThat(o.drug().ingredient()).isEqualTo("apixaban"));
    }

    @Test
    void falls_back_to_the_text_and_says_so() {
        assertThat(in(Requests.draft("m", Requests.RXNORM, "999999", "Coumadin 5 mg")))
                .singleElement()
                .satisfies(o -> assertThat(o.drug().basis()).isEqualTo(DrugMatch.Basis.TEXT));
    }

    @Test
    void looks_into_contained_and_bundled_medications_and_their_ingredients() {
        ObjectNode contained = Requests.draft("m1");
        contained.putObject("medicationReference").put("reference", "#med");
        contained.putArray("contained").add(medication("med", "11289"));
        ObjectNode bundled = Requests.draft("m2");
        bundled.putObject("medicationReference").put("reference", "Medication/med-2");
        ObjectNode compound = JsonNodeFactory.instance
                .objectNode()
                .put("resourceType", "Medication")
                .put("id", "med-2");
        compound.putArray("ingredient").addObject().set("itemCodeableConcept", concept("32968"));
        assertThat(in(contained, bundled, compound))
                .extracting(o -> o.drug().ingredient())
                .containsExactly("warfarin", "clopidogrel");
    }

    @Test
    void ignores_other_drugs_ended_orders_and_what_must_not_be_done() {
        ObjectNode stopped = Requests.warfarin("m1").put("status", "stopped");
        ObjectNode forbidden = Requests.warfarin("m2").put("doNotPerform", true);
        ObjectNode other = Requests.draft("m3", Requests.RXNORM, "161", "acetaminophen");
        ObjectNode elsewhere = Requests.draft("m4");
        elsewhere.putObject("medicationReference").put("reference", "Medication/not-here");
        assertThat(in(stopped, forbidden, other, elsewhere)).isEmpty();
        assertThat(orders.in(MissingNode.getInstance())).isEmpty();
    }

    private List<MedicationOrders.Antithrombotic> in(ObjectNode... resources) {
        return orders.in(Requests.bundle(resources));
    }

    private static ObjectNode medication(String id, String code) {
        ObjectNode medication = JsonNodeFactory.instance
                .objectNode()
                .put("resourceType", "Medication")
                .put("id", id);
        medication.set("code", concept(code));
        return medication;
    }

    private static ObjectNode concept(String code) {
        ObjectNode concept = JsonNodeFactory.instance.objectNode();
        concept.putArray("coding").addObject().put("system", Requests.RXNORM).put("code", code);
        return concept;
    }
}
