package io.bloodnet.server;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Rows of troubles, one for each peer and a moment, so that each pair of (this has that trouble, that has this one) comes in at least one row:
 * two at a time is where most faults show, and all together would be thousands of rows.
 */
final class PairsOfTroubles {

    /** Rows looked at for each row that is taken: the one with the most new pairs. */
    private static final int CANDIDATES = 60;

    private PairsOfTroubles() {}

    private record Pair(int factor, int value, int otherFactor, int otherValue) {}

    /**
     * All rows, those with the most new pairs first.
     *
     * @param values how many values each factor has
     * @param seed the same one gives the same rows
     */
    static List<int[]> rows(int[] values, long seed) {
        Random random = new Random(seed);
        Set<Pair> open = new HashSet<>();
        for (int f = 0; f < values.length; f++) {
            for (int g = f + 1; g < values.length; g++) {
                for (int v = 0; v < values[f]; v++) {
                    for (int w = 0; w < values[g]; w++) {
                        open.add(new Pair(f, v, g, w));
                    }
                }
            }
        }
        List<int[]> rows = new ArrayList<>();
        while (!open.isEmpty()) {
            int[] best = beginning(values, open.iterator().next(), random);
            for (int i = 1; i < CANDIDATES; i++) {
                int[] other = beginning(values, open.iterator().next(), random);
                best = fresh(other, open).size() > fresh(best, open).size() ? other : best;
            }
            open.removeAll(fresh(best, open));
            rows.add(best);
        }
        return rows;
    }

    private static int[] beginning(int[] values, Pair with, Random random) {
        int[] row = new int[values.length];
        for (int f = 0; f < row.length; f++) {
            row[f] = random.nextInt(values[f]);
        }
        row[with.factor()] = with.value();
        row[with.otherFactor()] = with.otherValue();
        return row;
    }

    private static Set<Pair> fresh(int[] row, Set<Pair> open) {
        Set<Pair> fresh = new HashSet<>();
        for (int f = 0; f < row.length; f++) {
            for (int g = f + 1; g < row.length; g++) {
                Pair pair = new Pair(f, row[f], g, row[g]);
                if (open.contains(pair)) {
                    fresh.add(pair);
                }
            }
        }
        return fresh;
    }
}
