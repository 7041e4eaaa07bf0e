package io.bloodnet.imaging.study;

import io.bloodnet.imaging.bloodnet.BloodNet;
import io.bloodnet.imaging.bloodnet.ModelAnswerException;
import io.bloodnet.imaging.bloodnet.SliceJudgement;
import io.bloodnet.imaging.bloodnet.SliceRun;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
    private final int windowsPerRun;
    private final int[] missing;
    private final List<@Nullable Future<List<SliceJudgement>>> answers = new ArrayList<>();
    private final ConcurrentLinkedQueue<Interval> busy = new ConcurrentLinkedQueue<>();

    /** When a run was on, by the monotonic clock. */
    private record Interval(long startNanos, long endNanos) {}

    WindowRuns(HeadVolume volume, BloodNet net) {
        this.volume = volume;
        this.net = net;
        this.windowsPerRun = net.windowsPerRun();
        int runs = Math.ceilDiv(volume.size(), windowsPerRun);
        this.missing = new int[runs];
        for (int run = 0; run < runs; run++) {
            missing[run] = lastSlice(run) - firstSlice(run) + 1;
            answers.add(null);
        }
    }

    private int firstSlice(int run) {
        return Math.max(0, run * windowsPerRun - BloodNet.WINDOW_RADIUS);
    }

    private int lastSlice(int run) {
        int lastWindow = Math.min(volume.size(), (run + 1) * windowsPerRun) - 1;
        return Math.min(volume.size() - 1, lastWindow + BloodNet.WINDOW_RADIUS);
    }

    /** Word that a slice is complete; submits what it completes. */
    void sliceComplete(int index) {
        for (int run = 0; run < missing.length; run++) {
            if (index >= firstSlice(run) && index <= lastSlice(run) && --missing[run] == 0) {
                answers.set(run, net.submit(new Run(run * windowsPerRun)));
            }
        }
    }

    /**
     * Waits for all runs of a complete volume.
     *
     * @return one judgement for each slice, from feet to head
     * @throws ModelAnswerException when the network gave no valid answer
     */
    List<SliceJudgement> judgements() {
        List<SliceJudgement> judgements = new ArrayList<>(volume.size());
        for (Future<List<SliceJudgement>> answer : answers) {
            if (answer == null) {
                throw new IllegalStateException("judging an incomplete volume");
            }
            judgements.addAll(await(answer));
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
        for (Future<List<SliceJudgement>> answer : answers) {
            if (answer != null) {
                answer.cancel(false);
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
    private final class Run implements SliceRun {

        private final int first;

        Run(int first) {
            this.first = first;
        }

        @Override
        public int windows() {
            return Math.min(windowsPerRun, volume.size() - first);
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
        public void ran(long startNanos, long endNanos) {
            busy.add(new Interval(startNanos, endNanos));
        }
    }
}
