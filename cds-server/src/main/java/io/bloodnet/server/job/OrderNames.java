package io.bloodnet.server.job;

import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.server.store.Inserts;
import io.bloodnet.server.store.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The names under which sources know jobs, and which job a message is about. A number names an order only together with who gave it and
 * whom it is about (promise 9): systems count alike, so several jobs may have one number. Each method works in the caller's transaction.
 * Stateless.
 */
public final class OrderNames {

    /** Jobs of one number that are looked at, newest first. */
    private static final int SAME_NUMBER_MAX = 50;

    private static final int NUMBER_CHARS_MAX = 250;

    private final JobStore jobs;

    public OrderNames(JobStore jobs) {
        this.jobs = jobs;
    }

    /** Parts of a key, strongest first. */
    private enum Kind {
        STUDY,
        ACCESSION,
        PLACER,
        FILLER;

        @Nullable
        Name of(OrderKey key) {
            return switch (this) {
                case STUDY ->
                    key.studyUid() == null
                            ? null
                            : new Name("study:" + key.studyUid().value(), null);
                case ACCESSION ->
                    key.accession() == null
                            ? null
                            : new Name("accession:" + key.accession().value(), null);
                case PLACER ->
                    key.placerNumber() == null
                            ? null
                            : new Name("placer:" + clip(key.placerNumber()), key.placerNamespace());
                case FILLER ->
                    key.fillerNumber() == null
                            ? null
                            : new Name("filler:" + clip(key.fillerNumber()), key.fillerNamespace());
            };
        }

        private static String clip(String number) {
            return number.length() <= NUMBER_CHARS_MAX ? number : number.substring(0, NUMBER_CHARS_MAX);
        }
    }

    /** @param namespace who gave the number; null when that was not said, or the name needs none */
    private record Name(String text, @Nullable String namespace) {}

    /**
     * A row of the table.
     *
     * @param nth which of the jobs of this name, from 0: the primary key with the name, so that two sources that race meet
     */
    public record Named(String name, int nth, @Nullable String namespace, String jobId) {

        public static final Table<Named> TABLE = new Table<>(
                "order_name",
                List.of(
                        Table.Column.of("name", Table.Kind.TEXT, Named::name),
                        Table.Column.of("nth", Table.Kind.INT, Named::nth),
                        Table.Column.of("namespace", Table.Kind.TEXT, Named::namespace),
                        Table.Column.of("job_id", Table.Kind.TEXT, Named::jobId)));
    }

    /** Which job a message is about. The job is locked until the transaction ends. */
    public sealed interface Match {
        /** None that we know. */
        record None() implements Match {}

        /** This one. */
        record Found(Job job) implements Match {}

        /** The number is this job's, but the message is about another patient, or could be about several. */
        record Contradicted(Job job) implements Match {}
    }

    /** The texts of a key's names, as jobs are first looked up by them. */
    public static List<String> texts(OrderKey key) {
        return names(key).stream().map(Name::text).toList();
    }

    /** Rows for a job whose names nobody has. */
    public static List<Named> first(OrderKey key, String jobId) {
        return names(key).stream()
                .map(name -> new Named(name.text(), 0, name.namespace(), jobId))
                .toList();
    }

    private static List<Name> names(OrderKey key) {
        List<Name> names = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            Name name = kind.of(key);
            if (name != null) {
                names.add(name);
            }
        }
        return names;
    }

    // ------------------------------------------------------------------ which job

    /** The job that the key names: by study, then accession, then placer and filler number. */
    public Match match(Handle handle, OrderKey key) {
        return match(handle, key, false);
    }

    /** As above, for a message that may give an order another accession number: placer and filler number find it all the same. */
    public Match matchRenamed(Handle handle, OrderKey key) {
        return match(handle, key, true);
    }

    private Match match(Handle handle, OrderKey key, boolean renamed) {
        for (Kind kind : Kind.values()) {
            Name name = kind.of(key);
            Optional<Match> match = name == null ? Optional.empty() : match(handle, key, kind, name, renamed);
            if (match.isPresent()) {
                return match.get();
            }
        }
        return new Match.None();
    }

    private Optional<Match> match(Handle handle, OrderKey key, Kind kind, Name name, boolean renamed) {
        List<Row> rows = rows(handle, name, key).stream()
                .filter(row -> !row.isOtherNamespace(name) && !row.isOtherOrder(key, kind, renamed))
                .toList();
        List<Row> same = rows.stream().filter(row -> row.isOf(key)).toList();
        if (same.isEmpty()) {
            boolean strong = kind == Kind.STUDY || kind == Kind.ACCESSION;
            return rows.stream()
                    .filter(row -> strong || row.isSurely(name))
                    .findFirst()
                    .flatMap(row -> jobs.lock(handle, row.jobId()))
                    .map(Match.Contradicted::new);
        }
        Row best = same.stream().filter(row -> row.isSurely(name)).findFirst().orElse(same.getFirst());
        boolean several = same.stream().map(Row::patientId).distinct().count() > 1;
        return jobs.lock(handle, best.jobId())
                .map(job -> several || !key.canBeAbout(job.order().patient().id())
                        ? new Match.Contradicted(job)
                        : new Match.Found(job));
    }

    private record Row(
            @Nullable String namespace,
            String jobId,
            String patientId,
            @Nullable String accession,
            @Nullable String studyUid) {

        boolean isOf(OrderKey key) {
            return key.patient() == null || key.numbers().anyMatch(number -> patientId.equals(number.value()));
        }

        /** Whether both say who gave the number, and agree. */
        boolean isSurely(Name name) {
            return namespace != null && name.namespace() != null && namespace.equalsIgnoreCase(name.namespace());
        }

        boolean isOtherNamespace(Name name) {
            return namespace != null && name.namespace() != null && !namespace.equalsIgnoreCase(name.namespace());
        }

        /** One number, but a stronger name that both have differs: another order of the same number. */
        boolean isOtherOrder(OrderKey key, Kind kind, boolean renamed) {
            boolean otherStudy = kind != Kind.STUDY
                    && studyUid != null
                    && key.studyUid() != null
                    && !studyUid.equals(key.studyUid().value());
            boolean otherAccession = kind.ordinal() > Kind.ACCESSION.ordinal()
                    && !renamed
                    && accession != null
                    && key.accession() != null
                    && !accession.equals(key.accession().value());
            return otherStudy || otherAccession;
        }
    }

    private static List<Row> rows(Handle handle, Name name, OrderKey key) {
        List<String> numbers = key.numbers().map(PatientId::value).toList();
        return handle.createQuery("select n.namespace, n.job_id, j.patient_id, j.accession, j.study_uid"
                        + " from order_name n join job j on j.id = n.job_id where n.name = :name"
                        + " order by case when j.patient_id in (<numbers>) then 0 else 1 end, n.nth desc limit :max")
                .bind("name", name.text())
                .bindList("numbers", numbers.isEmpty() ? List.of("") : numbers)
                .bind("max", SAME_NUMBER_MAX)
                .map((row, context) -> new Row(
                        row.getString(1), row.getString(2), row.getString(3), row.getString(4), row.getString(5)))
                .list();
    }

    // ------------------------------------------------------------------ names given and taken

    /** The job that has this study; a study is one job's. */
    Optional<String> ofStudy(Handle handle, OrderKey key) {
        Name name = Kind.STUDY.of(key);
        return name == null
                ? Optional.empty()
                : handle.createQuery("select job_id from order_name where name = :name and nth = 0")
                        .bind("name", name.text())
                        .mapTo(String.class)
                        .findOne();
    }

    /** Gives the job the key's names. A study that another job has stays with that one; numbers may be several jobs'. */
    public void add(Handle handle, String jobId, OrderKey key) {
        for (Kind kind : Kind.values()) {
            Name name = kind.of(key);
            if (name != null) {
                add(handle, jobId, kind, name);
            }
        }
    }

    private static void add(Handle handle, String jobId, Kind kind, Name name) {
        int known = handle.createUpdate("update order_name set namespace = coalesce(namespace, :namespace)"
                        + " where name = :name and job_id = :job")
                .bind("namespace", name.namespace())
                .bind("name", name.text())
                .bind("job", jobId)
                .execute();
        int next = handle.createQuery("select coalesce(max(nth) + 1, 0) from order_name where name = :name")
                .bind("name", name.text())
                .mapTo(int.class)
                .one();
        if (known == 0 && (kind != Kind.STUDY || next == 0)) {
            new Inserts()
                    .add(Named.TABLE, List.of(new Named(name.text(), next, name.namespace(), jobId)))
                    .write(handle.getConnection());
        }
    }

    /** Takes all names from a job, so that a replacement can have them. */
    public void drop(Handle handle, String jobId) {
        handle.createUpdate("delete from order_name where job_id = :id")
                .bind("id", jobId)
                .execute();
    }
}
