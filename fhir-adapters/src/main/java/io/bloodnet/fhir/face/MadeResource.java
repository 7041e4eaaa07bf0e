package io.bloodnet.fhir.face;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One resource that we wrote into the EHR, as it was delivered.
 *
 * @param type resource type, {@code Observation}
 * @param id its id in the EHR, which is also its id here
 * @param identifiers each as {@code system|value}
 * @param patient the subject's reference ({@code Patient/123}) or its identifier's value; null when it has no subject
 * @param report identifier value of the report that it belongs to
 * @param json the resource in UTF-8, with references as in the EHR
 * @param deliveredAt when the EHR took it
 */
public record MadeResource(
        String type,
        String id,
        List<String> identifiers,
        @Nullable String patient,
        String report,
        byte[] json,
        Instant deliveredAt) {
    /** Copies the list. */
    public MadeResource {
        identifiers = List.copyOf(identifiers);
    }
}
