package io.bloodnet.server.pipeline;

import io.bloodnet.server.store.Database;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the EHR of orders that have had no result for a while: that they wait, are looked at, held, failed or cancelled. What has a
 * result tells of itself, so most orders never come here. A chore of its own: no order and no delivery waits for it. Several servers may
 * do it at once, since telling the same again changes nothing. Safe for all threads.
 */
public final class OrdersUnderWay {

    /** What ends sooner is told by its result alone. */
    static final Duration QUIET = Duration.ofSeconds(10);

    /** Failures in a row that look like an EHR which is away, not like an order that it does not take. */
    static final int FAILURES_MAX = 3;

    /** Silence of all orders then: an EHR that is away, or does not let us see Tasks, is not asked all the time. */
    static final Duration PAUSE = Duration.ofMinutes(1);

    /** Silence of one order after its own first failure; doubled with each further one, up to {@link #ORDER_PAUSE_MAX}. */
    static final Duration ORDER_PAUSE = Duration.ofSeconds(10);

    static final Duration ORDER_PAUSE_MAX = Duration.ofHours(1);

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

    /** Who is told. */
    @FunctionalInterface
    public interface Teller {
        /**
         * Tells how an order of a known study stands. MUST be idempotent.
         *
         * @return false when it should be told again soon
         * @throws RuntimeException when nothing can be told now
         */
        boolean tell(Job job);
    }

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
        for (Job job : changed(now)) {
            try {
                if (teller.tell(job)) {
                    remember(job);
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

    private List<Job> changed(Instant now) {
        return database.read(handle -> handle
                .createQuery(
                        "select j.id from job j left join ehr_task t on t.job_id = j.id where j.study_uid is not null"
                                + " and (t.state is null or t.state <> j.state)"
                                + " and (j.state in ('WAITING_FOR_IMAGES', 'ON_HOLD') and j.accepted_at <= :quiet"
                                + " or j.state = 'ANALYZING' and j.images_complete_at <= :quiet"
                                + " or j.state in ('CANCELLED', 'FAILED') and t.state is not null)"
                                + " order by j.priority, j.ordered_at limit :max")
                .bind("quiet", JobStore.utc(now.minus(QUIET)))
                .bind("max", TOLD_MAX + paused.size())
                .mapTo(String.class)
                .list()
                .stream()
                .filter(id -> !isPaused(id, now))
                .sorted(Comparator.comparing(paused::containsKey)) // what did not fail yet comes first
                .limit(TOLD_MAX)
                .flatMap(id -> jobs.find(handle, id).stream())
                .toList());
    }

    private boolean isPaused(String id, Instant now) {
        Pause pause = paused.get(id);
        return pause != null && now.isBefore(pause.until());
    }

    private void remember(Job job) {
        database.inTransaction(handle -> {
            int known = handle.createUpdate("update ehr_task set state = :state where job_id = :id")
                    .bind("state", job.state().name())
                    .bind("id", job.id())
                    .execute();
            if (known == 0) {
                handle.createUpdate("insert into ehr_task (job_id, state) values (:id, :state)")
                        .bind("id", job.id())
                        .bind("state", job.state().name())
                        .execute();
            }
            return true;
        });
    }

    private void forgetEnded(Instant now) {
        paused.values()
                .removeIf(
                        pause -> now.isAfter(pause.until().plus(ORDER_PAUSE_MAX))); // ended, or it would be told by now
        database.inTransaction(handle -> handle.createUpdate(
                        "delete from ehr_task where exists (select 1 from job j where j.id = ehr_task.job_id and (j.state in"
                                + " ('REPORTED_POSITIVE', 'REPORTED_NEGATIVE', 'NOT_ANALYZED')"
                                + " or j.state in ('CANCELLED', 'FAILED') and j.state = ehr_task.state))")
                .execute());
    }
}
