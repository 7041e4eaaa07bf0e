package io.bloodnet.sandbox.ehr;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Looking into and changing FHIR JSON trees. */
final class FhirTree {

    private FhirTree() {}

    /** The element as a list: the items of an array, the element itself, or nothing. */
    static List<JsonNode> items(JsonNode parent, String name) {
        JsonNode node = parent.path(name);
        if (node.isMissingNode() || node.isNull()) {
            return List.of();
        }
        if (!node.isArray()) {
            return List.of(node);
        }
        List<JsonNode> items = new ArrayList<>();
        node.forEach(items::add);
        return items;
    }

    /** All values of {@code reference} anywhere in the tree. */
    static List<String> references(JsonNode tree) {
        return tree.findValuesAsText("reference");
    }

    /** Replaces each value of {@code reference}, and each {@code urn:uuid:} text elsewhere, by what the function makes of it. */
    static void replaceReferences(JsonNode tree, UnaryOperator<String> replace) {
        switch (tree) {
            case ObjectNode object ->
                object.properties().forEach(field -> {
                    JsonNode value = field.getValue();
                    boolean link =
                            field.getKey().equals("reference") || value.asText().startsWith("urn:uuid:");
                    if (value.isTextual() && link) {
                        object.put(field.getKey(), replace.apply(value.asText()));
                    } else {
                        replaceReferences(value, replace);
                    }
                });
            case ArrayNode array -> array.forEach(item -> replaceReferences(item, replace));
            default -> {} // texts, numbers: nothing below
        }
    }

    /** Whether two versions of a resource differ in nothing but the version and time that the server itself puts in. */
    static boolean sameContent(ObjectNode one, ObjectNode other) {
        return stripped(one).equals(stripped(other));
    }

    private static ObjectNode stripped(ObjectNode resource) {
        ObjectNode copy = resource.deepCopy();
        if (copy.get("meta") instanceof ObjectNode meta) {
            meta.remove(List.of("versionId", "lastUpdated"));
            if (meta.isEmpty()) {
                copy.remove("meta");
            }
        }
        return copy;
    }
}
