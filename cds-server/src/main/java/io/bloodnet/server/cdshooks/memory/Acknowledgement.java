package io.bloodnet.server.cdshooks.memory;

import io.bloodnet.server.cdshooks.card.CardTopic;
import io.bloodnet.server.cdshooks.request.Feedback;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Feedback that was given on a card.
 *
 * @param topic what the card was about
 * @param userId who saw it
 * @param encounterId in which encounter; null outside one
 * @param outcome accepted or overridden
 * @param at when we received it
 */
public record Acknowledgement(
        CardTopic topic, String userId, @Nullable String encounterId, Feedback.Outcome outcome, Instant at) {}
