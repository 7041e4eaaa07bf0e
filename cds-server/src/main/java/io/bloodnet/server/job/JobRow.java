package io.bloodnet.server.job;

import static io.bloodnet.server.store.Table.Kind.BOOLEAN;
import static io.bloodnet.server.store.Table.Kind.DOUBLE;
import static io.bloodnet.server.store.Table.Kind.INT;
import static io.bloodnet.server.store.Table.Kind.LONG;
import static io.bloodnet.server.store.Table.Kind.TEXT;
import static io.bloodnet.server.store.Table.Kind.TIME;

import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.server.store.Json;
import io.bloodnet.server.store.Table;
import io.bloodnet.server.store.Table.Column;
import io.bloodnet.server.store.Table.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A job as it is written: what of it stands in which column.
 *
 * @param now when it is written
 */
record JobRow(Job job, Instant now) {

    static final Table<JobRow> TABLE = new Table<>(
            "job",
            List.of(
                    of("id", TEXT, Job::id),
                    of("state", TEXT, job -> job.state().name()),
                    of("reason", TEXT, Job::reason),
                    of("resume_state", TEXT, job -> maybe(job.resumeState(), JobState::name)),
                    ordered("priority", INT, order -> order.priority().ordinal()),
                    ordered("patient_id", TEXT, order -> order.patient().id().value()),
                    ordered("ehr_patient", TEXT, order -> order.ehr().patient()),
                    ordered("accession", TEXT, order -> maybe(order.key().accession(), a -> a.value())),
                    ordered("study_uid", TEXT, order -> maybe(order.key().studyUid(), u -> u.value())),
                    ordered("order_json", TEXT, Json::write),
                    of("finding_json", TEXT, job -> maybe(job.finding(), f -> Json.write(new JobStore.Stored(f)))),
                    of("facts_json", TEXT, job -> maybe(job.facts(), Json::write)),
                    analyzed("probability", DOUBLE, Finding.Analyzed::probability),
                    analyzed("blood_volume_ml", DOUBLE, Finding.Analyzed::bloodVolumeMl),
                    analyzed("threshold", DOUBLE, Finding.Analyzed::threshold),
                    of("result", TEXT, job -> maybe(job.finding(), JobStore::result)),
                    of(
                            "worklist_rank",
                            INT,
                            job -> job.finding() instanceof Finding.Analyzed a && a.positive() ? 0 : 1),
                    analyzed("model_id", TEXT, finding -> finding.model().id()),
                    analyzed("model_version", TEXT, finding -> finding.model().version()),
                    of("images_complete", BOOLEAN, Job::imagesComplete),
                    of("instances_seen", INT, Job::slicesSeen),
                    of("instances_since", TIME, Job::slicesSince),
                    of("overdue", BOOLEAN, Job::overdue),
                    of("run", LONG, Job::run),
                    of("version", LONG, Job::version),
                    of("attempts", INT, Job::attempts),
                    of("outages", INT, Job::outages),
                    of("waiting_since", TIME, Job::waitingSince),
                    of("incomplete_since", TIME, Job::incompleteSince),
                    of("in_doubt", BOOLEAN, Job::inDoubt),
                    of("images_digest", TEXT, Job::imagesDigest),
                    ordered("ordered_at", TIME, ImagingOrder::orderedAt),
                    of("accepted_at", TIME, Job::acceptedAt),
                    of("images_complete_at", TIME, Job::imagesCompleteAt),
                    of("reported_at", TIME, Job::reportedAt),
                    of("human_read_at", TIME, Job::humanReadAt),
                    of("human_says", BOOLEAN, Job::humanSays),
                    of("human_report", TEXT, Job::humanReport),
                    of("human_taken_back_at", TIME, Job::humanTakenBackAt),
                    Column.of("updated_at", TIME, JobRow::now)));

    /** What never changes, or has a statement of its own. */
    private static final Set<String> KEPT = Set.of("id", "run", "version", "ordered_at", "accepted_at");

    private static final List<Column<JobRow>> CHANGING = TABLE.columns().stream()
            .filter(column -> !KEPT.contains(column.name()))
            .toList();

    /** Writes all that may change, of a job that is still of this run and that nobody has saved since it was read. */
    static final String UPDATE = CHANGING.stream()
            .map(column -> column.name() + " = " + column.parameter())
            .collect(Collectors.joining(
                    ", ", "update job set version = version + 1, ", " where id = ? and run = ? and version = ?"));

    /** The parameters of {@link #UPDATE}. */
    static List<@Nullable Object> updated(JobRow row) {
        List<@Nullable Object> values = new ArrayList<>(CHANGING.size() + 3);
        CHANGING.forEach(column -> values.add(column.of(row)));
        values.add(row.job().id());
        values.add(row.job().run());
        values.add(row.job().version());
        return values;
    }

    private static Column<JobRow> of(String name, Kind kind, Function<Job, @Nullable Object> value) {
        return Column.of(name, kind, row -> value.apply(row.job()));
    }

    private static Column<JobRow> ordered(String name, Kind kind, Function<ImagingOrder, @Nullable Object> value) {
        return of(name, kind, job -> value.apply(job.order()));
    }

    private static Column<JobRow> analyzed(String name, Kind kind, Function<Finding.Analyzed, Object> value) {
        return of(name, kind, job -> job.finding() instanceof Finding.Analyzed found ? value.apply(found) : null);
    }

    private static <T> @Nullable Object maybe(@Nullable T value, Function<T, Object> some) {
        return value == null ? null : some.apply(value);
    }
}
