package io.bloodnet.imaging.order;

/**
 * Where an order came from.
 *
 * @param channel the edge that received it
 * @param sender who sent it: HL7 MSH-3 and MSH-4, or the FHIR origin; at most 250 characters
 * @param messageId the sender's identifier of the message, MSH-10 or FHIR event; at most 250 characters
 */
public record Origin(Channel channel, String sender, String messageId) {

    /** The edge a message came in through. */
    public enum Channel {
        /** HL7 v2 over MLLP. */
        HL7,
        /** A FHIR event (rest-hook or topic subscription). */
        FHIR,
        /** Found by polling the EHR. */
        POLL
    }
}
