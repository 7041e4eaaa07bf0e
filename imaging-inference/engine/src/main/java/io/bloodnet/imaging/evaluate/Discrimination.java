package io.bloodnet.imaging.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/** How well probabilities tell studies with from studies without a hemorrhage. */
final class Discrimination {

    private static final int RESAMPLES = 2_000;

    private Discrimination() {}

    /** A figure with its 95 % interval; NaN where it cannot be told. */
    record Figure(double value, double low, double high) {}

    /** A point of the ROC curve. */
    record RocPoint(double falsePositiveRate, double sensitivity) {}

    /** Area under the ROC curve; ties count half. NaN without both kinds of study. */
    static double auc(List<Scored> studies) {
        List<Scored> sorted = new ArrayList<>(studies);
        sorted.sort(Comparator.comparingDouble(Scored::probability));
        double rankSum = 0;
        long positives = 0;
        for (int from = 0; from < sorted.size(); ) {
            int to = from;
            long tied = 0;
            while (to < sorted.size()
                    && sorted.get(to).probability() == sorted.get(from).probability()) {
                tied += sorted.get(to).label().hemorrhage() ? 1 : 0;
                to++;
            }
            rankSum += tied * (from + 1 + to) / 2.0;
            positives += tied;
            from = to;
        }
        long negatives = sorted.size() - positives;
        return positives == 0 || negatives == 0
                ? Double.NaN
                : (rankSum - positives * (positives + 1) / 2.0) / ((double) positives * negatives);
    }

    /** The area with its interval by resampling studies; the same seed gives the same interval. */
    static Figure aucWithInterval(List<Scored> studies, long seed) {
        Random random = new Random(seed);
        double[] areas = new double[RESAMPLES];
        int count = 0;
        for (int i = 0; i < RESAMPLES; i++) {
            List<Scored> drawn = new ArrayList<>(studies.size());
            for (int k = 0; k < studies.size(); k++) {
                drawn.add(studies.get(random.nextInt(studies.size())));
            }
            double area = auc(drawn);
            if (!Double.isNaN(area)) {
                areas[count++] = area;
            }
        }
        double[] sorted = Arrays.copyOf(areas, count);
        Arrays.sort(sorted);
        return count == 0
                ? new Figure(Double.NaN, Double.NaN, Double.NaN)
                : new Figure(auc(studies), sorted[(int) (0.025 * count)], sorted[(int) (0.975 * (count - 1))]);
    }

    /** The mean with its interval by resampling; the same seed gives the same interval. */
    static Figure meanWithInterval(double[] values, long seed) {
        Random random = new Random(seed);
        double[] means = new double[RESAMPLES];
        for (int i = 0; i < RESAMPLES; i++) {
            means[i] = random.ints(values.length, 0, values.length)
                    .mapToDouble(at -> values[at])
                    .average()
                    .orElseThrow();
        }
        Arrays.sort(means);
        double mean = Arrays.stream(values).average().orElseThrow();
        return new Figure(mean, means[(int) (0.025 * RESAMPLES)], means[(int) (0.975 * (RESAMPLES - 1))]);
    }

    /** Part of the studies with ({@code positives}) or without hemorrhage that is judged rightly, with Wilson's interval. */
    static Figure right(List<Scored> studies, boolean positives, double threshold) {
        List<Scored> these = studies.stream()
                .filter(s -> s.label().hemorrhage() == positives)
                .toList();
        long right = these.stream()
                .filter(s -> s.probability() >= threshold == positives)
                .count();
        return wilson(right, these.size());
    }

    static Figure wilson(long hits, long of) {
        if (of == 0) {
            return new Figure(Double.NaN, Double.NaN, Double.NaN);
        }
        double z = 1.959964;
        double p = (double) hits / of;
        double middle = (p + z * z / (2 * of)) / (1 + z * z / of);
        double half = z * Math.sqrt(p * (1 - p) / of + z * z / (4.0 * of * of)) / (1 + z * z / of);
        return new Figure(p, Math.max(0, middle - half), Math.min(1, middle + half));
    }

    /** From (0, 0) to (1, 1), one point for each threshold that changes something. */
    static List<RocPoint> roc(List<Scored> studies) {
        List<RocPoint> points = new ArrayList<>();
        points.add(new RocPoint(0, 0));
        studies.stream()
                .map(Scored::probability)
                .distinct()
                .sorted(Comparator.reverseOrder())
                .forEach(threshold -> points.add(new RocPoint(
                        1 - right(studies, false, threshold).value(),
                        right(studies, true, threshold).value())));
        return points;
    }
}
