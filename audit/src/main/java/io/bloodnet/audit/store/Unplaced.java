package io.bloodnet.audit.store;

import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.ledger.EntryLine;
import io.bloodnet.audit.ledger.LineFields;
import org.jspecify.annotations.Nullable;

/**
 * An event that has no place in the log yet.
 *
 * @param body its line without the place
 * @param event what the body says; absent when only the body is known
 */
record Unplaced(String body, @Nullable AuditEvent event) {

    /** The event as the server {@code node} writes it. */
    static Unplaced of(String node, AuditEvent event) {
        return new Unplaced(EntryLine.body(node, event), event);
    }

    LineFields fields(long seq, String line) {
        return event == null ? LineFields.of(line) : LineFields.of(seq, event);
    }
}
