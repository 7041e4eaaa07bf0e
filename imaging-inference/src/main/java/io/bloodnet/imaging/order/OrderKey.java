package io.bloodnet.imaging.order;

import org.jspecify.annotations.Nullable;

/**
 * What a message says to name one order; at least one part is there. The Study Instance UID is the strongest, then the accession
 * number; placer and filler numbers find an order that was placed with them.
 *
 * @param studyUid null when the message has none
 * @param accession null when the message has none
 * @param placerNumber ORC-2 / OBR-2, null when absent
 * @param fillerNumber ORC-3 / OBR-3, null when absent
 */
public record OrderKey(
        @Nullable StudyUid studyUid,
        @Nullable AccessionNumber accession,
        @Nullable String placerNumber,
        @Nullable String fillerNumber) {

    /** @throws IllegalArgumentException when nothing names the order */
    public OrderKey {
        if (studyUid == null && accession == null && placerNumber == null && fillerNumber == null) {
            throw new IllegalArgumentException(
                    "neither Study Instance UID nor accession, placer or filler number names the order");
        }
    }
}
