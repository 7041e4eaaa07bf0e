package io.bloodnet.server.cdshooks.request;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.regex.Pattern;

/** Reads JSON from outside within limits, and takes members out of it by rule. */
final class RequestJson {

    /** Most bytes of a body. */
    static final int BODY_BYTES_MAX = 1024 * 1024;
    /** Deepest nesting; FHIR resources stay below 20. */
    static final int DEPTH_MAX = 64;

    private static final int NUMBER_CHARS_MAX = 100;
    private static final int NAME_CHARS_MAX = 1000;
    private static final Pattern FHIR_ID = Pattern.compile("[A-Za-z0-9\\-.]{1,64}");

    private static final ObjectMapper MAPPER = new ObjectMapper(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEPTH_MAX)
                            .maxStringLength(BODY_BYTES_MAX)
                            .maxNumberLength(NUMBER_CHARS_MAX)
                            .maxNameLength(NAME_CHARS_MAX)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private RequestJson() {}

    /** The body as a JSON object. */
    static JsonNode object(byte[] body) {
        try {
            JsonNode node = MAPPER.readTree(body);
            if (!node.isObject()) {
                throw RequestException.bad("the body must be a JSON object");
            }
            return node;
        } catch (JsonProcessingException e) {
            // the parser's own message may quote the content
            throw RequestException.bad("the body is not valid JSON within the limits (depth " + DEPTH_MAX + ")");
        } catch (IOException e) {
            throw RequestException.bad("the body is not valid JSON");
        }
    }

    /** A member that must be text of 1 to {@code max} characters without control characters. */
    static String text(JsonNode parent, String name, int max) {
        JsonNode node = parent.path(name);
        String value = node.asText();
        if (!node.isTextual() || value.isBlank() || value.length() > max) {
            throw RequestException.bad(name + " must be text of 1 to " + max + " characters");
        }
        if (value.codePoints().anyMatch(Character::isISOControl)) {
            throw RequestException.bad(name + " must not hold control characters");
        }
        return value;
    }

    /** A FHIR id (R4 2.24.0.1), given alone or as {@code Type/id}. */
    static String fhirId(JsonNode parent, String name, String type) {
        String value = text(parent, name, 64 + type.length() + 1);
        String id = value.startsWith(type + "/") ? value.substring(type.length() + 1) : value;
        if (!FHIR_ID.matcher(id).matches()) {
            throw RequestException.bad(name + " must be a FHIR id");
        }
        return id;
    }

    /** A member that must be an object. */
    static JsonNode objectMember(JsonNode parent, String name) {
        JsonNode node = parent.path(name);
        if (!node.isObject()) {
            throw RequestException.bad(name + " must be an object");
        }
        return node;
    }
}
