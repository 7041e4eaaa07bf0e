package io.bloodnet.fhir;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;

/**
 * Looks a JSON text through, token by token, before anything builds objects from it: depth, size, lengths, repeated keys, monstrous
 * numbers. Constant memory, no recursion. Safe for all threads.
 */
public final class JsonGuard {

    /** FHIR resources nest about 15 deep; a Bundle adds 3. */
    public static final int DEPTH_MAX = 64;
    /** Longest string, characters: room for an attachment of about 6 MB in base64. */
    public static final int STRING_CHARS_MAX = 8 << 20;
    /** Most tokens in one text: a Bundle of a thousand resources has about 200,000. */
    public static final int TOKENS_MAX = 2_000_000;
    /** Longest number: FHIR asks for 18 digits. */
    public static final int NUMBER_CHARS_MAX = 40;
    /** Largest power of ten of a number. */
    public static final int EXPONENT_MAX = 99;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEPTH_MAX)
                    .maxStringLength(STRING_CHARS_MAX)
                    .maxNumberLength(NUMBER_CHARS_MAX)
                    .maxNameLength(256)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private JsonGuard() {}

    /** Whether the bytes are one JSON object, UTF-8, within every limit. */
    public static boolean isSafeObject(byte[] json) {
        try (JsonParser parser = FACTORY.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return false;
            }
            int depth = 1;
            for (int tokens = 1; depth > 0; tokens++) {
                JsonToken token = parser.nextToken();
                if (token == null || tokens > TOKENS_MAX || isMonstrous(parser, token)) {
                    return false;
                }
                depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
            }
            return parser.nextToken() == null;
        } catch (IOException e) {
            return false; // malformed, or over one of the limits; what it says may quote the content
        }
    }

    /** 1e400000 is short, and a decimal made from it fills the heap when it is written out. */
    private static boolean isMonstrous(JsonParser parser, JsonToken token) throws IOException {
        if (token != JsonToken.VALUE_NUMBER_FLOAT) {
            return false;
        }
        String text = parser.getText();
        int e = Math.max(text.indexOf('e'), text.indexOf('E'));
        String exponent = e < 0 ? "0" : text.substring(e + 1).replace("+", "").replace("-", "");
        return exponent.length() > 4 || Integer.parseInt(exponent) > EXPONENT_MAX;
    }
}
