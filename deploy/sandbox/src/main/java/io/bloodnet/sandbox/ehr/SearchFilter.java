package io.bloodnet.sandbox.ehr;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.sandbox.http.Query;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Whether a resource fits a search (FHIR R4 3.1.1): all parameters must fit, one value of a comma list is enough. */
final class SearchFilter {

    /** Parameters that shape the answer and not the match. */
    static final Set<String> RESULT_PARAMETERS =
            Set.of("_count", "_offset", "_sort", "_format", "_summary", "_elements", "_total", "_pretty");

    private static final Set<String> REFERENCES =
            Set.of("patient", "subject", "encounter", "based-on", "focus", "target", "device", "result", "related");
    private static final Set<String> CODES = Set.of("code", "category", "type", "status", "intent", "priority");

    private SearchFilter() {}

    static boolean matches(ObjectNode resource, Query query) {
        return query.parameters().stream()
                .filter(p -> !RESULT_PARAMETERS.contains(p.name()))
                .allMatch(p -> matches(resource, p.name(), p.value()));
    }

    private static boolean matches(ObjectNode resource, String name, String value) {
        Stream<String> values = Arrays.stream(value.split(","));
        if (name.equals("_id")) {
            return values.anyMatch(v -> v.equals(resource.path("id").asText()));
        }
        if (name.equals("identifier")) {
            return values.anyMatch(v -> hasIdentifier(resource, v));
        }
        if (name.equals("_lastUpdated")) {
            return values.anyMatch(v -> isUpdated(resource, v));
        }
        if (name.equals("url")) { // of a Subscription's channel
            return values.anyMatch(
                    v -> v.equals(resource.path("channel").path("endpoint").asText()));
        }
        if (REFERENCES.contains(name)) {
            return values.anyMatch(v -> refers(resource, name, v));
        }
        if (name.equals("modality")) { // R4 looks into the series, not at ImagingStudy.modality
            return values.anyMatch(v -> FhirTree.items(resource, "series").stream()
                    .anyMatch(series -> hasCode(series.path("modality"), v)));
        }
        if (CODES.contains(name)) {
            return values.anyMatch(v -> hasCode(resource.path(name), v));
        }
        throw new FhirRefusal(400, "not-supported", "unknown search parameter");
    }

    /** {@code system|value}, {@code |value} (no system) or {@code value} (any system). */
    static boolean hasIdentifier(ObjectNode resource, String wanted) {
        return identifiers(resource)
                .anyMatch(i -> tokenFits(
                        wanted, i.path("system").asText(), i.path("value").asText()));
    }

    static Stream<JsonNode> identifiers(ObjectNode resource) {
        return Stream.concat(
                FhirTree.items(resource, "identifier").stream(), FhirTree.items(resource, "masterIdentifier").stream());
    }

    private static boolean tokenFits(String wanted, String system, String value) {
        int bar = wanted.indexOf('|');
        return wanted.substring(bar + 1).equals(value)
                && (bar < 0 || wanted.substring(0, bar).equals(system));
    }

    private static boolean hasCode(JsonNode element, String wanted) {
        if (element.isTextual()) {
            return tokenFits(wanted, "", element.asText()) || wanted.endsWith("|" + element.asText());
        }
        List<JsonNode> concepts = element.isArray() ? FhirTree.items(wrapped(element), "x") : List.of(element);
        return concepts.stream()
                .flatMap(concept ->
                        concept.has("code") ? Stream.of(concept) : FhirTree.items(concept, "coding").stream())
                .anyMatch(c -> tokenFits(
                        wanted, c.path("system").asText(), c.path("code").asText()));
    }

    private static JsonNode wrapped(JsonNode array) {
        return com.fasterxml.jackson.databind.node.JsonNodeFactory.instance
                .objectNode()
                .set("x", array);
    }

    private static boolean refers(ObjectNode resource, String name, String wanted) {
        List<String> elements = switch (name) {
            case "patient", "subject" -> List.of("subject", "patient", "for");
            case "based-on" -> List.of("basedOn");
            default -> List.of(name);
        };
        return elements.stream()
                .flatMap(element -> FhirTree.items(resource, element).stream())
                .map(reference -> reference.path("reference").asText())
                .anyMatch(r -> r.equals(wanted) || !wanted.contains("/") && r.endsWith("/" + wanted));
    }

    private static boolean isUpdated(ObjectNode resource, String wanted) {
        Instant at = Instant.parse(resource.path("meta").path("lastUpdated").asText());
        boolean prefixed = wanted.length() > 2 && Character.isLetter(wanted.charAt(0));
        String prefix = prefixed ? wanted.substring(0, 2) : "eq";
        Instant bound = instant(prefixed ? wanted.substring(2) : wanted);
        return switch (prefix) {
            case "ge" -> !at.isBefore(bound);
            case "gt" -> at.isAfter(bound);
            case "le" -> !at.isAfter(bound);
            case "lt" -> at.isBefore(bound);
            case "eq" -> at.equals(bound);
            default -> throw new FhirRefusal(400, "invalid", "_lastUpdated has an unknown prefix");
        };
    }

    private static Instant instant(String text) {
        try {
            return text.length() == 10
                    ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
                    : OffsetDateTime.parse(text.replace(' ', '+')).toInstant(); // an unescaped + arrives as a blank
        } catch (DateTimeParseException e) {
            throw new FhirRefusal(400, "invalid", "_lastUpdated is no date or instant");
        }
    }
}
