package io.bloodnet.imaging.bench;

import java.util.Arrays;

/** Times two things in turn, so that a busy machine slows both alike. */
final class Rounds {

    private Rounds() {}

    /** Something to be timed. */
    @FunctionalInterface
    interface Work {
        void run() throws Exception;
    }

    /** Median times of both, ms, and the median of the rounds' own ratios first / second. */
    record Timed(double firstMs, double secondMs, double ratio) {}

    /** One round for warming up, then {@code rounds} that count. */
    static Timed compare(int rounds, Work first, Work second) throws Exception {
        millis(first);
        millis(second);
        double[] a = new double[rounds];
        double[] b = new double[rounds];
        double[] ratios = new double[rounds];
        for (int i = 0; i < rounds; i++) {
            a[i] = millis(first);
            b[i] = millis(second);
            ratios[i] = a[i] / b[i];
        }
        return new Timed(median(a), median(b), median(ratios));
    }

    static double millis(Work work) throws Exception {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e6;
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }
}
