package io.bloodnet.server.pipeline;

import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.study.StudyAnalyzer;
import io.bloodnet.imaging.study.StudySource.StudyListing;
import io.bloodnet.imaging.study.StudySourceException;
import io.bloodnet.imaging.study.StudySourceException.Code;
import io.bloodnet.server.job.JobStore;
import io.bloodnet.server.store.Database;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts each analysis durably before it begins and forgets it when it ends: a study that ends the process, or an {@code Error} in it, does so
 * a bounded number of times. A study that was under way when servers died is looked at alone among such studies, so that those which only
 * stood beside the one that kills are soon cleared; and after a few deaths it waits. Safe for many threads.
 */
public final class CountedAnalyses implements StudyAnalyzer {

    /** So many analyses of a study in a row may begin and never end: then a person must look. */
    static final int UNFINISHED_MAX = 5;
    /** From so many on it is under suspicion. */
    private static final int SUSPECT_FROM = 2;
    /** Pause after each further one, doubled each time, seconds. */
    private static final int PAUSE_S = 5;

    private static final Logger LOG = LoggerFactory.getLogger(CountedAnalyses.class);

    private final Database database;
    private final StudyAnalyzer analyzer;
    private final InstantSource clock;
    private final Semaphore suspects = new Semaphore(1);

    /** @param analyzer does the work */
    public CountedAnalyses(Database database, StudyAnalyzer analyzer, InstantSource clock) {
        this.database = database;
        this.analyzer = analyzer;
        this.clock = clock;
    }

    /** No more analyses of this study: each of the last ones ended its process. */
    static final class DeadlyStudyException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        DeadlyStudyException(int unfinished) {
            super("the server died in each of " + unfinished + " analyses of the study");
        }
    }

    private record Begun(int unfinished, Instant at) {}

    /**
     * {@inheritDoc}
     *
     * @throws DeadlyStudyException when too many never ended
     */
    @Override
    public Analysis analyze(StudyListing listing, Urgency urgency) {
        return guarded(listing.studyUid(), () -> analyzer.analyze(listing, urgency));
    }

    /**
     * {@inheritDoc}
     *
     * @throws DeadlyStudyException when too many never ended
     */
    @Override
    public Analysis look(StudyListing listing, Urgency urgency, boolean growing) {
        return guarded(listing.studyUid(), () -> analyzer.look(listing, urgency, growing));
    }

    @Override
    public Optional<String> inputNow(StudyListing listing, Finding.Analyzed finding) {
        return analyzer.inputNow(listing, finding);
    }

    @Override
    public void forget(StudyUid study) {
        analyzer.forget(study);
    }

    private Analysis guarded(StudyUid study, Supplier<Analysis> analysis) {
        Begun last = database.read(handle -> last(handle, study)).orElse(new Begun(0, Instant.EPOCH));
        if (last.unfinished() >= UNFINISHED_MAX) {
            throw new DeadlyStudyException(last.unfinished());
        }
        if (last.unfinished() < SUSPECT_FROM) {
            return counted(study, analysis, last);
        }
        Instant rested = last.at().plusSeconds((long) PAUSE_S << (last.unfinished() - SUSPECT_FROM));
        if (rested.isAfter(clock.instant()) || !suspects.tryAcquire()) {
            throw new StudySourceException(Code.NO_TURN, "servers died while they looked at this study");
        }
        try {
            LOG.warn("{} analyses of one study began and never ended, next: it is looked at again", last.unfinished());
            return counted(study, analysis, last);
        } finally {
            suspects.release();
        }
    }

    private Analysis counted(StudyUid study, Supplier<Analysis> analysis, Begun last) {
        database.inTransaction(handle -> begin(handle, study, last.unfinished() + 1));
        try {
            Analysis done = analysis.get();
            database.inTransaction(handle -> startAnew(handle, study));
            return done;
        } catch (RuntimeException e) {
            database.inTransaction(handle -> startAnew(handle, study));
            throw e;
        }
    }

    private static Optional<Begun> last(Handle handle, StudyUid study) {
        return handle.createQuery("select unfinished, begun_at from analysis_attempt where study_uid = :study")
                .bind("study", study.value())
                .map((row, context) ->
                        new Begun(row.getInt("unfinished"), Objects.requireNonNull(JobStore.instant(row, "begun_at"))))
                .findOne();
    }

    private int begin(Handle handle, StudyUid study, int unfinished) {
        var now = JobStore.utc(clock.instant());
        int known = handle.execute(
                "update analysis_attempt set unfinished = ?, begun_at = ? where study_uid = ?",
                unfinished,
                now,
                study.value());
        return known == 1
                ? known
                : handle.execute(
                        "insert into analysis_attempt (study_uid, unfinished, begun_at) values (?, ?, ?)",
                        study.value(),
                        unfinished,
                        now);
    }

    /** What a person tries again starts anew. */
    static int startAnew(Handle handle, StudyUid study) {
        return handle.execute("delete from analysis_attempt where study_uid = ?", study.value());
    }
}
