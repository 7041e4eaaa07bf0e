package io.bloodnet.server.pipeline;

import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.FindingReport;
import io.bloodnet.imaging.finding.FindingReport.Kind;
import io.bloodnet.imaging.finding.NotAnalyzedReason;
import io.bloodnet.imaging.finding.ResultKey;
import io.bloodnet.server.job.JobStore;
import io.bloodnet.server.result.Schedule;
import io.bloodnet.server.store.Database;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** What simulations read and write in their database. */
final class Simulations {

    private static final List<String> TABLES = OrderLifeContract.tables();

    private Simulations() {}

    static void clean(Database database) {
        database.inTransaction(handle -> {
            TABLES.forEach(table -> handle.execute("delete from " + table));
            return true;
        });
    }

    static List<String> ids(Database database, String where) {
        return database.read(handle -> handle.createQuery("select id from job where " + where + " order by id")
                .mapTo(String.class)
                .list());
    }

    /** Whether what is kept of the number of jobs by state is how many there are. */
    static boolean areCountsRight(Database database) {
        return database.read(handle -> handle.createQuery(
                                "select count(*) from (select state, sum(n) as n from ("
                                        + "select state, n from job_count union all select state, -1 from job) u group by state) d where n <> 0")
                        .mapTo(int.class)
                        .one())
                == 0;
    }

    /** The job of an order that was acknowledged: by the id that was told, else by its number. */
    static Optional<String> idOf(Handle handle, Simulation.Placed order) {
        return order.jobId != null
                ? Optional.of(order.jobId)
                : handle.createQuery("select id from job where accession = :accession order by accepted_at, id limit 1")
                        .bind("accession", order.study.accession.value())
                        .mapTo(String.class)
                        .findOne();
    }

    static List<String> due(Database database, Schedule.Queue lane, Instant now) {
        return database.read(handle -> handle.createQuery(
                        "select task_instance from " + lane.table
                                + " where execution_time <= :now order by priority desc, execution_time, task_instance limit 10")
                .bind("now", JobStore.utc(now))
                .mapTo(String.class)
                .list());
    }

    static @Nullable Instant next(Database database) {
        return database.read(handle -> handle.createQuery(
                        "select min(t) from (select min(execution_time) as t from scheduled_job"
                                + " union all select min(execution_time) from scheduled_pacs union all select min(execution_time) from"
                                + " scheduled_ehr union all select min(execution_time) from scheduled_hl7) as all_lanes")
                .mapTo(OffsetDateTime.class)
                .findOne()
                .map(OffsetDateTime::toInstant)
                .orElse(null));
    }

    /** What db-scheduler does after a run. */
    static void after(Database database, Schedule.Queue lane, String id, Next next) {
        database.inTransaction(handle -> switch (next) {
            case Next.Done() -> handle.execute("delete from " + lane.table + " where task_instance = ?", id);
            case Next.At(Instant when) ->
                handle.execute(
                        "update " + lane.table + " set execution_time = ? where task_instance = ?",
                        Objects.requireNonNull(JobStore.utc(when)),
                        id);
        });
    }

    /** The end of an id, which tells jobs of one run apart. */
    static String shortened(String id) {
        return id.substring(Math.max(0, id.length() - 6));
    }

    /** Does to the data, or tells a receiver, what a broken build would have done. */
    static void plant(Simulation world, String fault) {
        switch (fault) {
            case "doubled" -> told(world, _ -> true).ifPresent(world.ehr::deliver);
            case "card" -> update(world, "finding_json = null");
            case "human" -> update(world, "human_read_at = null");
            case "patient" -> update(world, "order_json = replace(order_json, '\"value\":\"M', '\"value\":\"W')");
            case "ends" -> update(world, "state = 'DELIVERING'");
            case "negative" ->
                told(world, Simulations::isPositive).ifPresent(report -> world.ehr.deliver(guess(report)));
            case "suspicion" ->
                told(world, Simulations::isPositive).ifPresent(report -> world.ehr.deliver(nothing(report)));
            case "told" -> world.hl7.told.clear();
            case "mask" ->
                world.ehr.told.values().forEach(all -> all.replaceAll(r -> r.as(Kind.MASK_REFUSED, r.mask())));
            case "cancelled" ->
                told(world, _ -> true).ifPresent(report -> {
                    world.ehr.told.clear();
                    world.placed.values().forEach(order -> order.cancelled = true);
                    world.ehr.deliver(report.as(Kind.CORRECTED, null));
                });
            case "counts" ->
                world.database.inTransaction(
                        handle -> handle.execute("insert into job_count (state, n) values ('FAILED', 1)"));
            case "lost" -> {} // while messages come
            default -> throw new IllegalArgumentException(fault);
        }
    }

    private static void update(Simulation world, String set) {
        world.database.inTransaction(handle -> handle.execute("update job set " + set));
    }

    private static Optional<FindingReport> told(Simulation world, Predicate<FindingReport> which) {
        return world.ehr.told.values().stream()
                .flatMap(List::stream)
                .filter(which)
                .findFirst();
    }

    private static boolean isPositive(FindingReport report) {
        return report.finding() instanceof Finding.Analyzed a && a.positive();
    }

    /** A result that no look at images gave. */
    private static FindingReport guess(FindingReport r) {
        Finding.Analyzed a = (Finding.Analyzed) r.finding();
        Finding guessed = new Finding.Analyzed(
                a.studyUid(),
                a.seriesUid(),
                0.1,
                0,
                null,
                a.threshold(),
                a.slices(),
                a.model(),
                "00".repeat(32),
                a.flags(),
                a.executionProvider(),
                a.timing(),
                a.coverageMm(),
                List.of(),
                0);
        return with(r, guessed);
    }

    private static FindingReport nothing(FindingReport r) {
        NotAnalyzedReason late = NotAnalyzedReason.IMAGES_NOT_IN_TIME;
        return with(r, new Finding.NotAnalyzed(r.key().studyUid(), null, late, late.sentence()));
    }

    private static FindingReport with(FindingReport r, Finding finding) {
        ResultKey key = ResultKey.of(finding, r.model(), null);
        return new FindingReport(
                r.jobId(),
                r.order(),
                r.facts(),
                finding,
                r.model(),
                key,
                Kind.CORRECTED,
                null,
                null,
                null,
                r.issuedAt());
    }
}
