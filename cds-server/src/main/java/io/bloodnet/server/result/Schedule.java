package io.bloodnet.server.result;

import io.bloodnet.server.job.JobStore;
import io.bloodnet.server.store.Inserts;
import io.bloodnet.server.store.Table;
import io.bloodnet.server.store.Table.Column;
import io.bloodnet.server.store.Table.Kind;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * When jobs and deliveries run next: rows of db-scheduler's documented tables, written in the transaction that makes the work necessary.
 * db-scheduler claims them, runs them and finds those whose server died. Stateless.
 */
public final class Schedule {

    /** A lane: a queue with threads and limits of its own, so that what hangs in one never keeps another waiting. A table each. */
    public enum Queue {
        /** Job runs: looking for images, fetching, analyzing. */
        JOBS("scheduled_job", "job", 0),
        /** Masks on their way to the archive. */
        PACS("scheduled_pacs", "delivery", 4),
        /** Reports on their way to the EHR. */
        EHR("scheduled_ehr", "delivery", 4),
        /** Reports on their way to the HL7 receiver. */
        HL7("scheduled_hl7", "delivery", 2);

        public final String table;
        public final String task;
        /** Deliveries in flight at a time; the receiver of HL7 takes one after the other anyway. 0: the caller says. */
        public final int threads;
        /** Its rows for instances that it does not know yet. */
        public final Table<Run> firstRuns;

        Queue(String table, String task, int threads) {
            this.table = table;
            this.task = task;
            this.threads = threads;
            this.firstRuns = new Table<>(
                    table,
                    List.of(
                            Column.of("task_name", Kind.TEXT, run -> task),
                            Column.of("task_instance", Kind.TEXT, Run::instance),
                            Column.of("execution_time", Kind.TIME, Run::when),
                            Column.of("picked", Kind.BOOLEAN, run -> false),
                            Column.of("version", Kind.LONG, run -> 1L),
                            Column.of("priority", Kind.INT, Run::priority)));
        }
    }

    /** What has been due for this long is raised by one, and by one more each time that it is found so. */
    public static final Duration DUE_MAX = Duration.ofMinutes(2);

    /** Above every urgency (see {@link Results#priority}); nothing is raised further. */
    private static final int PRIORITY_MAX = 20;

    /** Rows that one statement changes at most, however many wait. */
    private static final int AT_ONCE_MAX = 1_000;

    private Schedule() {}

    /** The lane of a destination. @throws IllegalArgumentException when there is none of that name */
    public static Queue lane(String destination) {
        return switch (destination) {
            case Outbox.PACS -> Queue.PACS;
            case "ehr" -> Queue.EHR;
            case "hl7" -> Queue.HL7;
            default -> throw new IllegalArgumentException("no lane for a destination of this name");
        };
    }

    /** Runs the instance at that time, or earlier if it was to run earlier. Higher priority runs first; STAT is the highest. */
    public static void at(Handle handle, Queue queue, String instance, Instant when, int priority) {
        int updated = handle.createUpdate("update " + queue.table
                        + " set execution_time = case when execution_time < :when then execution_time else :when end"
                        + " where task_name = :task and task_instance = :instance")
                .bind("when", JobStore.utc(when))
                .bind("task", queue.task)
                .bind("instance", instance)
                .execute();
        if (updated == 0) {
            insert(handle, queue, instance, when, priority);
        }
    }

    /** Runs the instance at that time unless it is to run at another time already: a pause that is under way goes on. */
    static void unlessScheduled(Handle handle, Queue queue, String instance, Instant when, int priority) {
        int known = handle.createQuery("select count(*) from " + queue.table
                        + " where task_name = :task and task_instance = :instance")
                .bind("task", queue.task)
                .bind("instance", instance)
                .mapTo(int.class)
                .one();
        if (known == 0) {
            insert(handle, queue, instance, when, priority);
        }
    }

    /** Puts off what is to run between now and then; what is due stays due. Returns how many. */
    public static int postpone(Handle handle, Queue queue, List<String> instances, Instant now, Instant then) {
        return each(
                handle,
                queue,
                "set execution_time = :then",
                "execution_time > :now and execution_time < :then",
                instances,
                Map.of("now", utc(now), "then", utc(then)));
    }

    /** Brings forward what waits after a failure, the next of it: its peer is back. The others come at their own time. Returns how many. */
    public static int hurry(Handle handle, Queue queue, Instant now) {
        List<String> waiting = first(handle, queue, "execution_time > :now order by picked, execution_time", now);
        return each(
                handle, queue, "set execution_time = :now", "execution_time > :now", waiting, Map.of("now", utc(now)));
    }

    /** Raises what has been due for {@link #DUE_MAX}, the oldest of it. Returns how many. */
    public static int raiseOverdue(Handle handle, Queue queue, Instant now) {
        List<String> due =
                first(handle, queue, "execution_time < :now order by picked, execution_time", now.minus(DUE_MAX));
        return each(handle, queue, "set priority = priority + 1", "priority < :max", due, Map.of("max", PRIORITY_MAX));
    }

    private static OffsetDateTime utc(Instant at) {
        return at.atOffset(ZoneOffset.UTC);
    }

    /** Those of the instances that are in the queue, whenever they run. */
    public static Set<String> known(Handle handle, Queue queue, Collection<String> instances) {
        // not "= any": H2 would compare each row of the queue with each instance
        return handle.createQuery(
                        "select s.task_instance from unnest(cast(:instances as varchar(36) array)) as u(id) join "
                                + queue.table + " s on s.task_name = '" + queue.task + "' and s.task_instance = u.id")
                .bindArray("instances", String.class, instances.toArray())
                .mapTo(String.class)
                .set();
    }

    /** One statement for each row, by its key, in one trip. */
    private static int each(
            Handle handle,
            Queue queue,
            String change,
            String which,
            List<String> instances,
            Map<String, Object> values) {
        if (instances.isEmpty()) {
            return 0;
        }
        PreparedBatch batch = handle.prepareBatch("update " + queue.table + " " + change
                + " where task_name = :task and task_instance = :instance and picked = false and " + which);
        instances.forEach(instance -> batch.bindMap(values)
                .bind("task", queue.task)
                .bind("instance", instance)
                .add());
        return Arrays.stream(batch.execute()).sum();
    }

    /** When what is next in the queue is due, or has been since; empty when nothing waits there. */
    public static Optional<Instant> nextRun(Handle handle, Queue queue) {
        return handle.createQuery("select execution_time from " + queue.table
                        + " where picked = false order by picked, execution_time limit 1")
                .map((row, context) -> Objects.requireNonNull(JobStore.instant(row, "execution_time")))
                .findOne();
    }

    private static List<String> first(Handle handle, Queue queue, String which, Instant now) {
        return handle.createQuery("select task_instance from " + queue.table + " where picked = false and " + which
                        + " limit :max")
                .bind("now", JobStore.utc(now))
                .bind("max", AT_ONCE_MAX)
                .mapTo(String.class)
                .list();
    }

    private static void insert(Handle handle, Queue queue, String instance, Instant when, int priority) {
        new Inserts()
                .add(queue.firstRuns, List.of(new Run(instance, when, priority)))
                .write(handle.getConnection());
    }

    /** When one instance runs for the first time; higher priority runs first. */
    public record Run(String instance, Instant when, int priority) {}

    /**
     * Gives back what a server of this name had claimed when it died, so that a restart need not wait for missed heartbeats. Only for a
     * name that no other live server has.
     */
    public static int release(Handle handle, Queue queue, String serverName) {
        return handle.createUpdate(
                        "update " + queue.table
                                + " set picked = false, picked_by = null, last_heartbeat = null, version = version + 1 where picked_by = :name")
                .bind("name", serverName)
                .execute();
    }
}
