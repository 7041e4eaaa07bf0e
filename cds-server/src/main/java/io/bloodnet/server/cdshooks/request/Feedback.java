package io.bloodnet.server.cdshooks.request;

import com.fasterxml.jackson.databind.JsonNode;
import io.bloodnet.audit.AuditText;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a person did with a card (CDS Hooks 2.0.1 "Feedback").
 *
 * @param cardUuid the card
 * @param outcome accepted or overridden
 * @param reasonCode the override's code; null when none was given
 * @param comment what the person wrote, cut at {@value #COMMENT_CHARS_MAX} characters; may hold patient data; null when nothing
 * @param at when, as the client says
 */
public record Feedback(
        String cardUuid,
        Outcome outcome,
        @Nullable String reasonCode,
        @Nullable String comment,
        Instant at) {

    /** Most feedback in one call. */
    static final int FEEDBACK_MAX = 100;
    /** Longest comment that is kept. */
    public static final int COMMENT_CHARS_MAX = 1000;

    private static final int CODE_CHARS_MAX = 64;

    /** What a person did. */
    public enum Outcome {
        /** Took the suggestion. */
        ACCEPTED,
        /** Did not. */
        OVERRIDDEN;

        /** As in the protocol. */
        public String code() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Checks the body of a feedback call.
     *
     * @throws RequestException naming the field that is missing or wrong
     */
    public static List<Feedback> parse(byte[] body) {
        JsonNode array = RequestJson.object(body).path("feedback");
        if (!array.isArray() || array.isEmpty() || array.size() > FEEDBACK_MAX) {
            throw RequestException.bad("feedback must be an array of 1 to " + FEEDBACK_MAX);
        }
        List<Feedback> all = new ArrayList<>();
        array.forEach(node -> all.add(parseOne(node)));
        return all;
    }

    private static Feedback parseOne(JsonNode node) {
        String card = RequestJson.text(node, "card", 64);
        Instant at = instant(RequestJson.text(node, "outcomeTimestamp", 64));
        return switch (RequestJson.text(node, "outcome", 20)) {
            case "accepted" -> {
                requireSuggestions(node.path("acceptedSuggestions"));
                yield new Feedback(card, Outcome.ACCEPTED, null, null, at);
            }
            case "overridden" -> {
                JsonNode why = node.path("overrideReason");
                yield new Feedback(card, Outcome.OVERRIDDEN, reason(why), comment(why), at);
            }
            default -> throw RequestException.bad("outcome must be accepted or overridden");
        };
    }

    private static void requireSuggestions(JsonNode accepted) {
        if (!accepted.isArray() || accepted.isEmpty() || accepted.size() > FEEDBACK_MAX) {
            throw RequestException.bad(
                    "acceptedSuggestions must be an array of 1 to " + FEEDBACK_MAX + " with accepted");
        }
        accepted.forEach(suggestion -> RequestJson.text(suggestion, "id", 100));
    }

    private static @Nullable String reason(JsonNode overrideReason) {
        JsonNode reason = overrideReason.path("reason");
        return reason.isMissingNode() || reason.isNull() ? null : RequestJson.text(reason, "code", CODE_CHARS_MAX);
    }

    private static @Nullable String comment(JsonNode overrideReason) {
        String comment = overrideReason.path("userComment").asText("");
        return comment.isBlank() ? null : AuditText.fit(comment, COMMENT_CHARS_MAX);
    }

    private static Instant instant(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException e) {
            throw RequestException.bad("outcomeTimestamp must be a UTC time such as 2026-01-31T12:00:00Z");
        }
    }
}
