package io.bloodnet.server.pipeline;

import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

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

        Queue(String table, String task) {
            this.table = table;
            this.task = task;
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
        first(handle, queue, List.of(new Run(instance, when, priority)));
    }

    /** When one instance runs for the first time; higher priority runs first. */
    record Run(String instance, Instant when, int priority) {}

    /** Schedules instances that no row has yet, in one statement where the database can. */
    static void first(Handle handle, Queue queue, List<Run> runs) {
        if (runs.isEmpty()) {
            return;
        }
        PreparedBatch batch = handle.prepareBatch("insert into " + queue.table
                + " (task_name, task_instance, execution_time, picked, version, priority)"
                + " values (:task, :instance, :when, false, 1, :priority)");
        for (Run run : runs) {
            batch.bind("task", queue.task)
                    .bind("instance", run.instance())
                    .bind("when", JobStore.utc(run.when()))
                    .bind("priority", run.priority())
                    .add();
        }
        batch.execute();
    }

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
