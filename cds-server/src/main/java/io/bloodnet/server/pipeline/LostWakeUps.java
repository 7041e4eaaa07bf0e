package io.bloodnet.server.pipeline;

import io.bloodnet.server.job.JobState;
import io.bloodnet.server.job.JobWalk;
import io.bloodnet.server.result.Outbox;
import io.bloodnet.server.result.Schedule;
import io.bloodnet.server.store.Database;
import io.bloodnet.server.store.TimeUuid;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;

/**
 * Schedules unfinished jobs and deliveries that are in no queue: a wake-up and the end of a run may cross. However many wait, a look costs
 * the same: it reads a page of what is new, where a wake-up that was just lost is, and a page of the rest. For one thread at a time.
 */
final class LostWakeUps {

    /** Rows of one page; where no more wait than that, each look sees all. */
    private static final int PAGE = 1_000;
    /** Deliveries made since then are looked at in each look. */
    private static final Duration NEW = Duration.ofMinutes(5);

    private static final Map<Schedule.Queue, String> LANES =
            Map.of(Schedule.Queue.PACS, Outbox.PACS, Schedule.Queue.EHR, "ehr", Schedule.Queue.HL7, "hl7");

    private final Database database;
    private final InstantSource clock;
    private final List<JobWalk> unfinished = Stream.of(JobState.WAITING_FOR_IMAGES, JobState.ANALYZING)
            .map(state -> new JobWalk(state, PAGE))
            .toList();
    /** Behind which delivery the next page of a lane begins. */
    private final Map<Schedule.Queue, String> ends = new EnumMap<>(Schedule.Queue.class);

    LostWakeUps(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** One look. Returns how many were found. */
    int find() {
        int found = 0;
        for (JobWalk walk : unfinished) {
            found += schedule(Schedule.Queue.JOBS, database.read(walk::look));
        }
        for (Map.Entry<Schedule.Queue, String> lane : LANES.entrySet()) {
            found += deliveries(lane.getKey(), lane.getValue());
        }
        return found;
    }

    private int deliveries(Schedule.Queue lane, String destination) {
        List<String> page = page(destination, ends.getOrDefault(lane, ""));
        if (page.size() < PAGE) {
            ends.remove(lane);
            return schedule(lane, page);
        }
        ends.put(lane, page.getLast());
        List<String> newest =
                page(destination, TimeUuid.first(clock.instant().minus(NEW)).toString());
        return schedule(lane, page) + schedule(lane, newest);
    }

    /** Their ids begin with the time at which they were made. */
    private List<String> page(String destination, String from) {
        return database.read(handle -> handle.createQuery(
                        "select id from delivery where state = 'PENDING' and destination = :destination and id > :from"
                                + " order by state, destination, id limit :max")
                .bind("destination", destination)
                .bind("from", from)
                .bind("max", PAGE)
                .mapTo(String.class)
                .list());
    }

    private int schedule(Schedule.Queue queue, Collection<String> ids) {
        Set<String> lost = new HashSet<>(ids);
        lost.removeAll(database.read(handle -> Schedule.known(handle, queue, ids)));
        if (lost.isEmpty()) {
            return 0;
        }
        return database.inTransaction(handle -> {
            List<Schedule.Run> runs = stillToDo(handle, queue, lost);
            runs.forEach(run -> Schedule.at(handle, queue, run.instance(), run.when(), run.priority()));
            return runs.size();
        });
    }

    /** Of deliveries only those whose turn it is: one that waits for an earlier one of its job is scheduled when that ends. */
    private List<Schedule.Run> stillToDo(Handle handle, Schedule.Queue queue, Set<String> ids) {
        String which = queue == Schedule.Queue.JOBS
                ? "select id, 2 - priority as urgency from job where id = any(:ids) and state in ('WAITING_FOR_IMAGES', 'ANALYZING')"
                : "select d.id, 0 as urgency from delivery d where d.id = any(:ids) and d.state = 'PENDING' and not exists (select 1"
                        + " from delivery e where e.job_id = d.job_id and e.destination = d.destination and e.state = 'PENDING'"
                        + " and e.sequence < d.sequence)";
        return handle.createQuery(which)
                .bindArray("ids", String.class, ids.toArray())
                .map((row, context) -> new Schedule.Run(row.getString("id"), clock.instant(), row.getInt("urgency")))
                .list();
    }
}
