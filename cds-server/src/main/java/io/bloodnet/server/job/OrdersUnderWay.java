package io.bloodnet.server.job;

import io.bloodnet.server.store.Database;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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

    private static final Logger LOG = LoggerFactory.getLogger(OrdersUnderWay.class);

    private final Database database;
    private final JobStore jobs;
    private final Teller teller;
    private final InstantSource clock;
    /** Orders whose telling failed, by job id. In memory: after a restart they are told again, which changes nothing. */
    private final Map<String, Pause> paused = new ConcurrentHashMap<>();

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
    private record News(String jobId, boolean calledOff) {}

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

    private List<News> changed(Instant now) {
        return database.read(handle -> handle
                .createQuery(
                        "select j.id, t.state from job j left join ehr_task t on t.job_id = j.id where j.study_uid is not null"
                                + " and (t.state = :calledOff and j.state in (" + REPORTED + ")"
                                + " or (t.state is null or t.state not in (j.state, :calledOff))"
                                + " and (j.state = 'ON_HOLD' and j.accepted_at <= :quiet"
                                // what was reported stays told until a better look replaces it
                                + " or j.state = 'WAITING_FOR_IMAGES' and j.accepted_at <= :quiet and j.reported_at is null and j.result is null"
                                + " or j.state = 'ANALYZING' and j.images_complete_at <= :quiet and j.reported_at is null and j.result is null"
                                + " or j.state in ('CANCELLED', 'FAILED') and t.state is not null))"
                                + " order by j.priority, j.ordered_at limit :max")
                .bind("quiet", JobStore.utc(now.minus(QUIET)))
                .bind("max", TOLD_MAX + paused.size())
                .bind("calledOff", CALLED_OFF)
                .map((row, context) -> new News(row.getString(1), CALLED_OFF.equals(row.getString(2))))
                .list()
                .stream()
                .filter(news -> !isPaused(news.jobId(), now))
                .sorted(Comparator.comparing(
                        news -> paused.containsKey(news.jobId()))) // what did not fail yet comes first
                .limit(TOLD_MAX)
                .toList());
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

    private void forgetEnded(Instant now) {
        paused.values()
                .removeIf(
                        pause -> now.isAfter(pause.until().plus(ORDER_PAUSE_MAX))); // ended, or it would be told by now
        database.inTransaction(handle -> handle.createUpdate(
                        "delete from ehr_task where exists (select 1 from job j where j.id = ehr_task.job_id and (j.state in"
                                + " (" + REPORTED + ") and ehr_task.state <> '" + CALLED_OFF + "'"
                                + " or j.state in ('CANCELLED', 'FAILED') and j.state = ehr_task.state))")
                .execute());
    }
}
