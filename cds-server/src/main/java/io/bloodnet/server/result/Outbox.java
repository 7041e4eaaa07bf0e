package io.bloodnet.server.result;

import io.bloodnet.imaging.finding.FindingReport;
import io.bloodnet.imaging.peer.Sha256;
import io.bloodnet.server.job.JobStore;
import io.bloodnet.server.store.Json;
import io.bloodnet.server.store.TimeUuid;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Results on their way, written in the transaction that makes them (transactional outbox). Stateless; each method works in the caller's
 * transaction.
 */
public final class Outbox {

    /** The destination that stores the mask. Nothing waits for it. */
    public static final String PACS = "pacs";

    /** Where one delivery is. */
    public enum State {
        /** To be sent, or sent without a known outcome. */
        PENDING,
        /** The receiver has it. */
        DELIVERED,
        /** Given up, alarmed; a person can retry. */
        DEAD,
        /** Patient or order at the receiver contradict ours: a person decides. */
        HELD,
        /** Given up or held, and its receiver has been told something newer of the same job since: never sent any more. */
        OVERTAKEN
    }

    /**
     * One result on its way to one destination.
     *
     * @param sequence order among the deliveries of one job to one destination, from 1
     * @param unfinished attempts that began and never ended, in a row; with the last one's beginning
     */
    public record Delivery(
            String id,
            String jobId,
            String destination,
            int sequence,
            FindingReport.Kind kind,
            String idempotencyKey,
            State state,
            int attempts,
            int unfinished,
            @Nullable Instant begunAt,
            String reportJson,
            String payloadSha256,
            @Nullable String resultCode,
            Instant createdAt) {

        /** What is told. Read when it is asked for: one report that cannot be read must not hold up what else there is of its job. */
        public FindingReport report() {
            return Json.read(reportJson, FindingReport.class);
        }

        /** Whether the report can be read at all; else its own attempts show that, and nothing else may break by it. */
        public boolean isReadable() {
            try {
                report();
                return true;
            } catch (IllegalStateException e) {
                return false;
            }
        }
    }

    private static final String COLUMNS =
            "id, job_id, destination, sequence, kind, idempotency_key, state, attempts, unfinished, begun_at, report_json,"
                    + " payload_sha256, result_code, created_at";

    /**
     * Adds a delivery unless the same one exists; one that was given up or overtaken is made pending again, as the newest. What was given
     * up or held before it at the same receiver is overtaken: it must not arrive last. Returns whether there is something to do.
     */
    boolean add(Handle handle, String destination, FindingReport report, byte @Nullable [] payload, Instant now) {
        String key = report.key().identifier();
        Optional<Delivery> known = handle.createQuery("select " + COLUMNS
                        + " from delivery where destination = :destination and idempotency_key = :key and kind = :kind")
                .bind("destination", destination)
                .bind("key", key)
                .bind("kind", report.kind().name())
                .map((row, context) -> delivery(row))
                .findOne();
        if (known.isPresent()) {
            return revive(handle, known.get());
        }
        overtake(handle, report.jobId(), destination);
        String json = Json.write(report);
        byte[] content = payload == null ? json.getBytes(StandardCharsets.UTF_8) : payload;
        int sequence = lastSequence(handle, report.jobId(), destination);
        handle.createUpdate(
                        "insert into delivery (id, job_id, destination, sequence, kind, idempotency_key, state, attempts, report_json,"
                                + " payload, payload_sha256, created_at) values (:id, :job, :destination, :sequence, :kind, :key, 'PENDING', 0,"
                                + " :report, :payload, :sha, :now)")
                .bind("id", TimeUuid.at(now).toString())
                .bind("job", report.jobId())
                .bind("destination", destination)
                .bind("sequence", sequence + 1)
                .bind("kind", report.kind().name())
                .bind("key", key)
                .bind("report", json)
                .bind("payload", payload)
                .bind("sha", Sha256.hex(content))
                .bind("now", JobStore.utc(now))
                .execute();
        return true;
    }

    private static boolean revive(Handle handle, Delivery known) {
        if (known.state() != State.DEAD && known.state() != State.OVERTAKEN) {
            return known.state() == State.PENDING;
        }
        overtake(handle, known.jobId(), known.destination());
        int last = lastSequence(handle, known.jobId(), known.destination());
        handle.createUpdate("update delivery set state = 'PENDING', sequence = :sequence, attempts = 0, unfinished = 0,"
                        + " ended_at = null where id = :id")
                .bind("sequence", last == known.sequence() ? last : last + 1)
                .bind("id", known.id())
                .execute();
        return true;
    }

    /** What was given up or held at a receiver is told no more, since something newer is on its way there. */
    private static void overtake(Handle handle, String jobId, String destination) {
        handle.createUpdate("update delivery set state = 'OVERTAKEN' where job_id = :job and destination = :destination"
                        + " and state in ('DEAD', 'HELD')")
                .bind("job", jobId)
                .bind("destination", destination)
                .execute();
    }

    private static int lastSequence(Handle handle, String jobId, String destination) {
        return handle.createQuery(
                        "select coalesce(max(sequence), 0) from delivery where job_id = :job and destination = :destination")
                .bind("job", jobId)
                .bind("destination", destination)
                .mapTo(int.class)
                .one();
    }

    public Optional<Delivery> find(Handle handle, String id) {
        return handle.createQuery("select " + COLUMNS + " from delivery where id = :id")
                .bind("id", id)
                .map((row, context) -> delivery(row))
                .findOne();
    }

    /** The mask that a delivery to the PACS carries. */
    public byte[] payload(Handle handle, String id) {
        return handle.createQuery("select payload from delivery where id = :id")
                .bind("id", id)
                .map((row, context) -> Objects.requireNonNull(row.getBytes(1), "a mask has bytes"))
                .one();
    }

    /** A job's deliveries in the order in which they were made. */
    public List<Delivery> ofJob(Handle handle, String jobId) {
        return handle.createQuery(
                        "select " + COLUMNS + " from delivery where job_id = :job order by sequence, destination")
                .bind("job", jobId)
                .map((row, context) -> delivery(row))
                .list();
    }

    /** Counts the attempt that is about to be made; false when somebody else made one meanwhile. */
    public boolean countAttempt(Handle handle, Delivery delivery, Instant now) {
        return handle.createUpdate("update delivery set attempts = attempts + 1, unfinished = unfinished + 1,"
                                + " begun_at = :now where id = :id and state = 'PENDING' and attempts = :n")
                        .bind("now", JobStore.utc(now))
                        .bind("id", delivery.id())
                        .bind("n", delivery.attempts())
                        .execute()
                == 1;
    }

    /** Writes what became of attempt {@code attempt}; false when a later attempt was begun meanwhile (a frozen server came back). */
    public boolean settle(
            Handle handle,
            Delivery delivery,
            int attempt,
            State state,
            String code,
            @Nullable String receipt,
            Instant now) {
        return handle.createUpdate(
                                "update delivery set state = :state, result_code = :code, receipt = coalesce(:receipt, receipt),"
                                        + " unfinished = 0, ended_at = :ended where id = :id and state = 'PENDING' and attempts = :n")
                        .bind("state", state.name())
                        .bind("code", code)
                        .bind("receipt", receipt)
                        .bind("ended", state == State.PENDING ? null : JobStore.utc(now))
                        .bind("id", delivery.id())
                        .bind("n", attempt)
                        .execute()
                == 1;
    }

    /**
     * Makes a job's given-up and held deliveries pending again, but those after which their receiver was told something newer: the older
     * word must not arrive last. Returns how many.
     */
    public int reviveAll(Handle handle, String jobId) {
        handle.createUpdate("update delivery set state = 'OVERTAKEN' where job_id = :job and state in ('DEAD', 'HELD')"
                        + " and exists (select 1 from delivery newer where newer.job_id = delivery.job_id"
                        + " and newer.destination = delivery.destination and newer.sequence > delivery.sequence)")
                .bind("job", jobId)
                .execute();
        return handle.createUpdate(
                        "update delivery set state = 'PENDING', attempts = 0, unfinished = 0, ended_at = null"
                                + " where job_id = :job and state in ('DEAD', 'HELD')")
                .bind("job", jobId)
                .execute();
    }

    /** Tells something else of the order in a delivery that has not arrived yet. The mask's bytes stay. */
    void retell(Handle handle, Delivery delivery, FindingReport report) {
        String json = Json.write(report);
        boolean isMask = delivery.destination().equals(PACS);
        handle.createUpdate("update delivery set report_json = :json, payload_sha256 = :sha where id = :id")
                .bind("json", json)
                .bind("sha", isMask ? delivery.payloadSha256() : Sha256.hex(json.getBytes(StandardCharsets.UTF_8)))
                .bind("id", delivery.id())
                .execute();
    }

    /** Holds a job's deliveries that were never attempted; a retry lets them go. */
    void holdUnsent(Handle handle, String jobId, String code) {
        handle.createUpdate("update delivery set state = 'HELD', result_code = :code"
                        + " where job_id = :job and state = 'PENDING' and attempts = 0 and kind <> 'WITHDRAWN'")
                .bind("code", code)
                .bind("job", jobId)
                .execute();
    }

    /** Gives a job's pending deliveries the whole time again in which they are tried. */
    public void startAnew(Handle handle, String jobId, Instant now) {
        handle.createUpdate(
                        "update delivery set created_at = :now where job_id = :job and state = 'PENDING' and attempts = 0")
                .bind("now", JobStore.utc(now))
                .bind("job", jobId)
                .execute();
    }

    /** Changes a report that was not sent yet, not even perhaps; false when it was. */
    boolean rewrite(Handle handle, Delivery delivery, FindingReport report) {
        String json = Json.write(report);
        return handle.createUpdate("update delivery set report_json = :json, payload_sha256 = :sha"
                                + " where id = :id and state = 'PENDING' and attempts = 0 and result_code is null")
                        .bind("json", json)
                        .bind("sha", Sha256.hex(json.getBytes(StandardCharsets.UTF_8)))
                        .bind("id", delivery.id())
                        .execute()
                == 1;
    }

    /** When the last report of a job was made. */
    Optional<Instant> lastReport(Handle handle, String jobId) {
        return handle.createQuery("select created_at from delivery where job_id = :job and destination <> 'pacs'"
                        + " order by created_at desc limit 1")
                .bind("job", jobId)
                .map((row, context) -> Objects.requireNonNull(JobStore.instant(row, "created_at")))
                .findOne();
    }

    private static Delivery delivery(ResultSet row) throws SQLException {
        return new Delivery(
                row.getString("id"),
                row.getString("job_id"),
                row.getString("destination"),
                row.getInt("sequence"),
                FindingReport.Kind.valueOf(row.getString("kind")),
                row.getString("idempotency_key"),
                State.valueOf(row.getString("state")),
                row.getInt("attempts"),
                row.getInt("unfinished"),
                JobStore.instant(row, "begun_at"),
                row.getString("report_json"),
                row.getString("payload_sha256"),
                row.getString("result_code"),
                Objects.requireNonNull(JobStore.instant(row, "created_at")));
    }
}
