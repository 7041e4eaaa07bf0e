package io.bloodnet.server.worklist;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.imaging.finding.FindingNumbers;
import io.bloodnet.imaging.order.Priority;
import io.bloodnet.server.job.JobCounts;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.store.Database;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The worklist as DESIGN section 5 gives it. Holds no patient data but the accession number and the Study Instance UID. Safe for all threads. */
public final class WorklistQuery {

    /** Most unfinished jobs on one worklist, most urgent first. */
    public static final int UNFINISHED_MAX = 2_000;

    /** Most ended jobs on one worklist, newest first. */
    public static final int ENDED_MAX = 500;

    private static final List<JobState> ENDED =
            List.of(JobState.REPORTED_POSITIVE, JobState.REPORTED_NEGATIVE, JobState.NOT_ANALYZED, JobState.CANCELLED);

    private static final List<JobState> UNFINISHED = Arrays.stream(JobState.values())
            .filter(state -> !ENDED.contains(state))
            .toList();

    /** The first of one state, suspected bleeds before all others, as its index has them; the rank is named so that H2 takes that index. */
    private static final String UNFINISHED_SQL =
            "= :state and worklist_rank in (0, 1) order by state, worklist_rank, priority, ordered_at, id";
    /** The newest of one state, as its index has them. */
    private static final String ENDED_SQL = "= :state order by state, updated_at desc, id";

    private static final String VERSION_SQL =
            "select (select max(updated_at) from job) as at, (select max(seen_at) from suspicion_seen) as seen";

    private static final String ITEMS =
            "select id, state, reason, priority, worklist_rank, accession, study_uid, probability, threshold, blood_volume_ml,"
                    + " ordered_at, images_complete_at, reported_at, overdue, updated_at, version, result, in_doubt, model_version,"
                    + " human_read_at, human_says, seen_at, s.name as seen_by, s.finding as seen_finding,"
                    + " flag_card_ms, flag_ehr_ms, flag_hl7_ms from job left join suspicion_seen s on s.job_id = job.id where state ";

    private static final double MS = 1_000;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Database database;

    /** Reads from this database. */
    public WorklistQuery(Database database) {
        this.database = database;
    }

    /** {@code {"items":[...],"counts":{state: n}}}; unfinished jobs first, in each part suspected bleeds first. */
    public ObjectNode read() {
        return database.read(handle -> {
            ObjectNode root = JSON.createObjectNode();
            ArrayNode items = root.putArray("items");
            items(handle).forEach(items::add);
            ObjectNode counts = root.putObject("counts");
            JobCounts.read(handle).forEach((state, n) -> counts.put(state.name(), n));
            return root;
        });
    }

    /** Changes when a job does (not when another server's slow clock wrote it, and no count changed): cheap enough to ask every second. */
    public String version() {
        return database.read(handle -> {
            String counts = JobCounts.read(handle).toString();
            return handle.createQuery(VERSION_SQL)
                    .map((row, context) -> counts + "@" + row.getObject("at", OffsetDateTime.class) + "@"
                            + row.getObject("seen", OffsetDateTime.class))
                    .one();
        });
    }

    private static List<ObjectNode> items(Handle handle) {
        List<ObjectNode> all = new ArrayList<>();
        first(handle, UNFINISHED, UNFINISHED_SQL, UNFINISHED_MAX, MOST_URGENT).forEach(row -> all.add(row.item()));
        first(
                        handle,
                        ENDED,
                        ENDED_SQL,
                        ENDED_MAX,
                        Comparator.comparing(Row::changedAt).reversed())
                .stream()
                .sorted(Comparator.comparing(Row::rank)) // stable: newest first in each
                .forEach(row -> all.add(row.item()));
        return all;
    }

    /** The first of several states: of each, those that could be among them are read in the index's order. */
    private static List<Row> first(Handle handle, List<JobState> states, String which, int max, Comparator<Row> order) {
        List<Row> rows = new ArrayList<>();
        for (JobState state : states) {
            rows.addAll(handle.createQuery(ITEMS + which + " limit :max")
                    .bind("state", state.name())
                    .bind("max", max)
                    .map((row, context) -> row(row))
                    .list());
        }
        return rows.stream().sorted(order).limit(max).toList();
    }

    private record Row(
            int rank, int priority, OffsetDateTime orderedAt, String id, OffsetDateTime changedAt, ObjectNode item) {}

    private static final Comparator<Row> MOST_URGENT = Comparator.comparing(Row::rank)
            .thenComparing(Row::priority)
            .thenComparing(Row::orderedAt)
            .thenComparing(Row::id);

    private static Row row(ResultSet row) throws SQLException {
        return new Row(
                row.getInt("worklist_rank"),
                row.getInt("priority"),
                row.getObject("ordered_at", OffsetDateTime.class),
                row.getString("id"),
                row.getObject("updated_at", OffsetDateTime.class),
                item(row));
    }

    private static ObjectNode item(ResultSet row) throws SQLException {
        ObjectNode item = JSON.createObjectNode();
        item.put("jobId", row.getString("id"));
        item.put("state", row.getString("state"));
        item.put("reason", reason(row));
        item.put("priority", Priority.values()[row.getInt("priority")].name());
        item.put("accessionNumber", row.getString("accession"));
        item.put("studyInstanceUid", row.getString("study_uid"));
        score(item, row);
        item.put("orderedAt", time(row, "ordered_at"));
        item.put("imagesCompleteAt", time(row, "images_complete_at"));
        item.put("reportedAt", time(row, "reported_at"));
        item.set("timeToFlag", timeToFlag(row));
        people(item, row);
        return item;
    }

    /** Seconds from order and images both there to the first word of a suspected bleed, by stage; null when there was none. */
    private static @Nullable ObjectNode timeToFlag(ResultSet row) throws SQLException {
        Double card = number(row, "flag_card_ms");
        if (card == null) {
            return null;
        }
        ObjectNode times = JSON.createObjectNode();
        times.put("cardSeconds", card / MS);
        Double ehr = number(row, "flag_ehr_ms");
        Double hl7 = number(row, "flag_hl7_ms");
        times.put("ehrSeconds", ehr == null ? null : ehr / MS);
        times.put("hl7Seconds", hl7 == null ? null : hl7 / MS);
        return times;
    }

    /** What people have to do with it. A suspicion that is in doubt is shown to nobody as one. */
    private static void people(ObjectNode item, ResultSet row) throws SQLException {
        item.put("suspected", "positive".equals(row.getString("result")) && !row.getBoolean("in_doubt"));
        item.put("threshold", number(row, "threshold"));
        item.put("overdue", row.getBoolean("overdue"));
        item.put("version", row.getLong("version"));
        item.put("readAt", time(row, "human_read_at"));
        String finding =
                SeenFinding.of(row.getString("result"), number(row, "probability"), row.getString("model_version"));
        boolean seen = finding.equals(row.getString("seen_finding"));
        item.put("seenAt", seen ? time(row, "seen_at") : null);
        item.put("seenBy", seen ? row.getString("seen_by") : null);
    }

    /** The numbers, and how every report writes them. */
    private static void score(ObjectNode item, ResultSet row) throws SQLException {
        Double probability = number(row, "probability");
        Double threshold = number(row, "threshold");
        Double ml = number(row, "blood_volume_ml");
        FindingNumbers numbers = probability == null || threshold == null || ml == null
                ? null
                : FindingNumbers.of(probability, threshold, ml);
        item.put("probability", probability);
        item.put("bloodVolumeMl", numbers == null || numbers.volumeMl() == null ? null : ml);
        item.put(
                "probabilityText",
                numbers == null ? null : numbers.probability().toPlainString());
        item.put("bloodVolumeText", numbers == null ? null : numbers.volumeText());
    }

    private static @Nullable String reason(ResultSet row) throws SQLException {
        String reason = row.getString("reason");
        boolean waiting = "WAITING_FOR_IMAGES".equals(row.getString("state"));
        return reason == null && waiting && row.getBoolean("overdue") ? "images are overdue" : reason;
    }

    private static @Nullable Double number(ResultSet row, String column) throws SQLException {
        double value = row.getDouble(column);
        return row.wasNull() ? null : value;
    }

    private static @Nullable String time(ResultSet row, String column) throws SQLException {
        OffsetDateTime at = row.getObject(column, OffsetDateTime.class);
        return at == null ? null : Instant.from(at).toString();
    }
}
