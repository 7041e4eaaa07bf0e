package io.bloodnet.server.study;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a person says of a result.
 *
 * @param reason why they disagree; null when they agree
 * @param note in their own words, at most {@value #NOTE_MAX} characters; null for none. It may name a patient, so it is never logged
 */
record Opinion(
        boolean agrees, @Nullable Reason reason, @Nullable String note) {

    static final int NOTE_MAX = 500;

    /** Why somebody disagrees. */
    enum Reason {
        MISSED,
        FALSE_ALARM,
        WRONG_PLACE,
        TECHNICAL
    }

    /** Reads {@code {"agrees": false, "reason": "MISSED", "note": "..."}}; empty when it is none, or a disagreement without reason. */
    static Optional<Opinion> read(JsonNode body) {
        JsonNode agrees = body.path("agrees");
        String note = body.path("note").asText("").strip();
        Optional<Reason> reason = Arrays.stream(Reason.values())
                .filter(r -> r.name().equals(body.path("reason").asText("")))
                .findFirst();
        if (!agrees.isBoolean() || note.length() > NOTE_MAX || agrees.asBoolean() == reason.isPresent()) {
            return Optional.empty();
        }
        return Optional.of(new Opinion(agrees.asBoolean(), reason.orElse(null), note.isEmpty() ? null : note));
    }

    /** Not the note. */
    @Override
    public String toString() {
        return "Opinion[" + agrees + ", " + reason + "]";
    }
}
