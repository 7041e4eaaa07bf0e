package io.bloodnet.server.retention;

/**
 * For how many days what is kept; at least 1 each. The audit log is not among it: {@code audit close} is its own way.
 *
 * @param messageBodies bodies of messages about our orders, from arrival
 * @param messageIds ids, hashes and replies of messages, from arrival: as long a repetition is known as one; not less than the bodies
 * @param images masks and key images in deliveries that arrived
 * @param orders orders that have ended, with their deliveries and names, from their last change
 * @param resources what we filed in the EHR, as our own FHIR face shows it, from its delivery
 * @param cards cards and what people did with them, from the answer
 */
public record RetentionLimits(int messageBodies, int messageIds, int images, int orders, int resources, int cards) {

    /** What {@code docs/configuration.md} lists. */
    public static final RetentionLimits DEFAULT = new RetentionLimits(30, 400, 7, 100, 100, 100);

    /** Refuses less than a day, and bodies that would outlive their messages. */
    public RetentionLimits {
        if (Math.min(Math.min(messageBodies, messageIds), Math.min(images, orders)) < 1
                || Math.min(resources, cards) < 1) {
            throw new IllegalArgumentException("nothing can be kept for less than a day");
        }
        if (messageIds < messageBodies) {
            throw new IllegalArgumentException("a message's id is kept at least as long as its body");
        }
    }
}
