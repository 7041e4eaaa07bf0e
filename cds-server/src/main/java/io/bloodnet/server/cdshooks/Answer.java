package io.bloodnet.server.cdshooks;

import io.bloodnet.server.cdshooks.card.Card;
import io.bloodnet.server.cdshooks.request.RequestException;
import io.bloodnet.server.security.TokenFault;
import java.util.List;

/** How a call is answered. */
sealed interface Answer {

    /** Cards, perhaps none. */
    record Cards(List<Card> cards, CdsMetrics.Ended ended) implements Answer {}

    /** Feedback was taken, or discovery may be answered. */
    record Taken(CdsMetrics.Ended ended) implements Answer {}

    /** Not for this caller (401). */
    record Refused(TokenFault fault) implements Answer {}

    /** Not as it should be (4xx). */
    record Bad(int status, String message) implements Answer {

        static Bad of(RequestException e) {
            return new Bad(e.status(), e.what());
        }
    }
}
