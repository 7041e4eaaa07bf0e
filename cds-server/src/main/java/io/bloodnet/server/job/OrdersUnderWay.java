package io.bloodnet.server.job;

import io.bloodnet.server.store.Database;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the EHR of orders that have had no result for a while: that they wait, are looked at, held, failed or cancelled. What has a
 * result tells of itself, so most orders never come here. A chore of its own: no order and no delivery waits for it. Several servers may
 * do it at once, since telling the same again changes nothing. Safe for all threads.
 */
public final class OrdersUnderWay {

    /** What ends sooner is told by its result alone. */
    public static final Duration QUIET = Duration.ofSeconds(10);

    /** Failures in a row that look like an EHR which is away, not like an order that it does not take. */
    public static final int FAILURES_MAX = 3;

    /** Silence of all orders then: an EHR that is away, or does not let us see Tasks, is not asked all the time. */
    public static final Duration PAUSE = Duration.ofMinutes(1);

    /** Silence of one order after its own first failure; doubled with each further one, up to {@link #ORDER_PAUSE_MAX}. */
    public static final Duration ORDER_PAUSE = Duration.ofSeconds(10);

    public static final Duration ORDER_PAUSE_MAX = Duration.ofHours(1);

    private static final String REPORTED = "'REPORTED_POSITIVE', 'REPORTED_NEGATIVE', 'NOT_ANALYZED'";

    /** In place of a state: the order was called off when its result was filed already. */
    private static final String CALLED_OFF = "CALLED_OFF";

    /** Orders told of in one go, so that other chores have their turn. */
    private static final int TOLD_MAX = 20;

    /** Orders that one look reads of each kind; where more are under way, each look goes on where the last one ended. */
    private static final int PAGE = 1_000;

    private static final String NEWS = "select j.id, j.priority, j.ordered_at from job j";

    private static final Logger LOG = LoggerFactory.getLogger(OrdersUnderWay.class);

    private final Database database;
    private final JobStore jobs;
    private final Teller teller;
    private final InstantSource clock;
    /** Orders whose telling failed, by job id. In memory: after a restart they are told again, which changes nothing. */
    private final Map<String, Pause> paused = new ConcurrentHashMap<>();

    private final List<JobWalk> walks = Stream.of(JobState.ON_HOLD, JobState.WAITING_FOR_IMAGES, JobState.ANALYZING)
            .map(state -> new JobWalk(state, PAGE))
            .toList();
    /** Up to which job the looks before this one have seen what the EHR was told of. */
    private String toldSeen = "";
    /** What this look sees of it. */
    private List<String> told = List.of();

    private volatile Instant notBefore = Instant.EPOCH;

    private record Pause(Duration length, Instant until) {}

    /** Who is told. Both MUST be idempotent. */
    public interface Teller {
        /**
         * Tells how an order of a known study stands.
         *
         * @return false when it should be told again soon
         * @throws RuntimeException when nothing can be told now
         */
        boolean tell(Job job);

        /**
         * Tells that an order was called off too late: its result was filed and stays.
         *
         * @return false when it should be told again soon
         * @throws RuntimeException when nothing can be told now
         */
        boolean tellCalledOff(Job job);
    }

    /** What the EHR does not know yet of an order. */
    private record News(String jobId, boolean calledOff, int priority, Instant orderedAt) {}

    /** All ports first, then the clock. */
    public OrdersUnderWay(Database database, JobStore jobs, Teller teller, InstantSource clock) {
        this.database = database;
        this.jobs = jobs;
        this.teller = teller;
        this.clock = clock;
    }

    /**
     * Tells once what is new. Returns of how many orders. An order that cannot be told holds up no other: it is told again later and later
     * while it fails, and only {@link #FAILURES_MAX} failures in a row pause all.
     */
    public int tell() {
        Instant now = clock.instant();
        if (now.isBefore(notBefore)) {
            return 0;
        }
        int told = 0;
        int failures = 0;
        for (News news : changed(now)) {
            Job job = database.read(handle -> jobs.find(handle, news.jobId())).orElseThrow();
            try {
                if (news.calledOff() ? teller.tellCalledOff(job) : teller.tell(job)) {
                    remember(job, news);
                    paused.remove(job.id());
                    told++;
                } else {
                    pause(job);
                }
                failures = 0;
            } catch (RuntimeException e) {
                Duration length = pause(job);
                LOG.warn(
                        "job {}: the EHR could not be told how it stands, next: told in {}: {}",
                        job.id(),
                        length,
                        e.toString());
                failures++;
                if (failures == FAILURES_MAX) {
                    notBefore = clock.instant().plus(PAUSE);
                    break;
                }
            }
        }
        forgetEnded(now);
        return told;
    }

    private Duration pause(Job job) {
        Pause before = paused.get(job.id());
        Duration length = before == null ? ORDER_PAUSE : before.length().multipliedBy(2);
        length = length.compareTo(ORDER_PAUSE_MAX) > 0 ? ORDER_PAUSE_MAX : length;
        paused.put(job.id(), new Pause(length, clock.instant().plus(length)));
        return length;
    }

    /** The most urgent of what is new, those that failed before last. */
    private synchronized List<News> changed(Instant now) {
        Map<String, News> all = new HashMap<>();
        database.read(handle -> {
            Set<String> ids = new LinkedHashSet<>();
            walks.forEach(walk -> ids.addAll(walk.look(handle)));
            calledOffTooLate(handle).forEach(news -> all.put(news.jobId(), news));
            ended(handle).forEach(news -> all.putIfAbsent(news.jobId(), news));
            underWay(handle, ids, now).forEach(news -> all.putIfAbsent(news.jobId(), news));
            return true;
        });
        return all.values().stream()
                .filter(news -> !isPaused(news.jobId(), now))
                .sorted(Comparator.comparing((News news) -> paused.containsKey(news.jobId()))
                        .thenComparing(News::priority)
                        .thenComparing(News::orderedAt))
                .limit(TOLD_MAX)
                .toList();
    }

    private static List<News> underWay(Handle handle, Set<String> ids, Instant now) {
        return handle.createQuery(
                        NEWS + " left join ehr_task t on t.job_id = j.id where j.id = any(:ids)"
                                + " and j.study_uid is not null and (t.state is null or t.state not in (j.state, :calledOff))"
                                + " and (j.state = 'ON_HOLD' and j.accepted_at <= :quiet"
                                // what was reported stays told until a better look replaces it
                                + " or j.state = 'WAITING_FOR_IMAGES' and j.accepted_at <= :quiet and j.reported_at is null and j.result is null"
                                + " or j.state = 'ANALYZING' and j.images_complete_at <= :quiet and j.reported_at is null and j.result is null)")
                .bindArray("ids", String.class, ids.toArray())
                .bind("quiet", JobStore.utc(now.minus(QUIET)))
                .bind("calledOff", CALLED_OFF)
                .map((row, context) -> news(row, false))
                .list();
    }

    private static List<News> calledOffTooLate(Handle handle) {
        return handle.createQuery(NEWS + " join (select job_id, state from ehr_task where state = :calledOff"
                        + " order by state, job_id limit :page) t on t.job_id = j.id where j.study_uid is not null and j.state in ("
                        + REPORTED + ")")
                .bind("calledOff", CALLED_OFF)
                .bind("page", PAGE)
                .map((row, context) -> news(row, true))
                .list();
    }

    /** What the EHR was told of and what was cancelled or failed since then. */
    private List<News> ended(Handle handle) {
        List<String> page = handle.createQuery(
                        "select job_id from ehr_task where job_id > :from order by job_id limit :page")
                .bind("from", toldSeen)
                .bind("page", PAGE)
                .mapTo(String.class)
                .list();
        toldSeen = page.size() < PAGE ? "" : page.getLast();
        told = page;
        return handle.createQuery(
                        NEWS + " join ehr_task t on t.job_id = j.id where j.id = any(:ids)"
                                + " and j.study_uid is not null and j.state in ('CANCELLED', 'FAILED') and t.state not in (j.state, :calledOff)")
                .bindArray("ids", String.class, page.toArray())
                .bind("calledOff", CALLED_OFF)
                .map((row, context) -> news(row, false))
                .list();
    }

    private static News news(ResultSet row, boolean calledOff) throws SQLException {
        return new News(
                row.getString("id"),
                calledOff,
                row.getInt("priority"),
                Objects.requireNonNull(JobStore.instant(row, "ordered_at")));
    }

    private boolean isPaused(String id, Instant now) {
        Pause pause = paused.get(id);
        return pause != null && now.isBefore(pause.until());
    }

    private void remember(Job job, News news) {
        database.inTransaction(handle -> {
            jobs.lock(handle, job.id()); // a message that calls the order off waits, or was before us
            if (news.calledOff()) {
                return handle.execute("delete from ehr_task where job_id = ?", job.id()) > 0;
            }
            return put(handle, job.id(), job.state().name());
        });
    }

    /**
     * Has the EHR told that an order was called off too late. What is filed stays (mapping table 4).
     *
     * @param handle of a transaction that holds the job's lock
     */
    public static void calledOff(Handle handle, Job job) {
        put(handle, job.id(), CALLED_OFF);
    }

    private static boolean put(Handle handle, String jobId, String state) {
        int known = handle.execute(
                "update ehr_task set state = case when state = ? then state else ? end where job_id = ?",
                CALLED_OFF,
                state,
                jobId);
        return known > 0 || handle.execute("insert into ehr_task (job_id, state) values (?, ?)", jobId, state) > 0;
    }

    private synchronized void forgetEnded(Instant now) {
        paused.values()
                .removeIf(
                        pause -> now.isAfter(pause.until().plus(ORDER_PAUSE_MAX))); // ended, or it would be told by now
        if (told.isEmpty()) {
            return;
        }
        database.inTransaction(handle -> handle.createUpdate(
                        "delete from ehr_task where job_id = any(:ids) and exists (select 1 from job j where j.id = ehr_task.job_id and (j.state in"
                                + " (" + REPORTED + ") and ehr_task.state <> '" + CALLED_OFF + "'"
                                + " or j.state in ('CANCELLED', 'FAILED') and j.state = ehr_task.state))")
                .bindArray("ids", String.class, told.toArray())
                .execute());
    }
}
