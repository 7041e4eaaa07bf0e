package io.bloodnet.server.cdshooks;

import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.fhir.FhirJson;
import io.bloodnet.server.cdshooks.drug.DrugTable;
import io.bloodnet.server.cdshooks.drug.MedicationOrders;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.UnknownCodeSystemWarningValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.junit.jupiter.api.Test;

/** Legal draft orders of many forms: the drug is found wherever it stands, and no other order gets a card. HAPI says whether they are legal. */
class GeneratedDraftsTest {

    private static final int ROUNDS = Boolean.getBoolean("bloodnet.long") ? 1_000_000 : 10_000;
    private static final int VALIDATED = 20;
    private static final Map<String, String> DRUGS = Map.of(
            "11289", "warfarin", "32968", "clopidogrel", "1364430", "apixaban", "5224", "heparin", "1191", "aspirin");
    private static final List<String> SYSTEMS =
            List.of(Requests.RXNORM, "urn:oid:2.16.840.1.113883.6.88", "https://www.nlm.nih.gov/research/umls/rxnorm");

    private final MedicationOrders orders = new MedicationOrders(DrugTable.load());
    private Random random = new Random();
    private int next;

    @Test
    void every_place_of_a_legal_draft_is_looked_at_and_no_other_drug_is_named() {
        long seed = Long.getLong("seed", System.nanoTime());
        random = new Random(seed);
        FhirValidator validator = validator();
        for (int round = 0; round < ROUNDS; round++) {
            String code = List.copyOf(DRUGS.keySet()).get(random.nextInt(DRUGS.size()));
            boolean dangerous = random.nextBoolean();
            ObjectNode bundle = Requests.bundle();
            ObjectNode draft = draft(bundle, dangerous ? code : "161", dangerous ? DRUGS.get(code) : "acetaminophen");
            bundle.withArray("entry")
                    .insertObject(random.nextInt(bundle.withArray("entry").size() + 1))
                    .put(
                            "fullUrl",
                            "https://ehr.example/fhir/MedicationRequest/"
                                    + draft.path("id").asText())
                    .set("resource", draft);
            assertThat(orders.in(bundle).stream()
                            .map(o -> o.drug().ingredient())
                            .toList())
                    .as("-Dseed=%d, round %d: %s", seed, round, bundle)
                    .isEqualTo(dangerous ? List.of(DRUGS.get(code)) : List.of());
            if (round < VALIDATED) {
                assertThat(validator.validateWithResult(bundle.toString()).getMessages().stream()
                                .filter(m -> m.getSeverity() == ResultSeverityEnum.ERROR
                                        || m.getSeverity() == ResultSeverityEnum.FATAL)
                                .map(m -> m.getLocationString() + ": " + m.getMessage())
                                .toList())
                        .as("-Dseed=%d, round %d: %s", seed, round, bundle)
                        .isEmpty();
            }
        }
        System.out.printf("generated drafts: %d, %d of them validated, -Dseed=%d%n", ROUNDS, VALIDATED, seed);
    }

    private ObjectNode draft(ObjectNode bundle, String code, String name) {
        String id = any(List.of("m", "A.b-", "-", "0".repeat(30))) + next++;
        ObjectNode draft = Requests.draft(id);
        draft.putObject("subject").put("reference", "Patient/p1");
        decorate(draft);
        switch (random.nextInt(7)) {
            case 0 -> draft.set("medicationCodeableConcept", concept(code, random.nextBoolean() ? name : ""));
            case 1 -> draft.putObject("medicationCodeableConcept").put("text", spelled(name));
            case 2 -> draft.putObject("medicationReference").put("display", spelled(name));
            case 3 -> {
                ObjectNode reference = draft.putObject("medicationReference");
                reference.putObject("identifier").put("system", any(SYSTEMS)).put("value", code);
                reference.put("display", "as written");
            }
            case 4 -> {
                ObjectNode medication = resource("Medication", "med" + next++);
                medication.remove("meta"); // what is contained has no version of its own
                medication.set("code", concept(code, ""));
                draft.putArray("contained").add(medication);
                draft.putObject("medicationReference")
                        .put("reference", "#" + medication.path("id").asText());
            }
            case 5 -> {
                ObjectNode medication = resource("Medication", "med" + next++);
                medication.putArray("ingredient").addObject().set("itemCodeableConcept", concept(code, ""));
                add(bundle, medication);
                draft.putObject("medicationReference").put("reference", reference(medication));
            }
            default -> {
                ObjectNode substance = resource("Substance", "sub" + next++);
                substance.set("code", concept(code, ""));
                add(bundle, substance);
                ObjectNode medication = resource("Medication", "med" + next++);
                medication
                        .putArray("ingredient")
                        .addObject()
                        .putObject("itemReference")
                        .put("reference", reference(substance));
                add(bundle, medication);
                draft.putObject("medicationReference").put("reference", reference(medication));
            }
        }
        return draft;
    }

    private ObjectNode concept(String code, String text) {
        ObjectNode concept = JsonNodeFactory.instance.objectNode();
        List<ObjectNode> codings = new ArrayList<>();
        codings.add(coding(any(SYSTEMS), code));
        if (random.nextBoolean()) {
            codings.add(random.nextInt(codings.size() + 1), coding("urn:hosp:drugs", "W-" + next++));
        }
        codings.forEach(concept.withArray("coding")::add);
        if (!text.isEmpty()) {
            concept.put("text", text);
        }
        return concept;
    }

    private static ObjectNode coding(String system, String code) {
        return JsonNodeFactory.instance.objectNode().put("system", system).put("code", code);
    }

    private String spelled(String name) {
        String word = random.nextBoolean() ? name : name.toUpperCase(java.util.Locale.ROOT);
        return any(List.of("", "Inj. ", "2 x ", "tägl. "))
                + word
                + any(List.of("", "-Natrium 5 mg", " sodium", "/x", "® 5mg", ", p.o."));
    }

    private String reference(ObjectNode resource) {
        String relative = resource.path("resourceType").asText() + "/"
                + resource.path("id").asText();
        return any(List.of("", "https://ehr.example/fhir/")) + relative + any(List.of("", "/_history/3"));
    }

    private void add(ObjectNode bundle, ObjectNode resource) {
        bundle.withArray("entry")
                .addObject()
                .put(
                        "fullUrl",
                        "https://ehr.example/fhir/"
                                + resource.path("resourceType").asText() + "/"
                                + resource.path("id").asText())
                .set("resource", resource);
    }

    private ObjectNode resource(String type, String id) {
        ObjectNode resource =
                JsonNodeFactory.instance.objectNode().put("resourceType", type).put("id", id);
        decorate(resource);
        return resource;
    }

    private void decorate(ObjectNode resource) {
        if (random.nextBoolean()) {
            resource.putArray("extension")
                    .addObject()
                    .put("url", "urn:x:note")
                    .put("valueString", "warfarin — \ud83e\udde0 \\\"|");
        }
        if (random.nextBoolean()) {
            resource.putObject("meta")
                    .put("versionId", "7")
                    .putArray("tag")
                    .addObject()
                    .put("system", "urn:x")
                    .put("code", "t");
        }
    }

    private <T> T any(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    @SuppressWarnings("deprecation") // the one that only warns of code systems that it does not have
    private static FhirValidator validator() {
        FhirContext context = FhirJson.context();
        UnknownCodeSystemWarningValidationSupport unknown = new UnknownCodeSystemWarningValidationSupport(context);
        unknown.setNonExistentCodeSystemSeverity(ca.uhn.fhir.context.support.IValidationSupport.IssueSeverity.WARNING);
        return context.newValidator()
                .registerValidatorModule(new FhirInstanceValidator(new ValidationSupportChain(
                        new DefaultProfileValidationSupport(context),
                        new CommonCodeSystemsTerminologyService(context),
                        new InMemoryTerminologyServerValidationSupport(context),
                        unknown)));
    }
}
