package io.bloodnet.audit.store;

import io.bloodnet.audit.ledger.EntryLine;
import io.bloodnet.audit.ledger.LineFields;
import io.bloodnet.audit.ledger.ParsedEntry;

/**
 * One entry of the log as it is stored.
 *
 * @param seq its place, from 0
 * @param line its exact line, JSON
 */
public record AuditEntry(long seq, String line) {

    /** What happened. @throws io.bloodnet.audit.ledger.MalformedNoteException for a kind of event that this version does not know */
    public ParsedEntry parsed() {
        return EntryLine.parse(line);
    }

    /** What it can be searched by, also for kinds of events that this version does not know. */
    public LineFields fields() {
        return LineFields.of(line);
    }
}
