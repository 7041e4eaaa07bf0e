package io.bloodnet.server.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerResponse;
import java.nio.charset.StandardCharsets;

/** JSON answers of our own API. Problems are {@code {"error": "..."}}; the text never holds patient data. */
public final class JsonAnswers {

    private static final ObjectMapper JSON = new ObjectMapper();

    private JsonAnswers() {}

    /** An empty object to fill. */
    public static ObjectNode object() {
        return JSON.createObjectNode();
    }

    /** Sends the tree. */
    public static void send(ServerResponse response, Status status, JsonNode tree) {
        response.status(status)
                .header(HeaderNames.CONTENT_TYPE, "application/json")
                .header(HeaderNames.CACHE_CONTROL, "no-store")
                .send(tree.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** Sends what is wrong in words for the caller. */
    public static void problem(ServerResponse response, Status status, String sentence) {
        send(response, status, object().put("error", sentence));
    }
}
