package io.bloodnet.server.http;

import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The card of the model in use, as cards and reports link to it. Immutable.
 *
 * @param text Markdown; null when the bundle brings none, or one that is too long
 */
public record ModelCard(@Nullable String text) {

    /**
     * Reads {@code MODEL_CARD.md} of a bundle.
     *
     * @param charsMax a longer one is left out
     * @throws IOException when it is there and cannot be read
     */
    public static ModelCard read(Path bundle, int charsMax) throws IOException {
        Path file = bundle.resolve("MODEL_CARD.md");
        return new ModelCard(Files.exists(file) && Files.size(file) < charsMax ? Files.readString(file) : null);
    }

    /** Answers {@code GET /model-card}. */
    public void get(ServerRequest request, ServerResponse response) {
        response.header("Content-Type", "text/markdown; charset=utf-8")
                .send(text == null ? "This model bundle brings no card." : text);
    }
}
