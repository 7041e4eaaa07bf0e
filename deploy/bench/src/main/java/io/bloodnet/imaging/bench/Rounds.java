package io.bloodnet.imaging.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;

/** Times two things in turn, so that a busy machine slows both alike; by the clock, or by the processor time that the process took. */
final class Rounds {

    private static final OperatingSystemMXBean PROCESS =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    private Rounds() {}

    /** Something to be timed. */
    @FunctionalInterface
    interface Work {
        void run() throws Exception;
    }

    /** Median times of both, ms, and the median of the rounds' own ratios first / second. */
    record Timed(double firstMs, double secondMs, double ratio) {}

    /** Which time counts. */
    enum Time {
        /** By the clock: what a user waits. */
        CLOCK,
        /** Of all threads of this process: what it costs, also beside other work on the machine. */
        PROCESSOR
    }

    /** One round for warming up, then {@code rounds} that count. */
    static Timed compare(int rounds, Time time, Work first, Work second) throws Exception {
        millis(time, first);
        millis(time, second);
        double[] a = new double[rounds];
        double[] b = new double[rounds];
        double[] ratios = new double[rounds];
        for (int i = 0; i < rounds; i++) {
            a[i] = millis(time, first);
            b[i] = millis(time, second);
            ratios[i] = a[i] / b[i];
        }
        return new Timed(median(a), median(b), median(ratios));
    }

    private static double millis(Time time, Work work) throws Exception {
        long start = nanos(time);
        work.run();
        return (nanos(time) - start) / 1e6;
    }

    private static long nanos(Time time) {
        return switch (time) {
            case CLOCK -> System.nanoTime();
            case PROCESSOR -> PROCESS.getProcessCpuTime();
        };
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }
}
