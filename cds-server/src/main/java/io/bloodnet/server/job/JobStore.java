package io.bloodnet.server.job;

import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.StudyFacts;
import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.server.store.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;

/** Jobs in the database; their names are {@link OrderNames}. Each method works in the caller's transaction. Stateless. */
public final class JobStore {

    private static final String COLUMNS =
            "id, state, reason, resume_state, order_json, ehr_patient, finding_json, facts_json, images_complete, instances_seen,"
                    + " instances_since, overdue, run, version, attempts, outages, accepted_at, waiting_since, incomplete_since,"
                    + " in_doubt, images_digest, images_complete_at, reported_at, human_read_at, human_says, human_report,"
                    + " human_taken_back_at";

    /** The job, if there is one. */
    public Optional<Job> find(Handle handle, String id) {
        return handle.createQuery("select " + COLUMNS + " from job where id = :id")
                .bind("id", id)
                .map((row, context) -> job(row))
                .findOne();
    }

    /** The job, locked until the transaction ends. */
    public Optional<Job> lock(Handle handle, String id) {
        return handle.createQuery("select " + COLUMNS + " from job where id = :id for update")
                .bind("id", id)
                .map((row, context) -> job(row))
                .findOne();
    }

    /** Begins a run: from here on, writes of earlier runs are refused. */
    public Optional<Job> claim(Handle handle, String id) {
        handle.createUpdate("update job set run = run + 1 where id = :id")
                .bind("id", id)
                .execute();
        return find(handle, id);
    }

    /** Jobs of one patient, newest first, at most {@code max}. */
    public List<Job> ofPatient(Handle handle, String patientId, int max) {
        return handle.createQuery("select " + COLUMNS
                        + " from job where patient_id = :patient order by ordered_at desc, id limit :max")
                .bind("patient", patientId)
                .bind("max", max)
                .map((row, context) -> job(row))
                .list();
    }

    /**
     * Writes all that may change, if the job is still of this run and nobody has saved it since it was read: a word that came in between
     * is never overwritten. Returns the job as it is then.
     *
     * @throws FencedException when it is not
     */
    Job save(Handle handle, Job job, Instant now) {
        Update update = handle.createUpdate(JobRow.UPDATE);
        int parameter = 0;
        for (Object value : JobRow.updated(new JobRow(job, now))) {
            update.bind(parameter++, value);
        }
        if (update.execute() != 1) {
            throw new FencedException(job.id());
        }
        return job.saved();
    }

    /** Makes writes of runs that began before this moment fail. Returns the job as it is after that. */
    public Job fence(Handle handle, Job job) {
        return claim(handle, job.id()).orElseThrow(() -> new FencedException(job.id()));
    }

    /** {@code positive}, {@code negative} or {@code not_analyzed}. */
    public static String result(Finding finding) {
        return switch (finding) {
            case Finding.Analyzed a -> a.positive() ? "positive" : "negative";
            case Finding.NotAnalyzed n -> "not_analyzed";
        };
    }

    /** Finding is a sealed interface: a wrapper keeps Jackson's type name with it. */
    record Stored(Finding value) {}

    public static @Nullable OffsetDateTime utc(@Nullable Instant at) {
        return at == null ? null : at.atOffset(ZoneOffset.UTC);
    }

    public static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime at = row.getObject(column, OffsetDateTime.class);
        return at == null ? null : at.toInstant();
    }

    private static Job job(ResultSet row) throws SQLException {
        String resume = row.getString("resume_state");
        String finding = row.getString("finding_json");
        String facts = row.getString("facts_json");
        boolean says = row.getBoolean("human_says");
        Boolean humanSays = row.wasNull() ? null : says;
        Instant accepted = instant(row, "accepted_at");
        return new Job(
                row.getString("id"),
                JobState.valueOf(row.getString("state")),
                row.getString("reason"),
                resume == null ? null : JobState.valueOf(resume),
                Json.read(row.getString("order_json"), ImagingOrder.class).withEhrPatient(row.getString("ehr_patient")),
                finding == null ? null : Json.read(finding, Stored.class).value(),
                facts == null ? null : Json.read(facts, StudyFacts.class),
                row.getBoolean("images_complete"),
                row.getInt("instances_seen"),
                instant(row, "instances_since"),
                row.getBoolean("overdue"),
                row.getLong("run"),
                row.getLong("version"),
                row.getInt("attempts"),
                row.getInt("outages"),
                Objects.requireNonNull(accepted),
                Objects.requireNonNullElse(instant(row, "waiting_since"), accepted),
                instant(row, "incomplete_since"),
                row.getBoolean("in_doubt"),
                row.getString("images_digest"),
                instant(row, "images_complete_at"),
                instant(row, "reported_at"),
                instant(row, "human_read_at"),
                humanSays,
                row.getString("human_report"),
                instant(row, "human_taken_back_at"));
    }
}
