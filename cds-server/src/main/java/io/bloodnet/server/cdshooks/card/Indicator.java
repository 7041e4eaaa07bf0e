package io.bloodnet.server.cdshooks.card;

import java.util.Locale;

/** How urgent a card is (CDS Hooks 2.0.1 Card.indicator). */
public enum Indicator {
    /** To know. */
    INFO,
    /** To look at. */
    WARNING,
    /** To act on now. */
    CRITICAL;

    /** As in the protocol. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }
}
