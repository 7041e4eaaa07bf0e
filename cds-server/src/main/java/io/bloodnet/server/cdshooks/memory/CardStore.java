package io.bloodnet.server.cdshooks.memory;

import io.bloodnet.audit.AuditEvent;
import io.bloodnet.server.cdshooks.request.Feedback;
import io.bloodnet.server.security.TokenUse;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of calls. Safe for all threads. Every method may wait for the database, and ends with a {@link CardStoreException}
 * when its thread is interrupted.
 */
public interface CardStore {

    /**
     * Feedback on cards about these jobs, oldest first, at most {@link #ACKNOWLEDGEMENTS_MAX}.
     *
     * @throws CardStoreException when the database does not answer
     */
    List<Acknowledgement> acknowledgements(Collection<String> jobIds);

    /**
     * The card of that uuid; empty when we never answered it.
     *
     * @throws CardStoreException when the database does not answer
     */
    Optional<ShownCard> card(String uuid);

    /**
     * Remembers a call: its token as used, its cards, its feedback, and its audit events, durably and all or nothing, and returns when
     * that is so. A token that was used before, on whichever server, leaves nothing behind but {@link Written.Replayed}.
     *
     * @throws CardStoreException when it could not be written: what the call wanted to show MUST NOT be shown
     */
    Written write(Call call);

    /** More feedback on a patient's jobs than this is not looked at. */
    int ACKNOWLEDGEMENTS_MAX = 1000;

    /**
     * What to remember of one call.
     *
     * @param token the use of the caller's token; null where no token is asked
     * @param cards cards to be answered
     * @param feedback feedback on cards
     * @param events what the audit log is told
     */
    record Call(@Nullable TokenUse token, List<ShownCard> cards, List<Feedback> feedback, List<AuditEvent> events) {
        public Call {
            cards = List.copyOf(cards);
            feedback = List.copyOf(feedback);
            events = List.copyOf(events);
        }
    }

    /** What became of a call. */
    sealed interface Written {

        /**
         * All is durable.
         *
         * @param newFeedback the feedback that was new; the rest was known already, or on unknown cards
         */
        record Stored(List<Feedback> newFeedback) implements Written {}

        /** The token was used before; nothing was written. */
        record Replayed() implements Written {}
    }
}
