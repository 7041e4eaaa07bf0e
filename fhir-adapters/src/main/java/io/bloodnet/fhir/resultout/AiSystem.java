package io.bloodnet.fhir.resultout;

import java.net.URI;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What reports say of the system that makes them.
 *
 * @param softwareVersion version of this server
 * @param runtime what runs the network, such as {@code ONNX Runtime 1.29.0}
 * @param modelCard the model card in Markdown, at most 200,000 characters; null when there is none
 * @param operatingPoints the thresholds that the model comes with, in (0, 1), by name; which one a site uses stands in each report
 * @param archive DICOMweb root of the PACS that holds the studies; null when there is none to name
 */
public record AiSystem(
        String softwareVersion,
        String runtime,
        @Nullable String modelCard,
        Map<String, Double> operatingPoints,
        @Nullable URI archive) {

    /** Longest model card sent. */
    public static final int MODEL_CARD_CHARS_MAX = 200_000;

    /** Copies the map in its order. @throws IllegalArgumentException when the model card is too long */
    public AiSystem {
        operatingPoints = Collections.unmodifiableMap(new LinkedHashMap<>(operatingPoints));
        if (modelCard != null && modelCard.length() > MODEL_CARD_CHARS_MAX) {
            throw new IllegalArgumentException(
                    "model card has " + modelCard.length() + " characters, the limit is " + MODEL_CARD_CHARS_MAX);
        }
    }
}
