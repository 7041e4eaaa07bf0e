package io.bloodnet.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.audit.testing.RecordingAuditLog;
import io.bloodnet.fhir.PatientNumber;
import io.bloodnet.imaging.finding.ModelId;
import io.bloodnet.server.cdshooks.request.EhrPatient;
import io.bloodnet.server.fhir.FhirServers;
import io.bloodnet.server.fhir.OrderedPatients;
import io.bloodnet.server.job.JobCounts;
import io.bloodnet.server.job.JobStore;
import io.bloodnet.server.job.OrdersUnderWay;
import io.bloodnet.server.pipeline.FakePacs;
import io.bloodnet.server.pipeline.FakeTeller;
import io.bloodnet.server.pipeline.ImageWatch;
import io.bloodnet.server.pipeline.JobControl;
import io.bloodnet.server.pipeline.Lanes;
import io.bloodnet.server.pipeline.LateImages;
import io.bloodnet.server.pipeline.OrderLife;
import io.bloodnet.server.result.Results;
import io.bloodnet.server.result.Schedule;
import io.bloodnet.server.retention.Retention;
import io.bloodnet.server.retention.RetentionLimits;
import io.bloodnet.server.store.Database;
import io.bloodnet.server.store.Json;
import io.bloodnet.server.worklist.WorklistQuery;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What pages, metrics and chores ask again and again costs the same however many orders there are: no table of orders is read from end to
 * end, and the rows looked at are bounded, although nearly all orders wait. With {@code -Dbloodnet.long=true} for a million orders, with the
 * time of each statement.
 */
class RepeatedQueriesTest {

    private static final boolean LONG = Boolean.getBoolean("bloodnet.long");
    private static final int JOBS = Integer.getInteger("bloodnet.jobs", LONG ? 1_000_000 : 15_500);
    /** Rows that one statement may look at; those that wait for one thing are more. */
    private static final int ROWS_MAX = 6_100;

    private static final int FILLED_AT_ONCE = 5_000;

    private static final FhirServers OURS = new FhirServers(List.of(URI.create("https://ehr.example/fhir")), true);

    private final Instant now = Instant.parse("2026-03-01T08:00:00Z");
    private final InstantSource clock = () -> now;

    @TempDir
    Path folder;

    @Test
    void on_h2() throws Exception {
        try (Database database = Database.open("jdbc:h2:file:" + folder.resolve("many"), "sa", null)) {
            fill(database, "system_range(%d, %d) as r(n)");
            look(database);
        }
    }

    @Test
    void on_postgresql() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.builder()
                        .setServerConfig("fsync", "on")
                        .setServerConfig("synchronous_commit", "on")
                        .setServerConfig("full_page_writes", "on")
                        .start();
                Database database = Database.open(postgres.getJdbcUrl("postgres", "postgres"), "postgres", null)) {
            fill(database, "generate_series(%d, %d) as r(n)");
            look(database);
        }
    }

    /** Nearly all orders wait, for images or for the EHR to take their result. One order came each second. */
    private void fill(Database database, String numbers) {
        String state = "case when mod(n, 10) < 4 then 'WAITING_FOR_IMAGES' when mod(n, 10) < 8 then 'DELIVERING'"
                + " when mod(n, 10) = 8 then 'REPORTED_POSITIVE' else 'REPORTED_NEGATIVE' end";
        String positive = "mod(n, 10) in (7, 8)";
        String end = "cast('" + clock.instant() + "' as timestamp(6) with time zone)";
        String at = end + " - (" + JOBS + " - n) * interval '1' second";
        String id = "cast(n + 100000000 as varchar(36))";
        String order = Json.write(OrderLife.order("1.2.3", "ACC1", OrderLife.ANN, 1));
        for (int from = 0; from < JOBS; from += FILLED_AT_ONCE) {
            String part = " from " + numbers.formatted(from + 1, Math.min(JOBS, from + FILLED_AT_ONCE));
            database.inTransaction(handle -> handle.execute(
                    "insert into job (id, state, result, worklist_rank, priority, patient_id, ehr_patient, study_uid, order_json,"
                            + " images_complete, instances_seen, overdue, run, attempts, ordered_at, accepted_at, updated_at,"
                            + " human_read_at) select " + id + ", " + state + ", case when " + positive
                            + " then 'positive' when mod(n, 10) >= 4 then 'negative' end, case when " + positive
                            + " then 0 else 1 end, cast(mod(n, 3) as smallint), cast(mod(n, 10000) as varchar(64)),"
                            + " case mod(n, 2) when 0 then cast(mod(n, 10000) as varchar(64)) end, '1.2.3', ?, true, 1, false, 1, 0, "
                            + at + ", " + at + ", " + at + ", case when mod(n, 10) = 8 then " + at + " end" + part,
                    order));
            database.inTransaction(handle -> handle.execute(
                    "insert into delivery (id, job_id, destination, sequence, kind, idempotency_key, state, attempts, report_json,"
                            + " payload_sha256, created_at) select " + id + ", " + id + ", 'ehr', 1, 'NEW', " + id
                            + ", case when mod(n, 10) < 8 then 'PENDING' else 'DELIVERED' end, 1, '{}', 'x', " + at
                            + part
                            + " where mod(n, 10) >= 4"));
            queued(database, Schedule.Queue.JOBS, id, part + " where mod(n, 10) < 4");
            queued(database, Schedule.Queue.EHR, id, part + " where mod(n, 10) between 4 and 7");
            database.inTransaction(handle -> handle.execute("insert into ehr_task (job_id, state) select " + id
                    + ", 'WAITING_FOR_IMAGES'" + part + " where mod(n, 10) < 4"));
        }
        JobCounts.correct(database);
        database.inTransaction(handle -> handle.execute("analyze"));
    }

    private void queued(Database database, Schedule.Queue queue, String id, String part) {
        database.inTransaction(handle -> handle.execute(
                "insert into " + queue.table + " (task_name, task_instance, execution_time, picked, version, priority)"
                        + " select '" + queue.task + "', " + id + ", cast(? as timestamp(6) with time zone)"
                        + " + n * interval '1' second, false, 1, cast(mod(n, 3) as smallint)" + part,
                clock.instant().minusSeconds(2_000).toString()));
    }

    private void look(Database database) throws Exception {
        String engine = database.isH2() ? "H2" : "PostgreSQL";
        AskedAgain asked = new AskedAgain(database);
        Runnable all = all(database);
        all.run();
        asked.begin();
        all.run();
        List<String> tooMuch = new ArrayList<>();
        for (AskedAgain.Plan plan : asked.plans(database, !LONG)) {
            System.out.printf(
                    "%s, %d orders: %.1f ms, %d rows: %s%n",
                    engine,
                    JOBS,
                    plan.micros() / 1000.0,
                    plan.rows(),
                    plan.sql().substring(0, Math.min(150, plan.sql().length())));
            if (!plan.readWhole().isEmpty() || plan.rows() > ROWS_MAX) {
                tooMuch.add(plan.sql() + "\n" + plan.words());
            }
        }
        assertThat(tooMuch).as(engine).isEmpty();
    }

    /** All that is repeated. */
    private Runnable all(Database database) {
        JobStore jobs = new JobStore();
        RecordingAuditLog audit = new RecordingAuditLog();
        FakePacs pacs = new FakePacs();
        ModelId model = new ModelId("fake", "1.0.0", "ab".repeat(32));
        WorklistQuery worklist = new WorklistQuery(database);
        WorkCounts counts = new WorkCounts(database, clock);
        Results results = new Results(pacs, model, null, List.of("ehr", "hl7"), () -> {}, clock);
        JobControl control = new JobControl(database, jobs, results, audit, () -> {}, clock);
        ImageWatch watch = new ImageWatch(database, pacs, () -> {}, clock);
        LateImages late = new LateImages(database, jobs, pacs, pacs, audit, () -> {}, clock);
        OrdersUnderWay underWay = new OrdersUnderWay(database, jobs, new FakeTeller(job -> true), clock);
        Lanes lanes = new Lanes(clock);
        Retention retention = new Retention(database, audit, RetentionLimits.DEFAULT, clock);
        OrderedPatients ordered = new OrderedPatients(database, clock);
        FindingsByPatient findings = new FindingsByPatient(database, jobs, model, Map.of(), OURS);
        EhrPatient patient = new EhrPatient(
                "7",
                Set.of("8"),
                "https://ehr.example/fhir",
                List.of(new PatientNumber("urn:hosp:mrn", "M1", PatientNumber.Kind.MEDICAL_RECORD)));
        return () -> {
            worklist.read();
            worklist.version();
            counts.jobs();
            counts.deliveries();
            counts.queues();
            control.sweep();
            watch.look();
            late.look();
            underWay.tell();
            lanes.age(database);
            database.inTransaction(handle -> Schedule.hurry(handle, Schedule.Queue.EHR, clock.instant()));
            JobCounts.fold(database);
            retention.sweep();
            ordered.patients();
            findings.forPatient(patient);
            poll(database);
            findings.since(clock.instant().minus(Duration.ofHours(10)));
        };
    }

    /** What db-scheduler asks each second, of each lane. */
    private void poll(Database database) {
        for (Schedule.Queue queue : Schedule.Queue.values()) {
            database.read(handle -> handle.createQuery("select * from " + queue.table
                            + " where picked = false and execution_time <= :now and (task_name in (:task))"
                            + " order by priority desc, execution_time asc limit :max")
                    .bind("now", JobStore.utc(now))
                    .bind("task", queue.task)
                    .bind("max", 100)
                    .mapToMap()
                    .list());
            database.read(handle -> handle.createQuery("select * from " + queue.table
                            + " where picked = true and last_heartbeat <= :now order by last_heartbeat asc")
                    .bind("now", JobStore.utc(now))
                    .mapToMap()
                    .list());
        }
    }
}
