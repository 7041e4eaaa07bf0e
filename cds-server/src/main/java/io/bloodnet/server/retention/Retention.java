package io.bloodnet.server.retention;

import io.bloodnet.audit.AuditLog;
import io.bloodnet.server.store.Database;
import io.bloodnet.server.store.TimeUuid;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * Erases what is older than the site wants it (docs/configuration.md, {@code retention}). It never touches an order that is on its way or
 * waits for a person, nor what belongs to one, nor the audit log, in which each batch is an entry of its transaction: when that cannot be
 * written nothing is erased. Several servers may sweep at once. Safe for all threads; a call blocks for as long as there is something to
 * erase.
 */
public final class Retention {

    private static final int BATCH = 500;

    private final Database database;
    private final RetentionLimits limits;
    private final Trail trail;
    private final OldMessages messages;
    private final EndedOrders orders;
    private final InstantSource clock;

    /** Ports first, then the clock. */
    public Retention(Database database, AuditLog audit, RetentionLimits limits, InstantSource clock) {
        this.database = database;
        this.limits = limits;
        this.trail = new Trail(audit, clock);
        this.messages = new OldMessages(database, trail);
        this.orders = new EndedOrders(database, trail);
        this.clock = clock;
    }

    /** Erases all that is due. What this call does not reach (a lock, a crash) the next one does. */
    public void sweep() {
        messages.eraseStrangers();
        messages.eraseBodies(before(limits.messageBodies()), rule(limits.messageBodies()));
        messages.eraseWhole(before(limits.messageIds()), rule(limits.messageIds()));
        orders.eraseImages(before(limits.images()), rule(limits.images()));
        orders.erase(before(limits.orders()), rule(limits.orders()));
        Instant resources = before(limits.resources());
        while (batch(handle -> resources(handle, resources))) {}
        Instant cards = before(limits.cards());
        while (batch(handle -> cards(handle, cards))) {}
    }

    private Instant before(int days) {
        return clock.instant().minus(Duration.ofDays(days));
    }

    private static String rule(int days) {
        return "older than " + days + " days";
    }

    private interface Batch {
        int erase(Handle handle);
    }

    private boolean batch(Batch batch) {
        return database.inTransaction(batch::erase) == BATCH;
    }

    private record Made(String type, String id) {}

    private int resources(Handle handle, Instant before) {
        List<Made> old = handle.createQuery(
                        "select m.type, m.id from made_resource m where m.delivered_at < :before and not "
                                + OpenOrders.exists("m.job_id") + " order by m.delivered_at limit :max")
                .bind("before", before.atOffset(ZoneOffset.UTC))
                .bind("max", BATCH)
                .map((row, context) -> new Made(row.getString(1), row.getString(2)))
                .list();
        for (Made made : old) {
            handle.execute("delete from made_identifier where type = ? and id = ?", made.type(), made.id());
            handle.execute("delete from made_resource where type = ? and id = ?", made.type(), made.id());
        }
        trail.erased(handle, "filed-resource", old.size(), rule(limits.resources()));
        return old.size();
    }

    /** Cards have keys that begin with their time: those of before are the first. */
    private int cards(Handle handle, Instant before) {
        List<String> old = handle.createQuery("select c.card_uuid from cds_card c where c.card_uuid < :first and not "
                        + OpenOrders.exists("c.job_id") + " order by c.card_uuid limit :max")
                .bind("first", TimeUuid.first(before).toString())
                .bind("max", BATCH)
                .mapTo(String.class)
                .list();
        if (old.isEmpty()) {
            return 0;
        }
        for (String table : List.of("cds_feedback", "cds_card")) {
            handle.createUpdate("delete from " + table + " where card_uuid = any(:old)")
                    .bindArray("old", String.class, old)
                    .execute();
        }
        trail.erased(handle, "card", old.size(), rule(limits.cards()));
        return old.size();
    }
}
