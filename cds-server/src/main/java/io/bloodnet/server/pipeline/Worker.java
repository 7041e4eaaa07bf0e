package io.bloodnet.server.pipeline;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerBuilder;
import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.logging.LogLevel;
import com.github.kagkarlsson.scheduler.task.CompletionHandler;
import com.github.kagkarlsson.scheduler.task.helper.CustomTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import io.bloodnet.server.result.Schedule;
import io.bloodnet.server.store.Database;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs what is due in one lane, with db-scheduler: many servers may share one database; what a dead server had claimed is found by its
 * missing heartbeats. Runs execute on virtual threads, at most {@code threads} at a time.
 */
public final class Worker implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    private static final Duration POLL = Duration.ofSeconds(1);
    /** Runs that are due sooner than this are not left to the poll, which comes up to a period late. */
    private static final Duration SOON = Duration.ofSeconds(6);

    /** The run's row is written after the run has said when it runs again. */
    private static final long AFTER_DUE_MS = 10;

    private static final Duration HEARTBEAT = Duration.ofSeconds(10);
    private static final int MISSED_HEARTBEATS_MAX = 4;
    private static final Duration DRAIN_MAX = Duration.ofSeconds(25);
    private static final Duration AFTER_BREAKAGE = Duration.ofSeconds(5);

    private final Scheduler scheduler;
    private final Database database;
    private final Schedule.Queue queue;
    private final String serverName;
    private final Breaker breaker;
    private final AtomicBoolean resting = new AtomicBoolean();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("bloodnet-lane-rest").daemon().factory());

    private Worker(
            Database database,
            Schedule.Queue queue,
            int threads,
            String serverName,
            Function<String, Next> run,
            Breaker breaker,
            InstantSource clock) {
        this.database = database;
        this.queue = queue;
        this.serverName = serverName;
        this.breaker = breaker;
        CustomTask<Void> task = Tasks.custom(queue.task, Void.class)
                .onFailure((done, operations) ->
                        operations.reschedule(done, clock.instant().plus(AFTER_BREAKAGE)))
                .onDeadExecution((done, operations) -> operations.reschedule(done, clock.instant()))
                .execute((instance, context) -> {
                    Next next = run.apply(instance.getId());
                    restIfAway();
                    wakeInTime(next, clock);
                    return after(next);
                });
        SchedulerBuilder builder = Scheduler.create(database.dataSource(), task)
                .tableName(queue.table)
                .threads(threads)
                .executorService(Executors.newFixedThreadPool(
                        threads,
                        Thread.ofVirtual()
                                .name("bloodnet-" + queue.task + "-", 0)
                                .factory()))
                .schedulerName(new SchedulerName.Fixed(serverName))
                .pollingInterval(POLL)
                .heartbeatInterval(HEARTBEAT)
                .missedHeartbeatsLimit(MISSED_HEARTBEATS_MAX)
                .shutdownMaxWait(DRAIN_MAX)
                .enablePriority()
                .alwaysPersistTimestampInUTC()
                .failureLogging(LogLevel.ERROR, true)
                .clock(clock::instant);
        // H2 knows one strategy only; on PostgreSQL claiming in one statement spares servers the races.
        this.scheduler = (database.isH2() ? builder : builder.pollUsingLockAndFetch(0.5, 1.0)).build();
    }

    /** The lane of jobs. */
    public static Worker ofJobs(
            Database database,
            int threads,
            String serverName,
            ImagingPipeline pipeline,
            Lanes lanes,
            InstantSource clock) {
        Schedule.Queue jobs = Schedule.Queue.JOBS;
        return new Worker(database, jobs, threads, serverName, pipeline::run, lanes.breaker(jobs), clock);
    }

    /** A lane for each destination that there can be: one that is not configured any more has its deliveries told so. */
    public static List<Worker> ofDeliveries(
            Database database, String serverName, DeliveryRun deliveries, Lanes lanes, InstantSource clock) {
        return Stream.of(Schedule.Queue.PACS, Schedule.Queue.EHR, Schedule.Queue.HL7)
                .map(lane -> new Worker(
                        database, lane, lane.threads, serverName, deliveries::run, lanes.breaker(lane), clock))
                .toList();
    }

    /** Picks nothing while the peer is away: rows that nobody can act on are not written either. */
    private void restIfAway() {
        Duration rest = breaker.rest();
        if (!rest.isZero() && resting.compareAndSet(false, true)) {
            scheduler.pause();
            var unused = timer.schedule(
                    () -> {
                        resting.set(false);
                        scheduler.resume();
                        scheduler.triggerCheckForDueExecutions();
                    },
                    rest.toMillis(),
                    TimeUnit.MILLISECONDS);
        }
    }

    /** What runs again before the next poll would find it is looked for when it is due. */
    private void wakeInTime(Next next, InstantSource clock) {
        if (next instanceof Next.At(Instant when)) {
            Duration until = Duration.between(clock.instant(), when);
            if (until.compareTo(SOON) < 0 && !timer.isShutdown()) {
                var unused = timer.schedule(
                        scheduler::triggerCheckForDueExecutions,
                        Math.max(0, until.toMillis()) + AFTER_DUE_MS,
                        TimeUnit.MILLISECONDS);
            }
        }
    }

    private static CompletionHandler<Void> after(Next next) {
        return switch (next) {
            case Next.Done() -> (done, operations) -> operations.stop();
            case Next.At(Instant when) -> (done, operations) -> operations.reschedule(done, when);
        };
    }

    /** Takes back what this server had claimed when it last died, and begins. */
    public void start() {
        int released = database.inTransaction(handle -> Schedule.release(handle, queue, serverName));
        if (released > 0) {
            LOG.info("{} {}s were under way when the server last ended; they go on", released, queue.task);
        }
        scheduler.start();
    }

    /** There may be something due now. */
    public void wake() {
        scheduler.triggerCheckForDueExecutions();
    }

    /** Takes no more, and waits for what runs, at most {@code DRAIN_MAX}. */
    @Override
    public void close() {
        timer.shutdownNow();
        scheduler.stop();
    }
}
