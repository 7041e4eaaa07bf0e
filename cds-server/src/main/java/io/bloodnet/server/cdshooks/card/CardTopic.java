package io.bloodnet.server.cdshooks.card;

import org.jspecify.annotations.Nullable;

/**
 * What a card is about: the finding of a job, or an order in its light.
 *
 * @param kind flag, or the hook that looked at the order
 * @param jobId the job whose finding it is about
 * @param ingredient the drug of the order; null for a flag
 */
public record CardTopic(Kind kind, String jobId, @Nullable String ingredient) {

    /** A flag shows on every hook; an override at order-select does not silence order-sign. */
    public enum Kind {
        /** The finding itself. */
        FLAG,
        /** An order that was selected. */
        ORDER_SELECT,
        /** An order about to be signed. */
        ORDER_SIGN
    }
}
