package io.bloodnet.server.retention;

import io.bloodnet.imaging.finding.FindingReport;
import io.bloodnet.server.job.JobCounts;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.store.Database;
import io.bloodnet.server.store.Json;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** Orders that have ended long ago, and the images in what was delivered of them. */
final class EndedOrders {

    private static final int BATCH = 100;
    /** Before all deliveries. */
    private static final OffsetDateTime EVER = Instant.EPOCH.atOffset(ZoneOffset.UTC);

    private final Database database;
    private final Trail trail;

    EndedOrders(Database database, Trail trail) {
        this.database = database;
        this.trail = trail;
    }

    /** Takes orders that ended and did not change since then, with their names and deliveries. */
    void erase(Instant before, String rule) {
        for (JobState state : OpenOrders.ENDED_STATES) {
            while (database.inTransaction(handle -> batch(handle, state, before, rule)) == BATCH) {}
        }
    }

    private record Ended(String id, JobState state) {}

    private int batch(Handle handle, JobState state, Instant before, String rule) {
        // What somebody works on is locked: it is passed over, and looked at again at the next sweep.
        List<Ended> ended = handle.createQuery(
                        "select j.id, j.state from job j where j.state = :state"
                                + " and j.updated_at < :before and not exists (select 1 from delivery d where d.job_id = j.id"
                                + " and d.state = 'PENDING') order by j.state, j.updated_at desc, j.id limit :max for update skip locked")
                .bind("state", state.name())
                .bind("before", before.atOffset(ZoneOffset.UTC))
                .bind("max", BATCH)
                .map((row, context) -> new Ended(row.getString(1), JobState.valueOf(row.getString(2))))
                .list();
        List<String> jobs = ended.stream().map(Ended::id).toList();
        if (jobs.isEmpty()) {
            return 0;
        }
        handle.createUpdate(
                        "delete from analysis_attempt where study_uid in (select study_uid from job where id = any(:jobs))")
                .bindArray("jobs", String.class, jobs)
                .execute();
        for (String of : List.of(
                "order_name where job_id",
                "ehr_task where job_id",
                "delivery where job_id",
                "suspicion_seen where job_id",
                "opinion where job_id",
                "job where id")) {
            handle.createUpdate("delete from " + of + " = any(:jobs)")
                    .bindArray("jobs", String.class, jobs)
                    .execute();
        }
        JobCounts.erased(handle, ended.stream().map(Ended::state).toList());
        trail.ordersErased(handle, jobs, rule);
        return jobs.size();
    }

    /** Takes masks and key images out of what arrived before this; what was told in words stays as long as the order. */
    void eraseImages(Instant before, String rule) {
        while (database.inTransaction(handle -> images(handle, before, rule)) == BATCH) {}
    }

    private record Delivered(String id, String report) {}

    private int images(Handle handle, Instant before, String rule) {
        List<Delivered> deliveries = handle.createQuery(
                        "select d.id, d.report_json from delivery d where d.whole = true and d.ended_at > :ever and d.ended_at < :before"
                                + " and d.state = 'DELIVERED' and not " + OpenOrders.exists("d.job_id")
                                + " order by d.ended_at limit :max for update skip locked")
                .bind("ever", EVER) // else H2 reads all that have not ended
                .bind("before", before.atOffset(ZoneOffset.UTC))
                .bind("max", BATCH)
                .map((row, context) -> new Delivered(row.getString(1), row.getString(2)))
                .list();
        for (Delivered delivery : deliveries) {
            FindingReport report = Json.read(delivery.report(), FindingReport.class);
            handle.execute(
                    "update delivery set payload = null, report_json = ?, whole = false where id = ?",
                    report.keyImagePng() == null ? delivery.report() : Json.write(report.withoutKeyImage()),
                    delivery.id());
        }
        trail.erased(handle, "delivered-images", deliveries.size(), rule);
        return deliveries.size();
    }
}
