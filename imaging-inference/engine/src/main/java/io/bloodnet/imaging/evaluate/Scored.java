package io.bloodnet.imaging.evaluate;

import org.jspecify.annotations.Nullable;

/**
 * A labelled study that was analyzed.
 *
 * @param probability the network's, 0 to 1
 * @param bloodMl measured from its mask, mL
 * @param dice overlap of its mask with the expert's, 0 to 1; null when there is none to compare with
 * @param keyImagePng the slice that speaks most; null when there is none
 */
record Scored(
        Label label,
        double probability,
        double bloodMl,
        @Nullable Double dice,
        byte @Nullable [] keyImagePng) {

    /** How far the network was from the truth, 0 to 1. */
    double miss() {
        return label.hemorrhage() ? 1 - probability : probability;
    }
}
