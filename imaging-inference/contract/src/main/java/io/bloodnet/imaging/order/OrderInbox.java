package io.bloodnet.imaging.order;

import java.util.List;

/**
 * Where the HL7 and FHIR edges hand over what they received. Implementations are safe for use by many threads; each call blocks its
 * own (virtual) thread until the commit.
 */
public interface OrderInbox {

    /**
     * Records the message, its events, their audit entries and the reply in one transaction. When this returns, all of it MUST survive a
     * crash; the caller acknowledges only then.
     *
     * <p>A message is the same as an earlier one when channel, sender and message id agree. Then nothing is done: with the same body the
     * stored reply comes back, with another body {@link Receipt.IdReused}.
     *
     * @param events what the message says, in order; at most {@value #EVENTS_MAX}
     * @throws InboxUnavailableException when it could not be made durable: answer "try again", never an acceptance
     */
    Receipt receive(IncomingMessage message, List<OrderEvent> events, OrderEvent.Reply reply);

    /**
     * Records that a message was refused, with its hash but not as an order, and the reply in which the refusal was told.
     *
     * @param reason a code without patient data
     * @throws InboxUnavailableException as above
     */
    void refuse(IncomingMessage message, String reason, String reply);

    /** Most events that one message may carry. */
    int EVENTS_MAX = 200;

    /** What became of a message. */
    sealed interface Receipt {
        /** New, now durable. */
        record Recorded(String reply, List<OrderEvent.Outcome> outcomes) implements Receipt {}

        /** The very same message was received before; this is the reply it got then. */
        record Repeated(String reply) implements Receipt {}

        /** Another message was received under this id before: refuse it. */
        record IdReused() implements Receipt {}
    }

    /** The message could not be made durable. */
    final class InboxUnavailableException extends RuntimeException {
        /** @param message what failed, without patient data */
        public InboxUnavailableException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
