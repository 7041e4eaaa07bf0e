package io.bloodnet.server.pipeline;

import io.bloodnet.server.store.Inserts;
import io.bloodnet.server.store.Table;
import io.bloodnet.server.store.Table.Column;
import io.bloodnet.server.store.Table.Kind;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * When jobs and deliveries run next: rows of db-scheduler's documented tables, written in the transaction that makes the work necessary.
 * db-scheduler claims them, runs them and finds those whose server died. Stateless.
 */
final class Schedule {

    /** One of the two queues. A table each, so that analyses and deliveries never wait for each other's threads. */
    enum Queue {
        /** Job runs. */
        JOBS("scheduled_job", "job"),
        /** Deliveries. */
        DELIVERIES("scheduled_delivery", "delivery");

        final String table;
        final String task;
        /** Its rows for instances that it does not know yet. */
        final Table<Run> firstRuns;

        Queue(String table, String task) {
            this.table = table;
            this.task = task;
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

    private Schedule() {}

    /** Runs the instance at that time, or earlier if it was to run earlier. Higher priority runs first; STAT is the highest. */
    static void at(Handle handle, Queue queue, String instance, Instant when, int priority) {
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

    private static void insert(Handle handle, Queue queue, String instance, Instant when, int priority) {
        new Inserts()
                .add(queue.firstRuns, List.of(new Run(instance, when, priority)))
                .write(handle.getConnection());
    }

    /** When one instance runs for the first time; higher priority runs first. */
    record Run(String instance, Instant when, int priority) {}

    /**
     * Gives back what a server of this name had claimed when it died, so that a restart need not wait for missed heartbeats. Only for a
     * name that no other live server has.
     */
    static int release(Handle handle, Queue queue, String serverName) {
        return handle.createUpdate(
                        "update " + queue.table
                                + " set picked = false, picked_by = null, last_heartbeat = null, version = version + 1 where picked_by = :name")
                .bind("name", serverName)
                .execute();
    }
}
