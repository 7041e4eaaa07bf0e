package io.bloodnet.server.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.bloodnet.server.retention.RetentionLimits;
import java.util.List;

/**
 * Section {@code retention}: for how long what is kept. What is open is kept as long as it is, and the audit log has its own rules.
 * {@link #KEYS} says what each key means.
 */
@SuppressWarnings("NullAway") // the parser hands null for what is absent
public record RetentionKeys(
        @JsonProperty("message-bodies-days") Integer messageBodiesDays,
        @JsonProperty("message-ids-days") Integer messageIdsDays,
        @JsonProperty("images-days") Integer imagesDays,
        @JsonProperty("orders-days") Integer ordersDays,
        @JsonProperty("resources-days") Integer resourcesDays,
        @JsonProperty("cards-days") Integer cardsDays) {

    private static final RetentionLimits USUAL = RetentionLimits.DEFAULT;

    private static final Key.Int BODIES = days(
            "message-bodies-days",
            USUAL.messageBodies(),
            1,
            "bodies of messages about our orders. Of other messages no body is kept");
    private static final Key.Int IDS = days(
            "message-ids-days",
            USUAL.messageIds(),
            1,
            "ids, hashes and replies of messages, not less than the bodies; as long a repetition is known as one");
    private static final Key.Int IMAGES = days(
            "images-days",
            USUAL.images(),
            1,
            "masks and key images in deliveries that arrived, once the order has ended");
    private static final Key.Int ORDERS = days(
            "orders-days",
            USUAL.orders(),
            7,
            "orders that have ended, from their last change, with findings, deliveries and names. Cards and late words need 90 of them");
    private static final Key.Int RESOURCES = days(
            "resources-days",
            USUAL.resources(),
            7,
            "what we filed in the EHR, as our own `/fhir` shows it; the EHR keeps its own");
    private static final Key.Int CARDS = days("cards-days", USUAL.cards(), 7, "cards and what people said of them");

    /** Every key of the section. */
    static final List<Key> KEYS = List.of(BODIES, IDS, IMAGES, ORDERS, RESOURCES, CARDS);

    /** Fills what is absent. @throws ConfigException naming the key that is out of its range */
    public RetentionKeys {
        messageBodiesDays = BODIES.or(messageBodiesDays);
        messageIdsDays = IDS.or(
                messageIdsDays == null ? Integer.valueOf(Math.max(IDS.value(), messageBodiesDays)) : messageIdsDays);
        imagesDays = IMAGES.or(imagesDays);
        ordersDays = ORDERS.or(ordersDays);
        resourcesDays = RESOURCES.or(resourcesDays);
        cardsDays = CARDS.or(cardsDays);
        if (messageIdsDays < messageBodiesDays) {
            throw new ConfigException(IDS.name() + " must be at least " + BODIES.name());
        }
    }

    private static Key.Int days(String key, int usual, int min, String says) {
        return new Key.Int("retention." + key, usual, min, 3_650, "days", says);
    }

    static RetentionKeys usual() {
        return new RetentionKeys(null, null, null, null, null, null);
    }

    /** What the sweep needs. */
    public RetentionLimits limits() {
        return new RetentionLimits(messageBodiesDays, messageIdsDays, imagesDays, ordersDays, resourcesDays, cardsDays);
    }
}
