package io.bloodnet.server.pipeline;

import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.study.StudySource;
import io.bloodnet.imaging.study.StudySourceException;
import io.bloodnet.server.result.Schedule;
import io.bloodnet.server.store.Database;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the archive for all orders at once whose study has no image yet. What it says is a hint: the order whose study is there asks for
 * itself then. An archive that does not answer to lists of studies costs nothing but that: each order goes on asking alone. Safe for all
 * threads.
 */
public final class ImageWatch {

    /** From one look to the next. */
    public static final Duration EVERY = Duration.ofSeconds(2);

    /** Studies in one question; an address of more than 4,000 characters is too long for some archives. */
    static final int STUDIES_MAX = 50;

    /** Questions in one look: orders beyond them, the least urgent, ask for themselves. */
    private static final int QUESTIONS_MAX = 20;

    /** Waiting orders read for that, the most urgent first; some of them have images already. */
    private static final int READ_MAX = 2_000;

    /** An order that was asked for by the list need not ask alone before that, where the archive answers to lists. */
    static final Duration POSTPONED = Duration.ofMinutes(1);

    private static final Logger LOG = LoggerFactory.getLogger(ImageWatch.class);

    private final Database database;
    private final StudySource studies;
    private final Runnable wake;
    private final InstantSource clock;
    /** Whether the archive has answered to a list with one of its studies; what it does not find means something then. */
    private volatile boolean knowsLists;

    /** @param wake tells the queue of jobs that there is work */
    public ImageWatch(Database database, StudySource studies, Runnable wake, InstantSource clock) {
        this.database = database;
        this.studies = studies;
        this.wake = wake;
        this.clock = clock;
    }

    private record Waiting(String jobId, StudyUid study, int priority) {}

    /** One look. Returns how many orders were woken. */
    public int look() {
        List<Waiting> all = waiting();
        int woken = 0;
        try {
            for (int from = 0; from < all.size(); from += STUDIES_MAX) {
                woken += ask(all.subList(from, Math.min(all.size(), from + STUDIES_MAX)));
            }
        } catch (StudySourceException e) {
            LOG.debug("PACS {}, next: each order asks for itself", e.code());
        }
        if (woken > 0) {
            wake.run();
        }
        return woken;
    }

    private List<Waiting> waiting() {
        return database.read(handle -> handle.createQuery(
                        "select id, study_uid, 2 - priority as urgency from (select id, study_uid, priority, ordered_at, instances_seen"
                                + " from job where state = 'WAITING_FOR_IMAGES' and worklist_rank = 1"
                                + " order by state, worklist_rank, priority, ordered_at, id limit :read) u"
                                + " where instances_seen = 0 and study_uid is not null order by priority, ordered_at limit :max")
                .bind("read", READ_MAX)
                .bind("max", STUDIES_MAX * QUESTIONS_MAX)
                .map((row, context) ->
                        new Waiting(row.getString(1), new StudyUid(row.getString(2)), row.getInt("urgency")))
                .list());
    }

    private int ask(List<Waiting> waiting) {
        Set<StudyUid> there =
                studies.present(waiting.stream().map(Waiting::study).distinct().toList());
        knowsLists |= waiting.size() > 1 && !there.isEmpty();
        List<Waiting> arrived =
                waiting.stream().filter(one -> there.contains(one.study())).toList();
        List<String> absent = waiting.stream()
                .filter(one -> !there.contains(one.study()))
                .map(Waiting::jobId)
                .toList();
        Instant now = clock.instant();
        database.inTransaction(handle -> {
            arrived.forEach(one -> Schedule.at(handle, Schedule.Queue.JOBS, one.jobId(), now, one.priority()));
            return knowsLists && !absent.isEmpty()
                    ? Schedule.postpone(handle, Schedule.Queue.JOBS, absent, now, now.plus(POSTPONED))
                    : 0;
        });
        return arrived.size();
    }
}
