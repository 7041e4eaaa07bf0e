package io.bloodnet.server.pipeline;

import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.study.StudySource;
import io.bloodnet.imaging.study.StudySourceException;
import io.bloodnet.server.result.Schedule;
import io.bloodnet.server.store.Database;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
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

    /** From one question for the studies of these days to the next. */
    static final Duration DAYS_EVERY = Duration.ofSeconds(5);
    /** That question takes at most one part in so many of the archive's time. */
    private static final int DAYS_SHARE = 10;
    /** After one that was not answered. */
    static final Duration DAYS_AFTER_TROUBLE = Duration.ofMinutes(1);

    private static final Logger LOG = LoggerFactory.getLogger(ImageWatch.class);

    private final Database database;
    private final StudySource studies;
    private final Runnable wake;
    private final InstantSource clock;
    /** When the archive is asked again for the studies of these days. */
    private Instant daysFrom = Instant.MIN;
    /** Whether the archive has answered to a list with one of its studies; what it does not find means something then. */
    private volatile boolean knowsLists;

    /** @param wake tells the queue of jobs that there is work */
    public ImageWatch(Database database, StudySource studies, Runnable wake, InstantSource clock) {
        this.database = database;
        this.studies = studies;
        this.wake = wake;
        this.clock = clock;
    }

    private record Waiting(
            String jobId,
            @Nullable StudyUid study,
            @Nullable String accession,
            int priority) {}

    /** One look; not for several threads at a time. Returns how many orders were woken. */
    public int look() {
        List<Waiting> all = waiting();
        List<Waiting> byStudy = all.stream().filter(one -> one.study() != null).toList();
        List<Waiting> byAccession = all.stream()
                .filter(one -> one.study() == null && one.accession() != null)
                .toList();
        int woken = 0;
        try {
            for (int from = 0; from < byStudy.size(); from += STUDIES_MAX) {
                woken += ask(byStudy.subList(from, Math.min(byStudy.size(), from + STUDIES_MAX)));
            }
            if (!byAccession.isEmpty() && !daysFrom.isAfter(clock.instant())) {
                woken += askByDays(byAccession);
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
                        "select id, study_uid, accession, 2 - priority as urgency from (select id, study_uid, accession, priority, ordered_at, instances_seen"
                                + " from job where state = 'WAITING_FOR_IMAGES' and worklist_rank = 1"
                                + " order by state, worklist_rank, priority, ordered_at, id limit :read) u"
                                + " where instances_seen = 0 order by priority, ordered_at limit :max")
                .bind("read", READ_MAX)
                .bind("max", STUDIES_MAX * QUESTIONS_MAX)
                .map((row, context) ->
                        new Waiting(row.getString(1), study(row.getString(2)), row.getString(3), row.getInt("urgency")))
                .list());
    }

    private static @Nullable StudyUid study(@Nullable String uid) {
        return uid == null ? null : new StudyUid(uid);
    }

    /**
     * Orders that name their study by accession number only: the archive has no lists of those, so it is asked what there is of yesterday, today
     * and tomorrow, whatever the scanners' clocks and zones say. An archive that takes long, or cannot say, is asked more seldom.
     */
    private int askByDays(List<Waiting> waiting) {
        Instant begin = clock.instant();
        daysFrom = begin.plus(DAYS_AFTER_TROUBLE);
        LocalDate today = LocalDate.ofInstant(begin, ZoneOffset.UTC);
        Set<String> there = studies.accessions(today.minusDays(1), today.plusDays(1));
        Instant now = clock.instant();
        Duration pause = Duration.between(begin, now).multipliedBy(DAYS_SHARE);
        daysFrom = now.plus(pause.compareTo(DAYS_EVERY) > 0 ? pause : DAYS_EVERY);
        List<Waiting> arrived =
                waiting.stream().filter(one -> there.contains(one.accession())).toList();
        database.inTransaction(handle -> run(handle, arrived, now));
        return arrived.size();
    }

    private static boolean run(Handle handle, List<Waiting> arrived, Instant now) {
        arrived.forEach(one -> Schedule.at(handle, Schedule.Queue.JOBS, one.jobId(), now, one.priority()));
        return true;
    }

    private int ask(List<Waiting> waiting) {
        Set<StudyUid> there = studies.present(waiting.stream()
                .flatMap(one -> Stream.ofNullable(one.study()))
                .distinct()
                .toList());
        knowsLists |= waiting.size() > 1 && !there.isEmpty();
        List<Waiting> arrived =
                waiting.stream().filter(one -> there.contains(one.study())).toList();
        List<String> absent = waiting.stream()
                .filter(one -> !there.contains(one.study()))
                .map(Waiting::jobId)
                .toList();
        Instant now = clock.instant();
        database.inTransaction(handle -> {
            run(handle, arrived, now);
            return knowsLists && !absent.isEmpty()
                    ? Schedule.postpone(handle, Schedule.Queue.JOBS, absent, now, now.plus(POSTPONED))
                    : 0;
        });
        return arrived.size();
    }
}
