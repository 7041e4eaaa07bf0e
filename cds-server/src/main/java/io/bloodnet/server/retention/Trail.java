package io.bloodnet.server.retention;

import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.audit.Outcome;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** What was erased, in the audit log: in the transaction that erases it, so that neither is without the other. */
final class Trail {

    private final AuditLog audit;
    private final InstantSource clock;

    Trail(AuditLog audit, InstantSource clock) {
        this.audit = audit;
        this.clock = clock;
    }

    /** So many rows of one kind; nothing is written of none. */
    void erased(Handle handle, String what, int rows, String rule) {
        if (rows > 0) {
            audit.append(handle.getConnection(), List.of(event(About.nothing(), what, rows, rule)));
        }
    }

    /** Orders, each with an entry of its own, which names it. */
    void ordersErased(Handle handle, List<String> jobs, String rule) {
        audit.append(
                handle.getConnection(),
                jobs.stream()
                        .map(job -> event(About.job(job), "order", 1, rule))
                        .toList());
    }

    private AuditEvent event(About about, String what, int rows, String rule) {
        return new AuditEvent.DataErased(clock.instant(), about, Outcome.SUCCESS, what, rows, rule);
    }

    static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
