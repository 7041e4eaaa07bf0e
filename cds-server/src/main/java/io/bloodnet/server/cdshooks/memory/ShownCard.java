package io.bloodnet.server.cdshooks.memory;

import io.bloodnet.server.cdshooks.card.CardTopic;
import io.bloodnet.server.cdshooks.card.Indicator;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A card as it was answered, to be remembered for feedback and suppression.
 *
 * @param uuid the card's
 * @param service the service's id
 * @param hookInstance the firing of the hook
 * @param topic what it was about
 * @param indicator how urgent
 * @param patientHash hexadecimal SHA-256 of the EHR's patient id
 * @param userId who was to see it
 * @param encounterId in which encounter; null outside one
 * @param shown false in silent mode, where the EHR did not get it
 * @param at when it was answered
 */
public record ShownCard(
        String uuid,
        String service,
        UUID hookInstance,
        CardTopic topic,
        Indicator indicator,
        String patientHash,
        String userId,
        @Nullable String encounterId,
        boolean shown,
        Instant at) {}
