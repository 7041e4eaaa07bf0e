package io.bloodnet.fhir.resultout;

import org.jspecify.annotations.Nullable;

/**
 * What the Device resource says of the software around the model.
 *
 * @param softwareVersion version of this server
 * @param runtime what runs the network, such as {@code ONNX Runtime 1.29.0}
 * @param modelCard the model card in Markdown, at most 200,000 characters; null when there is none
 */
public record AiSystem(
        String softwareVersion, String runtime, @Nullable String modelCard) {

    /** Longest model card sent. */
    public static final int MODEL_CARD_CHARS_MAX = 200_000;

    /** @throws IllegalArgumentException when the model card is too long */
    public AiSystem {
        if (modelCard != null && modelCard.length() > MODEL_CARD_CHARS_MAX) {
            throw new IllegalArgumentException(
                    "model card has " + modelCard.length() + " characters, the limit is " + MODEL_CARD_CHARS_MAX);
        }
    }
}
