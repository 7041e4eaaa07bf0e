package io.bloodnet.imaging.study;

import io.bloodnet.imaging.bloodnet.BloodNet;
import io.bloodnet.imaging.bloodnet.ModelAnswerException;
import io.bloodnet.imaging.bloodnet.SliceJudgement;
import io.bloodnet.imaging.bloodnet.SliceRun;
import io.bloodnet.imaging.growing.GrowingStudy;
import io.bloodnet.imaging.head.HeadVolume;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Judges a volume while it fills: as soon as all slices that a run of neighbouring windows looks at are complete, the run is submitted.
 * Slices may come in any order. Used by the filling thread; the runs themselves are read by BloodNet's.
 */
final class WindowRuns {

    /** Longest wait for one study's answers: an hour-long queue is a broken machine. */
    private static final Duration ANSWER_MAX = Duration.ofMinutes(15);

    private final HeadVolume volume;
    private final BloodNet net;
    private final @Nullable GrowingStudy before;
    private final long rank = Turns.rankOfStudy();
    private final List<Run> runs = new ArrayList<>();
    private final ConcurrentLinkedQueue<Interval> busy = new ConcurrentLinkedQueue<>();

    /** When a run was on, by the monotonic clock. */
    private record Interval(long startNanos, long endNanos) {}

    /** @param before null when the study is looked at once; while it grows, both ends wait for {@link #judgeEnds} */
    WindowRuns(HeadVolume volume, BloodNet net, @Nullable EarlierLooks before) {
        this.before = before == null ? null : before.study();
        this.volume = volume;
        this.net = net;
        int ends = before != null && before.growing() ? Math.min(BloodNet.WINDOW_RADIUS, volume.size() / 2) : 0;
        add(0, ends, true);
        add(ends, volume.size() - 2 * ends, false);
        add(volume.size() - ends, ends, true);
    }

    private void add(int first, int count, boolean end) {
        int from = first;
        for (int windows : net.runSizes(count)) {
            runs.add(new Run(from, windows, end));
            from += windows;
        }
    }

    /** Word that a slice is complete; submits what it completes. */
    void sliceComplete(int index) {
        for (Run run : runs) {
            if (index >= run.firstSlice() && index <= run.lastSlice() && --run.missing == 0 && !run.end) {
                run.begin();
            }
        }
    }

    /** Submits the windows at both ends of a complete volume, whose edges are replicated slices, if they were to wait. */
    void judgeEnds() {
        runs.stream().filter(run -> run.end).forEach(Run::begin);
    }

    /** Whether any judgement of a complete volume fits but those at its ends; waits for no more of them than it takes. */
    boolean anyWithin(Wanted wanted) {
        for (Run run : runs) {
            if (!run.end) {
                int slice = run.first;
                for (SliceJudgement judgement : run.judgements()) {
                    if (wanted.fits(slice++, judgement)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /** Looks at the judgement of one slice. */
    @FunctionalInterface
    interface Wanted {
        boolean fits(int slice, SliceJudgement judgement);
    }

    /**
     * Waits for all runs of a complete volume.
     *
     * @return one judgement for each slice, from feet to head
     * @throws ModelAnswerException when the network gave no valid answer
     */
    List<SliceJudgement> judgements() {
        List<SliceJudgement> judgements = new ArrayList<>(volume.size());
        for (Run run : runs) {
            judgements.addAll(run.judgements());
        }
        return judgements;
    }

    private static List<SliceJudgement> await(Future<List<SliceJudgement>> answer) {
        try {
            return answer.get(ANSWER_MAX.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException("a run of the network failed", e);
        } catch (TimeoutException e) {
            throw new IllegalStateException("the network gave no answer within " + ANSWER_MAX, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the network was running", e);
        }
    }

    /** Drops the runs that wait: their answers are no longer wanted. */
    void abandon() {
        for (Run run : runs) {
            if (run.answer != null) {
                run.answer.cancel(false);
            }
        }
    }

    /** Time during which at least one run of this volume was on, ns. */
    long inferenceNanos() {
        List<Interval> intervals = new ArrayList<>(busy);
        intervals.sort((a, b) -> Long.signum(a.startNanos() - b.startNanos()));
        long total = 0;
        long end = intervals.isEmpty() ? 0 : intervals.getFirst().startNanos();
        for (Interval interval : intervals) {
            long from = Math.max(0, interval.startNanos() - end);
            if (interval.endNanos() - end > 0) {
                total += interval.endNanos() - end - from;
                end = interval.endNanos();
            }
        }
        return total;
    }

    /** Neighbouring windows; edge slices are replicated. */
    private final class Run {

        private final int first;
        private final int windows;
        private final boolean end;
        private final List<@Nullable SliceJudgement> known = new ArrayList<>();
        private final List<byte[]> digests = new ArrayList<>();
        private int missing;
        private boolean begun;
        private @Nullable Asked asked;
        private @Nullable Future<List<SliceJudgement>> answer;

        /** @param end whether it waits for {@link #judgeEnds} */
        Run(int first, int windows, boolean end) {
            this.end = end;
            this.first = first;
            this.windows = windows;
            this.missing = lastSlice() - firstSlice() + 1;
        }

        int firstSlice() {
            return Math.max(0, first - BloodNet.WINDOW_RADIUS);
        }

        int lastSlice() {
            return Math.min(volume.size(), first + windows + BloodNet.WINDOW_RADIUS) - 1;
        }

        /** All slices are there: what no look before this one has judged is submitted. */
        void begin() {
            begun = true;
            for (int w = 0; w < windows; w++) {
                byte[] digest = before == null ? new byte[0] : volume.windowDigest(first + w);
                digests.add(digest);
                known.add(before == null ? null : before.judgement(digest).orElse(null));
            }
            int from = known.indexOf(null);
            if (from >= 0) {
                asked = new Asked(first + from, known.lastIndexOf(null) - from + 1);
                answer = net.submit(asked);
            }
        }

        /** Waits for what was submitted. */
        List<SliceJudgement> judgements() {
            if (!begun) {
                throw new IllegalStateException("judging an incomplete volume");
            }
            if (asked != null && answer != null && known.contains(null)) {
                int at = asked.first() - first;
                for (SliceJudgement judgement : await(answer)) {
                    known.set(at, judgement);
                    if (before != null) {
                        before.keep(digests.get(at), judgement);
                    }
                    at++;
                }
            }
            return known.stream().map(Objects::requireNonNull).toList();
        }
    }

    /** Windows that the network is asked for. */
    private final class Asked implements SliceRun {

        private final int first;
        private final int windows;

        Asked(int first, int windows) {
            this.first = first;
            this.windows = windows;
        }

        int first() {
            return first;
        }

        @Override
        public int windows() {
            return windows;
        }

        @Override
        public short[] hu(int index) {
            return volume.slice(Math.clamp(first + index - BloodNet.WINDOW_RADIUS, 0, volume.size() - 1));
        }

        @Override
        public float voxelMl(int window) {
            return (float) volume.voxelMl(first + window);
        }

        @Override
        public long rank() {
            return rank;
        }

        @Override
        public void ran(long startNanos, long endNanos) {
            busy.add(new Interval(startNanos, endNanos));
        }
    }
}
