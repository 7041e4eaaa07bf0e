package io.bloodnet.server.cdshooks.drug;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.List;

/**
 * Every place of a FHIR R4 MedicationRequest where its drug can stand: the CodeableConcept's codings and text; the reference, whether it is
 * contained, relative, absolute or of one version, its display and its logical identifier; the Medication that it leads to, with that one's
 * ingredients. Nothing is fetched: what lies neither in the order nor in the Bundle is known by its display alone.
 */
final class OrderedDrug {

    /** Concepts and references of one order beyond this are not looked at. */
    private static final int PLACES_MAX = 50;

    private static final int TEXT_CHARS_MAX = 1_000;
    private static final int DEPTH_MAX = 3;
    private static final String VERSION = "/_history/";

    /** A code that may be a drug's. */
    record Code(String system, String code) {}

    private final JsonNode order;
    private final JsonNode bundle;
    private final List<Code> codes = new ArrayList<>();
    private final List<String> texts = new ArrayList<>();
    private int places;

    private OrderedDrug(JsonNode order, JsonNode bundle) {
        this.order = order;
        this.bundle = bundle;
    }

    /** @param bundle where the order lies, and what it refers to may lie */
    static OrderedDrug of(JsonNode order, JsonNode bundle) {
        OrderedDrug drug = new OrderedDrug(order, bundle);
        drug.concept(order.path("medicationCodeableConcept"));
        drug.reference(order.path("medicationReference"), order, 0);
        return drug;
    }

    /** All codes, the order's own first. */
    List<Code> codes() {
        return List.copyOf(codes);
    }

    /** All texts and displays, the order's own first. */
    List<String> texts() {
        return List.copyOf(texts);
    }

    private void concept(JsonNode concept) {
        if (!concept.isObject() || ++places > PLACES_MAX) {
            return;
        }
        text(concept.path("text"));
        for (JsonNode coding : concept.path("coding")) {
            if (++places <= PLACES_MAX) {
                code(coding.path("system"), coding.path("code"));
                text(coding.path("display"));
            }
        }
    }

    /** @param holder the resource that the reference lies in, since {@code #id} is looked for there first */
    private void reference(JsonNode reference, JsonNode holder, int depth) {
        if (!reference.isObject() || depth > DEPTH_MAX || ++places > PLACES_MAX) {
            return;
        }
        JsonNode identifier = reference.path("identifier");
        code(identifier.path("system"), identifier.path("value"));
        concept(identifier.path("type"));
        text(reference.path("display"));
        JsonNode target = target(reference.path("reference").asText(), holder);
        concept(target.path("code")); // of a Medication or a Substance
        for (JsonNode ingredient : target.path("ingredient")) {
            if (ingredient.path("isActive").asBoolean(true)) {
                concept(ingredient.path("itemCodeableConcept"));
                reference(ingredient.path("itemReference"), target, depth + 1);
            }
        }
    }

    private JsonNode target(String reference, JsonNode holder) {
        if (reference.isEmpty()) {
            return MissingNode.getInstance();
        }
        if (reference.startsWith("#")) {
            JsonNode inside = contained(holder, reference);
            return inside.isMissingNode() ? contained(order, reference) : inside;
        }
        String plain = withoutVersion(reference);
        for (JsonNode entry : bundle.path("entry")) {
            JsonNode resource = entry.path("resource");
            String name = resource.path("resourceType").asText() + "/"
                    + resource.path("id").asText();
            if (withoutVersion(entry.path("fullUrl").asText()).equals(plain)
                    || tail(plain).equals(name)) {
                return resource;
            }
        }
        return MissingNode.getInstance();
    }

    /** Some senders write the mark into the id as well. */
    private static JsonNode contained(JsonNode holder, String reference) {
        for (JsonNode contained : holder.path("contained")) {
            String id = contained.path("id").asText();
            if (id.equals(reference.substring(1)) || id.equals(reference)) {
                return contained;
            }
        }
        return MissingNode.getInstance();
    }

    private static String withoutVersion(String reference) {
        int version = reference.indexOf(VERSION);
        return version < 0 ? reference : reference.substring(0, version);
    }

    /** {@code Medication/1} of any URL that ends so. */
    private static String tail(String reference) {
        int id = reference.lastIndexOf('/');
        int type = id < 0 ? -1 : reference.lastIndexOf('/', id - 1);
        return reference.substring(type + 1);
    }

    private void code(JsonNode system, JsonNode code) {
        if (system.isTextual() && code.isTextual()) {
            codes.add(new Code(system.asText().strip(), code.asText().strip()));
        }
    }

    private void text(JsonNode text) {
        String words = text.asText("").strip();
        if (!words.isEmpty()) {
            texts.add(words.substring(0, Math.min(words.length(), TEXT_CHARS_MAX)));
        }
    }
}
