package io.bloodnet.server;

import io.bloodnet.server.http.Metrics;
import io.bloodnet.server.job.JobCounts;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.result.Outbox;
import io.bloodnet.server.result.Schedule;
import io.bloodnet.server.store.Database;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** What a scrape asks the database: how many orders and deliveries are where. No row of a job is read. Safe for all threads. */
final class WorkCounts {

    /** Deliveries of one receiver and state that are counted; where more wait, this number is told. */
    static final int COUNTED_MAX = 2_000;

    private static final List<String> DESTINATIONS = List.of(Outbox.PACS, "ehr", "hl7");
    private static final List<Outbox.State> OPEN = List.of(Outbox.State.PENDING, Outbox.State.DEAD, Outbox.State.HELD);

    private static final double MS = 1_000;

    private final Database database;
    private final InstantSource clock;

    WorkCounts(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** Has all of it shown at each scrape. */
    void show(Metrics metrics) {
        metrics.help("bloodnet_jobs", "orders by state");
        metrics.help(
                "bloodnet_deliveries",
                "deliveries that have not arrived, by receiver and state, " + COUNTED_MAX
                        + " at most; DEAD and HELD need a person");
        metrics.help(
                "bloodnet_queue_oldest_seconds",
                "how long what is due longest in a lane has been due: it waits for a place, or its peer is away");
        metrics.samples(this::jobs);
        metrics.samples(this::deliveries);
        metrics.samples(this::queues);
    }

    /** How long what is due has waited, by lane. */
    List<Metrics.Sample> queues() {
        return database.read(handle -> {
            List<Metrics.Sample> all = new ArrayList<>();
            for (Schedule.Queue lane : Schedule.Queue.values()) {
                Duration due = Schedule.nextRun(handle, lane)
                        .map(next -> Duration.between(next, clock.instant()))
                        .orElse(Duration.ZERO);
                all.add(new Metrics.Sample(
                        "bloodnet_queue_oldest_seconds",
                        Map.of("lane", lane.name().toLowerCase(Locale.ROOT)),
                        Math.max(0, due.toMillis() / MS)));
            }
            return all;
        });
    }

    /** Jobs by state. */
    List<Metrics.Sample> jobs() {
        Map<JobState, Long> counts = database.read(JobCounts::read);
        List<Metrics.Sample> all = new ArrayList<>();
        for (JobState state : JobState.values()) {
            all.add(new Metrics.Sample("bloodnet_jobs", Map.of("state", state.name()), counts.getOrDefault(state, 0L)));
        }
        return all;
    }

    /** Deliveries that have not arrived, by receiver and state. */
    List<Metrics.Sample> deliveries() {
        return database.read(handle -> {
            List<Metrics.Sample> all = new ArrayList<>();
            for (String destination : DESTINATIONS) {
                for (Outbox.State state : OPEN) {
                    all.add(new Metrics.Sample(
                            "bloodnet_deliveries",
                            Map.of("destination", destination, "state", state.name()),
                            count(handle, destination, state)));
                }
            }
            return all;
        });
    }

    private static long count(Handle handle, String destination, Outbox.State state) {
        return handle.createQuery("select count(*) from (select id from delivery where state = :state"
                        + " and destination = :destination limit :max) u")
                .bind("state", state.name())
                .bind("destination", destination)
                .bind("max", COUNTED_MAX)
                .mapTo(long.class)
                .one();
    }
}
