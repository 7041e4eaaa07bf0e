package io.bloodnet.server.job;

import io.bloodnet.server.store.Database;
import io.bloodnet.server.store.Inserts;
import io.bloodnet.server.store.Table;
import io.bloodnet.server.store.Table.Column;
import io.bloodnet.server.store.Table.Kind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/**
 * How many jobs are in each state, without counting jobs: each transaction that moves some adds rows that say so, and a chore folds them into
 * one row a state. Nobody waits for another's row. Safe for all threads and for several servers.
 */
public final class JobCounts {

    /** Rows that one fold takes at most; more are left to the next one. */
    private static final int FOLD_MAX = 20_000;
    /** With so few rows there is nothing to gain. */
    private static final int ROWS_FEW = 100;

    private static final Table<Change> TABLE = new Table<>(
            "job_count",
            List.of(
                    Column.of("state", Kind.TEXT, change -> change.state().name()),
                    Column.of("n", Kind.LONG, Change::n)));

    private static final String READ = "select state, sum(n) as n from job_count group by state";
    /** The difference between what is kept and what is there, in one statement, so that both are of one moment. */
    private static final String CORRECT = "insert into job_count (state, n) select state, sum(n) from ("
            + "select state, count(*) as n from job group by state union all select state, -n from job_count) u"
            + " group by state having sum(n) <> 0";

    private JobCounts() {}

    /** So many jobs more (fewer, when negative) in a state. */
    record Change(JobState state, long n) {}

    /** Adds to the rows that these jobs are new. */
    static void added(Inserts rows, List<Job> jobs) {
        Map<JobState, Long> by = new EnumMap<>(JobState.class);
        jobs.forEach(job -> by.merge(job.state(), 1L, Long::sum));
        rows.add(TABLE, changes(by));
    }

    /** In the transaction that moves a job from one state into another. */
    static void moved(Handle handle, JobState from, JobState to) {
        write(handle, List.of(new Change(from, -1), new Change(to, 1)));
    }

    /** In the transaction that erases jobs which were in these states. */
    public static void erased(Handle handle, List<JobState> states) {
        Map<JobState, Long> by = new EnumMap<>(JobState.class);
        states.forEach(state -> by.merge(state, -1L, Long::sum));
        write(handle, changes(by));
    }

    private static List<Change> changes(Map<JobState, Long> by) {
        return by.entrySet().stream()
                .map(each -> new Change(each.getKey(), each.getValue()))
                .toList();
    }

    private static void write(Handle handle, List<Change> changes) {
        new Inserts().add(TABLE, changes).write(handle.getConnection());
    }

    /** Jobs by state; states without jobs are left out. */
    public static Map<JobState, Long> read(Handle handle) {
        Map<JobState, Long> all = new EnumMap<>(JobState.class);
        handle
                .createQuery(READ)
                .map((row, context) -> new Change(JobState.valueOf(row.getString("state")), row.getLong("n")))
                .stream()
                .filter(count -> count.n() > 0)
                .forEach(count -> all.put(count.state(), count.n()));
        return all;
    }

    /** Makes few rows of many. Returns how many were folded. */
    public static int fold(Database database) {
        return database.inTransaction(handle -> {
            List<Long> ids = new ArrayList<>();
            Map<JobState, Long> sums = new EnumMap<>(JobState.class);
            handle.createQuery("select id, state, n from job_count order by id limit :max for update skip locked")
                    .bind("max", FOLD_MAX)
                    .map((row, context) -> {
                        ids.add(row.getLong("id"));
                        return sums.merge(JobState.valueOf(row.getString("state")), row.getLong("n"), Long::sum);
                    })
                    .list();
            if (ids.size() <= ROWS_FEW) {
                return 0;
            }
            handle.createUpdate("delete from job_count where id = any(:ids)")
                    .bindArray("ids", Long.class, ids)
                    .execute();
            write(handle, changes(sums));
            return ids.size();
        });
    }

    /**
     * Counts the jobs and writes what differs: after a server of a version that keeps no counts, or a person's own statement. Reads an index
     * of all jobs once. Returns in how many states something differed.
     */
    public static int correct(Database database) {
        return database.inTransaction(handle -> {
            handle.createQuery("select text_value from memo where name = 'job-count' for update")
                    .mapTo(String.class)
                    .one();
            return handle.execute(CORRECT);
        });
    }
}
