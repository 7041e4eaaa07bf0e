package io.bloodnet.imaging.study;

import io.bloodnet.imaging.geometry.Turn;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.study.StudySourceException.Code;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Places for studies that are fetched and analyzed at the same time. The most urgent goes first, then who has waited longest. A study whose
 * images drip gives its place up while others wait who do not, and comes behind them from then on; after a few times it may keep one
 * place, so that a slow line ends too. Safe for all threads.
 */
public final class Turns {

    /** Longest wait for a place: the caller's own queue knows better than this one who is next. */
    static final Duration WAIT_MAX = Duration.ofSeconds(5);
    /** What one study may take from beginning to the last byte. */
    static final Duration STUDY_MAX = Duration.ofMinutes(15);
    /** How long an archive may make us wait in one study before its pace counts; archives begin slowly. */
    static final Duration GRACE = Duration.ofSeconds(5);
    /** The same for a study that was slow before. */
    static final Duration SLOW_GRACE = Duration.ofSeconds(1);
    /** Bytes in a second below which a study is slow: a head CT would take some minutes. */
    static final long PACE_MIN = 64 << 10;
    /** So often a study gives its place up before it may keep one. */
    static final int CUTS_MAX = 3;
    /** Urgency beyond this makes no difference to the network. */
    private static final int LEVEL_MAX = 1_000;
    /** Slow studies that are remembered. */
    private static final int SLOW_MAX = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(Turns.class);

    private final int places;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Waiter> waiting = new ArrayList<>();
    /** Places that were given so far. */
    private int taken;

    private final List<Turn> held = new ArrayList<>();
    /** How often a study was cut; the longest not seen is forgotten first. */
    private final Map<StudyUid, Integer> cuts = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<StudyUid, Integer> eldest) {
            return size() > SLOW_MAX;
        }
    };

    Turns(int places) {
        this.places = places;
    }

    private final class Waiter {
        final StudyUid study;
        final StudyAnalyzer.Urgency urgency;
        final Condition first = lock.newCondition();

        Waiter(StudyUid study, StudyAnalyzer.Urgency urgency) {
            this.study = study;
            this.urgency = urgency;
        }

        boolean isSlow() {
            return cuts.containsKey(study);
        }
    }

    private static final Comparator<Waiter> ORDER = Comparator.comparing(Waiter::isSlow)
            .thenComparing(waiter -> waiter.urgency.level(), Comparator.reverseOrder())
            .thenComparing(waiter -> waiter.urgency.since());

    /**
     * Waits for a place, at most {@link #WAIT_MAX}.
     *
     * @throws StudySourceException NO_TURN when there is none
     */
    Turn take(StudyUid study, StudyAnalyzer.Urgency urgency) {
        lock.lock();
        Waiter mine = new Waiter(study, urgency);
        waiting.add(mine);
        try {
            long left = WAIT_MAX.toNanos();
            while (held.size() >= places || waiting.stream().min(ORDER).orElseThrow() != mine) {
                if (left <= 0) {
                    throw new StudySourceException(Code.NO_TURN, "all places for studies are taken");
                }
                left = mine.first.awaitNanos(left);
            }
            Turn turn = new Turn(study, urgency.level(), cuts.getOrDefault(study, 0));
            held.add(turn);
            return turn;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StudySourceException(Code.NO_TURN, "interrupted while waiting for a turn", e);
        } finally {
            waiting.remove(mine);
            wakeFirst();
            lock.unlock();
        }
    }

    /**
     * Where the windows of the study that this thread reads stand among all that wait for the network: the more urgent study first, then the one
     * that came first. Two that share the network would both end late; so the first one's flag is told as if it were alone.
     */
    static long rankOfStudy() {
        return Patience.current() instanceof Turn turn ? turn.rank : 0;
    }

    private void wakeFirst() {
        waiting.stream().min(ORDER).ifPresent(waiter -> waiter.first.signal());
    }

    /** A place as it is held. Used by the thread that reads the study. */
    final class Turn implements Patience, AutoCloseable {

        private final StudyUid study;
        private final long rank;
        private final int cutBefore;
        private final long endNanos = System.nanoTime() + STUDY_MAX.toNanos();
        private long waitedNanos;
        private long bytes;

        private Turn(StudyUid study, int level, int cutBefore) {
            this.study = study;
            this.rank = ((long) (LEVEL_MAX - Math.clamp(level, 0, LEVEL_MAX)) << Integer.SIZE) + taken++;
            this.cutBefore = cutBefore;
        }

        @Override
        public void received(int count) {
            bytes += count;
        }

        @Override
        public void waited(long nanos) throws HttpTimeoutException {
            waitedNanos += nanos;
            if (System.nanoTime() - endNanos > 0) {
                throw new OverException("the study took more than " + STUDY_MAX);
            }
            Duration grace = cutBefore == 0 ? GRACE : SLOW_GRACE;
            boolean slow = waitedNanos > grace.toNanos()
                    && bytes < TimeUnit.NANOSECONDS.toMillis(waitedNanos) * PACE_MIN / 1_000;
            if (slow && mustYield()) {
                LOG.info("a study drips while others wait, next: one of them");
                throw new OverException("too slow while others wait");
            }
        }

        private boolean mustYield() {
            lock.lock();
            try {
                boolean keeps = cutBefore >= CUTS_MAX
                        && held.stream()
                                        .filter(turn -> turn.cutBefore >= CUTS_MAX)
                                        .findFirst()
                                        .orElse(this)
                                == this
                        && places > 1;
                if (keeps || waiting.stream().allMatch(Waiter::isSlow)) {
                    return false;
                }
                cuts.put(study, cutBefore + 1);
                return true;
            } finally {
                lock.unlock();
            }
        }

        /** The study came whole: it is slow no more. */
        void done() {
            lock.lock();
            try {
                cuts.remove(study);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                held.remove(this);
                wakeFirst();
            } finally {
                lock.unlock();
            }
        }
    }
}
