package io.bloodnet.imaging.order;

import io.bloodnet.imaging.peer.Sha256;
import java.time.Instant;

/**
 * One message as it came in: kept byte for byte until its retention ends.
 *
 * @param origin channel, sender and the sender's message id: the key by which a repetition is known
 * @param type what it is ({@code ORM^O01}, {@code ImagingStudy}); at most 60 characters, no patient data
 * @param body the exact bytes; the array is not copied and must not be changed
 * @param receivedAt when it was complete
 */
public record IncomingMessage(Origin origin, String type, byte[] body, Instant receivedAt) {

    /** SHA-256 of the body, lower-case hexadecimal: with the key it tells a repetition from a reused id. */
    public String sha256() {
        return Sha256.hex(body);
    }
}
