package io.bloodnet.audit.ledger;

import io.bloodnet.audit.AuditEvent;
import java.util.Objects;

/**
 * What the line of an entry says.
 *
 * @param seq its place in the log, from 0
 * @param node the server that wrote it
 * @param event what happened
 */
public record ParsedEntry(long seq, String node, AuditEvent event) {

    public ParsedEntry {
        Objects.requireNonNull(node, "node");
        Objects.requireNonNull(event, "event");
    }
}
