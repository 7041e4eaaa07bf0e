package io.bloodnet.server.study;

import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.audit.Outcome;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.FindingReport;
import io.bloodnet.server.job.Job;
import io.bloodnet.server.job.JobStore;
import io.bloodnet.server.signin.Visitor;
import io.bloodnet.server.store.Database;
import io.bloodnet.server.store.Json;
import io.bloodnet.server.store.TimeUuid;
import io.bloodnet.server.worklist.SeenFinding;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** What the database has of one study, and what people add to it; each addition is audited in its own transaction. Safe for all threads. */
final class StudyRecords {

    private final Database database;
    private final JobStore jobs;
    private final AuditLog audit;
    private final InstantSource clock;

    StudyRecords(Database database, JobStore jobs, AuditLog audit, InstantSource clock) {
        this.database = database;
        this.jobs = jobs;
        this.audit = audit;
        this.clock = clock;
    }

    /** A delivery in words. @param resultCode what the receiver said last; null before it said anything */
    record Sent(
            String destination,
            String kind,
            String state,
            int attempts,
            @Nullable String resultCode,
            Instant createdAt,
            @Nullable Instant endedAt) {}

    /** Who has seen the present suspicion. */
    record Seen(String name, Instant at) {}

    /** What somebody said. @param current whether it is of the present finding */
    record Said(
            String name,
            boolean agrees,
            @Nullable String reason,
            @Nullable String note,
            Instant at,
            boolean current) {}

    /** A study with all that people see of it. */
    record View(Job job, List<Sent> deliveries, Optional<Seen> seen, List<Said> opinions) {}

    Optional<Job> job(String id) {
        return database.read(handle -> jobs.find(handle, id));
    }

    Optional<View> view(String id) {
        return database.read(handle -> jobs.find(handle, id)
                .map(job -> new View(job, deliveries(handle, id), seen(handle, job), opinions(handle, job))));
    }

    private static List<Sent> deliveries(Handle handle, String id) {
        return handle.createQuery(
                        "select destination, kind, state, attempts, result_code, created_at, ended_at from delivery where job_id = :id"
                                + " order by created_at, destination")
                .bind("id", id)
                .map((row, context) -> new Sent(
                        row.getString("destination"),
                        row.getString("kind"),
                        row.getString("state"),
                        row.getInt("attempts"),
                        row.getString("result_code"),
                        Objects.requireNonNull(instant(row, "created_at")),
                        instant(row, "ended_at")))
                .list();
    }

    private static Optional<Seen> seen(Handle handle, Job job) {
        return handle.createQuery("select name, seen_at from suspicion_seen where job_id = :id and finding = :finding")
                .bind("id", job.id())
                .bind("finding", finding(job))
                .map((row, context) -> new Seen(row.getString("name"), Objects.requireNonNull(instant(row, "seen_at"))))
                .findOne();
    }

    private static List<Said> opinions(Handle handle, Job job) {
        return handle.createQuery("select name, agrees, reason, note, said_at, finding from opinion where job_id = :id"
                        + " order by said_at desc")
                .bind("id", job.id())
                .map((row, context) -> new Said(
                        row.getString("name"),
                        row.getBoolean("agrees"),
                        row.getString("reason"),
                        row.getString("note"),
                        Objects.requireNonNull(instant(row, "said_at")),
                        finding(job).equals(row.getString("finding"))))
                .list();
    }

    /** The mask as it was sent to the archive; empty when there is none. */
    Optional<byte[]> mask(String id) {
        return database.read(handle -> handle.createQuery("select payload from delivery where job_id = :id"
                        + " and destination = 'pacs' and payload is not null order by sequence desc limit 1")
                .bind("id", id)
                .mapTo(byte[].class)
                .findOne());
    }

    /** The picture that went along with the report; empty when there was none. */
    Optional<byte[]> keyImage(String id) {
        return database.read(handle -> handle.createQuery("select report_json from delivery where job_id = :id"
                                + " and kind in ('FIRST', 'CORRECTED') order by sequence desc limit 1")
                        .bind("id", id)
                        .mapTo(String.class)
                        .findOne())
                .map(json -> Json.read(json, FindingReport.class).keyImagePng());
    }

    /** Somebody has seen the suspicion; the first who says so stays. False when there is no suspicion to see. */
    boolean see(Job job, Visitor.Person person) {
        return database.inTransaction(handle -> {
            if (!job.hasSuspicion()) {
                return false;
            }
            if (seen(handle, job).isEmpty()) {
                handle.createUpdate("delete from suspicion_seen where job_id = :id")
                        .bind("id", job.id())
                        .execute();
                handle.createUpdate("insert into suspicion_seen (job_id, finding, person, name, seen_at)"
                                + " values (:id, :finding, :person, :name, :now)")
                        .bind("id", job.id())
                        .bind("finding", finding(job))
                        .bind("person", person.user())
                        .bind("name", person.name())
                        .bind("now", clock.instant().atOffset(ZoneOffset.UTC))
                        .execute();
            }
            audit.append(handle.getConnection(), acted(job, person, "seen", null));
            return true;
        });
    }

    /** Somebody agrees or disagrees. The result stays as it is. */
    void say(Job job, Visitor.Person person, Opinion opinion) {
        Instant now = clock.instant();
        database.inTransaction(handle -> {
            handle.createUpdate("insert into opinion (id, job_id, finding, person, name, agrees, reason, note, said_at)"
                            + " values (:id, :job, :finding, :person, :name, :agrees, :reason, :note, :now)")
                    .bind("id", TimeUuid.at(now).toString())
                    .bind("job", job.id())
                    .bind("finding", finding(job))
                    .bind("person", person.user())
                    .bind("name", person.name())
                    .bind("agrees", opinion.agrees())
                    .bind(
                            "reason",
                            opinion.reason() == null ? null : opinion.reason().name())
                    .bind("note", opinion.note())
                    .bind("now", now.atOffset(ZoneOffset.UTC))
                    .execute();
            audit.append(
                    handle.getConnection(),
                    acted(
                            job,
                            person,
                            opinion.agrees() ? "agree" : "disagree",
                            opinion.reason() == null ? null : opinion.reason().name()));
            return true;
        });
    }

    private AuditEvent acted(Job job, Visitor.Person person, String act, @Nullable String detail) {
        About about = job.about().withUser(person.user());
        return new AuditEvent.PersonActed(clock.instant(), about, Outcome.SUCCESS, act, person.client(), detail, null);
    }

    /** Somebody looks at the study. Written before anything is shown. */
    void viewed(Job job, Visitor visitor) {
        audit.record(new AuditEvent.PageViewed(
                clock.instant(),
                job.about().withUser(visitor.user()),
                Outcome.SUCCESS,
                "/studies/{job}",
                visitor.client(),
                null));
    }

    private static String finding(Job job) {
        return switch (job.finding()) {
            case Finding.Analyzed a ->
                SeenFinding.of(
                        a.positive() ? "positive" : "negative",
                        a.probability(),
                        a.model().version());
            case Finding.NotAnalyzed _ -> SeenFinding.of("not_analyzed", null, null);
            case null -> SeenFinding.of(null, null, null);
        };
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime at = row.getObject(column, OffsetDateTime.class);
        return at == null ? null : at.toInstant();
    }
}
