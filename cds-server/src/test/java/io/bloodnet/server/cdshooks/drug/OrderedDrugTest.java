package io.bloodnet.server.cdshooks.drug;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.server.cdshooks.Requests;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every place of a MedicationRequest where the drug can stand, and the ways in which its name is written. */
class OrderedDrugTest {

    private final DrugTable table = DrugTable.load();
    private final MedicationOrders orders = new MedicationOrders(table);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Medication/m1",
                "Medication/m1/_history/2",
                "https://ehr.example/fhir/Medication/m1",
                "https://ehr.example/fhir/Medication/m1/_history/7",
                "urn:uuid:5f1c2b1e-0000-4000-8000-000000000001"
            })
    void a_medication_in_the_bundle_is_found_by_every_form_of_reference(String reference) {
        ObjectNode draft = Requests.draft("mr1");
        draft.putObject("medicationReference").put("reference", reference);
        ObjectNode bundle = Requests.bundle(draft, medication("m1"));
        ((ObjectNode) bundle.at("/entry/1"))
                .put("fullUrl", reference.startsWith("urn:") ? reference : "https://ehr.example/fhir/Medication/m1");
        assertThat(orders.in(bundle)).extracting(o -> o.drug().ingredient()).containsExactly("warfarin");
    }

    @ParameterizedTest
    @ValueSource(strings = {"#med", "#m1"})
    void a_contained_medication_counts_also_when_the_mark_is_in_its_id(String reference) {
        ObjectNode draft = Requests.draft("mr1");
        draft.putObject("medicationReference").put("reference", reference);
        draft.putArray("contained").add(medication("med")).add(medication("#m1"));
        assertThat(in(draft)).containsExactly("warfarin");
    }

    @Test
    void what_is_not_there_is_known_by_its_display_or_its_logical_identifier() {
        ObjectNode display = Requests.draft("a");
        display.putObject("medicationReference")
                .put("reference", "Medication/eXyZ.123")
                .put("display", "warfarin sodium 5 mg tablet");
        ObjectNode alone = Requests.draft("b");
        alone.putObject("medicationReference").put("display", "Eliquis 5 mg");
        ObjectNode logical = Requests.draft("c");
        logical.putObject("medicationReference")
                .putObject("identifier")
                .put("system", Requests.RXNORM)
                .put("value", "32968");
        assertThat(in(display, alone, logical)).containsExactly("warfarin", "apixaban", "clopidogrel");
    }

    @Test
    void an_ingredient_may_be_a_reference_itself_and_one_that_is_inactive_is_none() {
        ObjectNode draft = Requests.draft("mr1");
        draft.putObject("medicationReference").put("reference", "#mix");
        ObjectNode mix = JsonNodeFactory.instance
                .objectNode()
                .put("resourceType", "Medication")
                .put("id", "mix");
        mix.putArray("ingredient").addObject().putObject("itemReference").put("reference", "#substance");
        ObjectNode substance = JsonNodeFactory.instance
                .objectNode()
                .put("resourceType", "Substance")
                .put("id", "substance");
        substance.putObject("code").put("text", "Heparin-Natrium");
        draft.putArray("contained").add(mix).add(substance);
        assertThat(in(draft)).containsExactly("heparin");
        ((ObjectNode) mix.at("/ingredient/0")).put("isActive", false);
        assertThat(in(draft)).isEmpty();
    }

    @Test
    void medications_that_refer_to_each_other_come_to_an_end() {
        ObjectNode draft = Requests.draft("mr1");
        draft.putObject("medicationReference").put("reference", "#a");
        ObjectNode a = JsonNodeFactory.instance
                .objectNode()
                .put("resourceType", "Medication")
                .put("id", "a");
        for (int i = 0; i < 40; i++) {
            a.withArray("ingredient").addObject().putObject("itemReference").put("reference", "#a");
        }
        draft.putArray("contained").add(a);
        assertThat(in(draft)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "urn:oid:2.16.840.1.113883.6.88, 11289, warfarin",
        "2.16.840.1.113883.6.88, 11289, warfarin",
        "URN:OID:2.16.840.1.113883.6.88, 11289, warfarin",
        "https://www.nlm.nih.gov/research/umls/rxnorm, 11289, warfarin",
        "http://www.nlm.nih.gov/research/umls/rxnorm/, 11289, warfarin",
        "urn:oid:2.16.840.1.113883.6.96, 372756006, warfarin",
        "urn:oid:2.16.840.1.113883.6.73, B01AA03, vitamin K antagonist",
        "http://fhir.de/CodeSystem/bfarm/atc, B01AB05, heparin"
    })
    void a_code_system_is_known_by_its_names(String system, String code, String drug) {
        assertThat(in(Requests.draft("m", system, code, ""))).containsExactly(drug);
    }

    @ParameterizedTest
    @CsvSource({"urn:oid:2.16.840.1.113883.6.881, 11289", "urn:oid:1.2.3, 11289", "http://snomed.info/sct, 11289"})
    void another_code_system_is_not(String system, String code) {
        assertThat(in(Requests.draft("m", system, code, ""))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "Heparin-Natrium 25000 IE, heparin",
        "Heparinnatrium 25000 I.E./5 ml, heparin",
        "HEPARIN_SODIUM 5000 UNITS, heparin",
        "Héparine sodique 5000 UI, heparin",
        "Heparina sódica 5000 UI, heparin",
        "Eparina calcica 5000 UI, heparin",
        "aspirin-dipyridamole 25 mg-200 mg oral capsule, aspirin",
        "dipyridamole/aspirin ER, dipyridamole",
        "warfarin-sodium 5 mg, warfarin",
        "Warfarin-Natrium, warfarin",
        "Warfarinnatrium-Clathrat, warfarin",
        "warfarine sodique, warfarin",
        "warfarina sódica, warfarin",
        "ASS-ratiopharm 100 mg, aspirin",
        "ASS 100, aspirin",
        "ASA 81 mg PO, aspirin",
        "Acetylsalicylsäure 100 mg, aspirin",
        "Acetylsalicylsaeure 100 mg, aspirin",
        "acide acétylsalicylique 75 mg, aspirin",
        "ácido acetilsalicílico 100 mg, aspirin",
        "acido acetilsalicilico 100 mg, aspirin",
        "Clopidogrelbesilat 75 mg, clopidogrel",
        "clopidogrel (hydrogénosulfate de), clopidogrel",
        "Dabigatranetexilat 150 mg, dabigatran",
        "dabigatrán etexilato, dabigatran",
        "rivaroxabán 20 mg, rivaroxaban",
        "Xarelto® 20mg, rivaroxaban",
        "énoxaparine sodique 4000 UI, enoxaparin",
        "enoxaparina sódica 40 mg, enoxaparin",
        "Enoxaparin-Natrium, enoxaparin",
        "Mono-Embolex 3000, certoparin",
        "phenprocoumone, phenprocoumon",
        "Acénocoumarol 4 mg, acenocoumarol",
        "acenocumarol 4 mg comprimidos, acenocoumarol",
        "acenocumarolo, acenocoumarol",
        "altéplase 50 mg, alteplase",
        "rt-PA 0.9 mg/kg, alteplase",
        "alteplasa, alteplase",
        "streptochinasi, streptokinase",
        "estreptoquinasa 1.5 MU, streptokinase",
        "ticagrélor 90 mg, ticagrelor"
    })
    void a_name_is_read_whatever_joins_it_salts_it_or_says_it_in_another_language(String text, String drug) {
        assertThat(in(Requests.draft("m", "urn:local", "x", text))).containsExactly(drug);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "acetaminophen 500 MG Oral Tablet",
                "nonwarfarin",
                "Natrium 0.9 %",
                "5-ASA 800 mg",
                "mesalazine (5-ASA)",
                "Protamin 5000 (Heparin-Antidot)",
                "idarucizumab for dabigatran reversal",
                "assessment by pharmacist",
                "natrium",
                ""
            })
    void other_words_and_antidotes_are_no_antithrombotic(String text) {
        assertThat(in(Requests.draft("m", "urn:local", "x", text))).isEmpty();
    }

    @Test
    void every_name_of_the_table_finds_its_drug_in_any_spelling() {
        table.namesByText().forEach((name, drug) -> {
            for (String text :
                    List.of(name, name.toUpperCase(java.util.Locale.ROOT) + " 5 mg", "(" + name + ")-Natrium")) {
                assertThat(table.byText(text).orElseThrow().ingredient())
                        .as(text)
                        .isEqualTo(drug);
            }
        });
    }

    private List<String> in(ObjectNode... resources) {
        return orders.in(Requests.bundle(resources)).stream()
                .map(o -> o.drug().ingredient())
                .toList();
    }

    private static ObjectNode medication(String id) {
        ObjectNode medication = JsonNodeFactory.instance
                .objectNode()
                .put("resourceType", "Medication")
                .put("id", id);
        medication
                .putObject("code")
                .putArray("coding")
                .addObject()
                .put("system", Requests.RXNORM)
                .put("code", "11289");
        return medication;
    }
}
