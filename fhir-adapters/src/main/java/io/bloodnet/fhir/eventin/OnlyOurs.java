package io.bloodnet.fhir.eventin;

import io.bloodnet.imaging.order.IncomingMessage;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.peer.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What is kept of a message: of one that is not about our orders the digest, with type, sender and time, and nothing that it says. */
final class OnlyOurs {

    private OnlyOurs() {}

    /** The message as it may be kept. The same content gives the same digest, so that a repetition is known as one. */
    static IncomingMessage kept(IncomingMessage message, List<OrderEvent> events) {
        boolean ours = events.stream().anyMatch(event -> !(event instanceof OrderEvent.NotForUs));
        return ours
                ? message
                : new IncomingMessage(
                        message.origin(),
                        message.type(),
                        ("sha256 " + Sha256.hex(message.body())).getBytes(StandardCharsets.UTF_8),
                        message.receivedAt());
    }
}
