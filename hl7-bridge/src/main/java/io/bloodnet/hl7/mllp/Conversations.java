package io.bloodnet.hl7.mllp;

import java.util.List;
import java.util.Optional;

/** What answers messages; owned by the listener, implemented by whoever understands them. Safe for many threads. */
public interface Conversations {

    /** Why this peer may not talk at all; empty when it may. */
    Optional<String> refusal(Peer peer);

    /** Begins a conversation on a new link. */
    Conversation open(Peer peer);

    /** One link's messages, in order, in that link's thread. Never throws for what a message holds. */
    interface Conversation {

        /**
         * The replies to a message, in the order to be sent, empty for none. An acceptance MUST be given only when it is durable.
         *
         * @param message without its frame; not changed afterwards
         */
        List<byte[]> answer(byte[] message);

        /**
         * The replies to something that was no whole message; the link is closed afterwards.
         *
         * @param head its first bytes, as far as there are
         */
        List<byte[]> refuse(FrameFault fault, byte[] head);

        /** The link ended. What of it the audit log must still be told, a sentence without patient data; empty for nothing. */
        default Optional<String> ended() {
            return Optional.empty();
        }
    }
}
