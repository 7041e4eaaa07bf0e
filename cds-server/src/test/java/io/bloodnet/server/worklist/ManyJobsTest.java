package io.bloodnet.server.worklist;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.server.store.Database;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is asked again and again does not read what ended long ago: the plans name their indexes. Prints each query's time; with
 * {@code -Dbloodnet.jobs=1000000} for a million jobs.
 */
class ManyJobsTest {

    private static final int JOBS = Integer.getInteger("bloodnet.jobs", 30_000);
    /** Beyond it a page is slow; only looked at with a million. */
    private static final long SLOW_MS = 1_000;

    @TempDir
    Path folder;

    @Test
    void plans_and_times_on_h2() {
        try (Database database = Database.open("jdbc:h2:file:" + folder.resolve("many"), "sa", null)) {
            fill(database, "system_range(1, " + JOBS + ") as r(n)");
            database.inTransaction(handle -> handle.execute("analyze"));
            look(database);
        }
    }

    @Test
    void plans_and_times_on_postgresql() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.builder()
                        .setServerConfig("fsync", "on")
                        .setServerConfig("synchronous_commit", "on")
                        .setServerConfig("full_page_writes", "on")
                        .start();
                Database database = Database.open(postgres.getJdbcUrl("postgres", "postgres"), "postgres", null)) {
            fill(database, "generate_series(1, " + JOBS + ") as r(n)");
            database.inTransaction(handle -> handle.execute("analyze"));
            look(database);
        }
    }

    /** One of a thousand jobs is unfinished, and one of a thousand deliveries. */
    private static void fill(Database database, String numbers) {
        String state =
                "case when mod(n, 1000) = 0 then 'WAITING_FOR_IMAGES' when mod(n, 20) = 0 then 'REPORTED_POSITIVE'"
                        + " when mod(n, 15) = 0 then 'NOT_ANALYZED' else 'REPORTED_NEGATIVE' end";
        String at = "cast('2026-01-01 00:00:00+00' as timestamp(6) with time zone)";
        for (int from = 0; from < JOBS; from += 20_000) {
            String part = " from " + numbers + " where n > " + from + " and n <= " + (from + 20_000);
            database.inTransaction(handle -> handle.execute(
                    "insert into job (id, state, priority, patient_id, order_json, images_complete, instances_seen, overdue, run, attempts,"
                            + " ordered_at, accepted_at, updated_at) select cast(n as varchar(36)), " + state
                            + ", 1, cast(mod(n, 1000) as varchar(64)), '{}', true, 1, false, 1, 0, " + at + ", " + at
                            + ", "
                            + at + " + n * interval '1' second" + part));
            database.inTransaction(handle -> handle.execute(
                    "insert into delivery (id, job_id, destination, sequence, kind, idempotency_key, state, attempts, report_json,"
                            + " payload_sha256, created_at) select cast(n as varchar(36)), cast(n as varchar(36)), 'ehr', 1, 'NEW',"
                            + " cast(n as varchar(200)), case when mod(n, 1000) = 0 then 'PENDING' else 'DONE' end, 1, '{}', 'x', "
                            + at + part));
        }
    }

    private static void look(Database database) {
        WorklistQuery worklist = new WorklistQuery(database);
        time("worklist", worklist::read);
        time("version", worklist::version);
        String engine = database.isH2() ? "H2" : "PostgreSQL";
        assertThat(plan(database, WorklistQuery.itemsSql(WorklistQuery.UNFINISHED_SQL), Map.of("max", 2000)))
                .as("unfinished on " + engine)
                .contains("job_by_state");
        assertThat(plan(
                        database,
                        WorklistQuery.itemsSql(WorklistQuery.ENDED_SQL),
                        Map.of("max", 500, "state", "REPORTED_NEGATIVE")))
                .as("ended on " + engine)
                .containsAnyOf("job_by_state_newest", "index scan backward using job_by_update");
        assertThat(plan(database, "select id, 0 as priority from delivery where state = 'PENDING'", Map.of()))
                .as("sweep of deliveries on " + engine)
                .contains("delivery_by_state");
        time(
                "unfinished deliveries",
                () -> database.read(
                        handle -> handle.createQuery("select count(*) from delivery where state = 'PENDING'")
                                .mapTo(long.class)
                                .one()));
    }

    private static void time(String what, Supplier<?> query) {
        query.get();
        long begin = System.nanoTime();
        query.get();
        long ms = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
        System.out.println(JOBS + " jobs, " + what + ": " + ms + " ms");
        if (JOBS >= 1_000_000) {
            assertThat(ms).as(what).isLessThan(SLOW_MS);
        }
    }

    private static String plan(Database database, String sql, Map<String, Object> values) {
        List<String> lines = database.read(handle -> handle.createQuery("explain " + sql)
                .bindMap(values)
                .mapTo(String.class)
                .list());
        return String.join("\n", lines).toLowerCase(java.util.Locale.ROOT);
    }
}
