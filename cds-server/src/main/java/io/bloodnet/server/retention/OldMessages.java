package io.bloodnet.server.retention;

import io.bloodnet.imaging.order.Origin;
import io.bloodnet.server.intake.OrderIntake;
import io.bloodnet.server.store.Database;
import io.bloodnet.server.store.Json;
import io.bloodnet.server.store.Memo;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Walks over the inbox in the order in which messages came, page by page, each in a transaction of its own: there is no index by time,
 * which every message would have to pay for. Where a walk ended that leaves rows behind is remembered.
 */
final class OldMessages {

    private static final int PAGE = 500;

    private static final String BODIES_TO = "retention.bodies-to";
    private static final String STRANGERS_ERASED = "retention.strangers-erased";

    private static final String EMPTY_BODY = "update inbox set body = :empty where id = any(:ids)";
    private static final String DELETE = "delete from inbox where id = any(:ids)";

    private final Database database;
    private final Memo memo;
    private final Trail trail;

    OldMessages(Database database, Trail trail) {
        this.database = database;
        this.memo = new Memo(database);
        this.trail = trail;
    }

    /**
     * @param whole whether its body is there
     * @param unknown whether it is not known to be about an order of ours
     * @param open whether it is about an order that has not ended
     */
    private record Row(long id, Instant at, boolean whole, boolean unknown, boolean open) {}

    /**
     * A walk from behind {@code from} up to the first message that came later than {@code before} (null: to the end).
     *
     * @param erased rows that were erased
     * @param done behind which nothing has to be looked at again: the first row that had to be left is before it, or nothing
     */
    private record Walk(long erased, long done) {}

    /** Takes the bodies of messages that came before this. */
    void eraseBodies(Instant before, String rule) {
        long from = memo.get(BODIES_TO).map(Long::parseLong).orElse(0L);
        Walk walk = walk(from, before, row -> row.whole() && !row.open(), EMPTY_BODY, "message-body", rule);
        memo.put(BODIES_TO, Long.toString(walk.done()));
    }

    /** Takes messages that came before this with all that is known of them. */
    void eraseWhole(Instant before, String rule) {
        walk(0, before, row -> !row.open(), DELETE, "message", rule);
    }

    /**
     * Versions before this one kept the bodies of all messages, strangers' too, and not whose they are. Once, those of which no order tells
     * that it came with them are erased.
     */
    void eraseStrangers() {
        if (memo.get(STRANGERS_ERASED).isPresent()) {
            return;
        }
        linkOrders();
        String rule = "not known to be about an order of ours";
        walk(0, null, row -> row.whole() && row.unknown(), EMPTY_BODY, "message-body", rule);
        memo.put(STRANGERS_ERASED, "all");
    }

    private Walk walk(
            long start, @Nullable Instant before, Predicate<Row> which, String erase, String what, String rule) {
        long from = start;
        long done = start;
        long erased = 0;
        boolean left = false;
        for (List<Row> page = page(from); !page.isEmpty(); page = page(from)) {
            List<Row> old = page.stream()
                    .takeWhile(row -> before == null || row.at().isBefore(before))
                    .toList();
            List<Long> ids = old.stream().filter(which).map(Row::id).toList();
            erased += erase(ids, erase, what, rule);
            left |= old.stream().anyMatch(row -> row.whole() && row.open());
            from = old.isEmpty() ? from : old.getLast().id();
            done = left ? done : from;
            if (old.size() < page.size()) {
                break;
            }
        }
        return new Walk(erased, done);
    }

    private List<Row> page(long from) {
        return database.read(handle -> handle.createQuery(
                        "select i.id, i.received_at, octet_length(i.body) > 0 as whole, i.job_id is null as stranger, "
                                + OpenOrders.exists("i.job_id")
                                + " as still_open from inbox i where i.id > :from order by i.id limit " + PAGE)
                .bind("from", from)
                .map((row, context) -> new Row(
                        row.getLong("id"),
                        Trail.instant(row, "received_at"),
                        row.getBoolean("whole"),
                        row.getBoolean("stranger"),
                        row.getBoolean("still_open")))
                .list());
    }

    private int erase(List<Long> ids, String sql, String what, String rule) {
        if (ids.isEmpty()) {
            return 0;
        }
        return database.inTransaction(handle -> {
            var statement = handle.createUpdate(sql).bindArray("ids", Long.class, ids);
            int rows = (sql.equals(EMPTY_BODY) ? statement.bind("empty", new byte[0]) : statement).execute();
            trail.erased(handle, what, rows, rule);
            return rows;
        });
    }

    /** Orders say with which message they came. */
    private void linkOrders() {
        String from = "";
        for (List<Placed> page = placed(from); !page.isEmpty(); page = placed(from)) {
            List<Placed> orders = page;
            database.inTransaction(handle -> link(handle, orders));
            from = page.getLast().job();
        }
    }

    private record Placed(String job, Origin origin) {}

    /** Of an order's JSON what is needed here. */
    private record OnlyOrigin(Origin origin) {}

    private List<Placed> placed(String from) {
        return database.read(handle -> handle.createQuery(
                        "select id, order_json from job where id > :from order by id limit " + PAGE)
                .bind("from", from)
                .map((row, context) -> new Placed(
                        row.getString(1),
                        Json.readPart(row.getString(2), OnlyOrigin.class).origin()))
                .list());
    }

    private static int link(Handle handle, List<Placed> orders) {
        int linked = 0;
        for (Placed order : orders) {
            linked += handle.execute(
                    "update inbox set job_id = ? where known_by = ? and job_id is null",
                    order.job(),
                    OrderIntake.knownBy(order.origin()));
        }
        return linked;
    }
}
