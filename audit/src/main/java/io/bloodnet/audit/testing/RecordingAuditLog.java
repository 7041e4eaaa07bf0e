package io.bloodnet.audit.testing;

import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditFault;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.audit.AuditUnavailableException;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;

/** An audit log in memory, for tests: keeps what it was given, or refuses everything while {@link #setUnavailable} says so. */
public final class RecordingAuditLog implements AuditLog {

    private final List<AuditEvent> events = new ArrayList<>();
    private boolean unavailable;

    @Override
    public void append(Connection transaction, AuditEvent event) {
        record(event);
    }

    @Override
    public synchronized void record(AuditEvent event) {
        if (unavailable) {
            throw new AuditUnavailableException(AuditFault.DATABASE, "told to be unavailable");
        }
        events.add(event);
    }

    public synchronized void setUnavailable(boolean value) {
        unavailable = value;
    }

    /** All events so far, oldest first. A rolled-back transaction's events stay: this log knows no transactions. */
    public synchronized List<AuditEvent> events() {
        return List.copyOf(events);
    }

    /** The events of one kind so far, oldest first. */
    public synchronized <T extends AuditEvent> List<T> events(Class<T> kind) {
        return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }
}
