package io.bloodnet.hl7.bench;

import io.bloodnet.imaging.order.OrderInbox;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Messages a second over MLLP, as ratios beside peers and limits in one run: our listener and HAPI's SimpleServer on the same inbox, our
 * listener with an inbox that stores nothing, a bare echo, and the disk's fdatasync rate. The candidates take turns in slots, so that a
 * machine that slows down slows all of them; the median slot counts.
 */
public final class MllpBench {

    private final OrderInbox inbox;
    private final Settings settings;

    /**
     * How to measure.
     *
     * @param links at one time, one message under way on each
     * @param slotMillis length of one candidate's turn
     * @param rounds turns of each candidate; one more before them is not counted
     * @param syncDir a folder on the disk of the database, for the fdatasync rate
     */
    public record Settings(int links, int slotMillis, int rounds, Path syncDir) {
        /** 8 links, 2 s slots, 5 rounds. */
        public static Settings defaults(Path syncDir) {
            return new Settings(8, 2_000, 5, syncDir);
        }
    }

    /** @param inbox the real one, over the database to be measured */
    public MllpBench(OrderInbox inbox, Settings settings) {
        this.inbox = inbox;
        this.settings = settings;
    }

    /**
     * What came out, messages (or syncs) a second; medians over the rounds.
     *
     * @param ours with the inbox given
     * @param hapi HAPI's SimpleServer with the same inbox
     * @param withoutStore ours with an inbox that stores nothing
     * @param echo a bare echo
     * @param syncs fdatasync of one 4 kB append
     * @param p99Ms our 99th percentile with the inbox given, milliseconds
     */
    public record Result(
            int links, double ours, double hapi, double withoutStore, double echo, double syncs, double p99Ms) {

        /** Ours over HAPI's, same inbox. */
        public double overHapi() {
            return ours / hapi;
        }

        /** Ours over links times the fdatasync rate. */
        public double overSync() {
            return ours / (links * syncs);
        }

        /** Without a store, over the echo. */
        public double overEcho() {
            return withoutStore / echo;
        }

        /** The figures, one a line. */
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    """
                    links %d, median of slots
                    durable ACK            %8.0f messages/s, p99 %.1f ms
                    HAPI SimpleServer      %8.0f messages/s on the same store
                    without store          %8.0f messages/s
                    bare echo              %8.0f messages/s
                    fdatasync              %8.0f /s
                    durable ACK / HAPI SimpleServer    %.2f
                    durable ACK / (links x fdatasync)  %.2f
                    without store / bare echo          %.2f
                    """,
                    links,
                    ours,
                    p99Ms,
                    hapi,
                    withoutStore,
                    echo,
                    syncs,
                    overHapi(),
                    overSync(),
                    overEcho());
        }
    }

    /** Measures; takes about {@code 5 x (rounds + 1) x slotMillis}. */
    public Result run() throws IOException {
        try (Candidates candidates = new Candidates(inbox);
                SyncRate sync = new SyncRate(settings.syncDir())) {
            Map<String, List<Load.Slot>> slots = new LinkedHashMap<>();
            List<Double> syncs = new ArrayList<>();
            for (int round = 0; round <= settings.rounds(); round++) {
                for (Map.Entry<String, Integer> candidate : candidates.ports().entrySet()) {
                    Load.Slot slot = Load.run(candidate.getValue(), settings.links(), settings.slotMillis());
                    if (round > 0) {
                        slots.computeIfAbsent(candidate.getKey(), k -> new ArrayList<>())
                                .add(slot);
                    }
                }
                double rate = sync.measure(settings.slotMillis());
                if (round > 0) {
                    syncs.add(rate);
                }
            }
            return new Result(
                    settings.links(),
                    rate(slots, Candidates.OURS),
                    rate(slots, Candidates.HAPI),
                    rate(slots, Candidates.WITHOUT_STORE),
                    rate(slots, Candidates.ECHO),
                    median(syncs),
                    median(slots.getOrDefault(Candidates.OURS, List.of()).stream()
                            .map(Load.Slot::p99Ms)
                            .toList()));
        }
    }

    private static double rate(Map<String, List<Load.Slot>> slots, String candidate) {
        return median(slots.getOrDefault(candidate, List.of()).stream()
                .map(Load.Slot::perSecond)
                .toList());
    }

    private static double median(List<Double> values) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return sorted.length == 0
                ? Double.NaN
                : Arrays.stream(sorted).skip(sorted.length / 2).findFirst().orElseThrow();
    }
}
