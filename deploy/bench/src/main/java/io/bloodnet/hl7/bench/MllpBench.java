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
 * Messages a second over MLLP, as ratios beside peers and limits in one run. For each store: our listener, HAPI's SimpleServer with the same
 * inbox, and HAPI's SimpleServer with a transaction for each message, as an application on it would have. Beside them our listener with an
 * inbox that stores nothing, a bare echo, and the disk's fdatasync rate. The candidates take turns in slots, so that a machine that slows
 * down slows all of them; the median slot counts.
 */
public final class MllpBench {

    /** Turns until the JVM has compiled what is measured. */
    private static final int WARM_UP_ROUNDS = 4;
    /** The turn of one link alone, before all others. */
    private static final int FIRST_MILLIS = 250;

    private static final String POSTGRES = "PostgreSQL";
    private static final String H2 = "H2";

    private final List<Store> stores;
    private final Settings settings;

    /**
     * A database to be measured.
     *
     * @param name {@value #H2} or {@value #POSTGRES}
     * @param inbox the real one
     * @param oneByOne over the same database, with a transaction for each message
     */
    public record Store(String name, OrderInbox inbox, OrderInbox oneByOne) {

        /** H2 in a file. */
        public static Store h2(OrderInbox inbox, OrderInbox oneByOne) {
            return new Store(H2, inbox, oneByOne);
        }

        /** PostgreSQL. */
        public static Store postgres(OrderInbox inbox, OrderInbox oneByOne) {
            return new Store(POSTGRES, inbox, oneByOne);
        }
    }

    /**
     * How to measure.
     *
     * @param links at one time, one message under way on each
     * @param slotMillis length of one candidate's turn
     * @param rounds turns of each candidate; a few more before them are not counted
     * @param syncDir a folder on the disk of the database, for the fdatasync rate
     */
    public record Settings(int links, int slotMillis, int rounds, Path syncDir) {
        /** 8 links, 1.5 s slots, 4 rounds. */
        public static Settings defaults(Path syncDir) {
            return new Settings(8, 1_500, 4, syncDir);
        }
    }

    /** @param stores the databases to be measured, one or two */
    public MllpBench(List<Store> stores, Settings settings) {
        this.stores = List.copyOf(stores);
        this.settings = settings;
    }

    /** Measures; takes about {@code (3 x stores + 3) x (rounds + 4) x slotMillis}. Gives the figures, one a line, with their goals. */
    public String run() throws IOException {
        try (Candidates candidates = new Candidates(stores);
                SyncRate sync = new SyncRate(settings.syncDir())) {
            // One link first: HAPI's parser learns a message's structure from the first one, and fails when two links
            // bring it at once.
            candidates.ports().values().forEach(port -> Load.run(port, 1, FIRST_MILLIS));
            Map<String, List<Load.Slot>> slots = new LinkedHashMap<>();
            List<Double> syncs = new ArrayList<>();
            for (int round = -WARM_UP_ROUNDS; round < settings.rounds(); round++) {
                for (Map.Entry<String, Integer> candidate : candidates.ports().entrySet()) {
                    Load.Slot slot = Load.run(candidate.getValue(), settings.links(), settings.slotMillis());
                    if (round >= 0) {
                        slots.computeIfAbsent(candidate.getKey(), k -> new ArrayList<>())
                                .add(slot);
                    }
                }
                double rate = sync.measure(settings.slotMillis());
                if (round >= 0) {
                    syncs.add(rate);
                }
            }
            return report(slots, median(syncs));
        }
    }

    private String report(Map<String, List<Load.Slot>> slots, double syncs) {
        StringBuilder text = new StringBuilder();
        line(text, "%d links, medians of %d slots; fdatasync %.0f /s", settings.links(), settings.rounds(), syncs);
        for (Store store : stores) {
            double ours = rate(slots, Candidates.ours(store));
            double hapi = rate(slots, Candidates.hapi(store));
            double oneByOne = rate(slots, Candidates.hapiOneByOne(store));
            line(text, "%s: durable ACK %.0f messages/s, p99 %.1f ms", store.name(), ours, p99(slots, store));
            line(
                    text,
                    "  / HAPI SimpleServer, a transaction for each (%.0f/s): %.2f (goal 7)",
                    oneByOne,
                    ours / oneByOne);
            line(text, "  / HAPI SimpleServer on the same inbox (%.0f/s): %.2f", hapi, ours / hapi);
            line(text, "  / (links x fdatasync): %.2f (goal 0.9)", ours / (settings.links() * syncs));
        }
        if (stores.size() > 1) {
            double ratio = rate(slots, H2 + " ours") / rate(slots, POSTGRES + " ours");
            line(text, "durable ACK, H2 / PostgreSQL: %.2f (goal 0.85)", ratio);
        }
        double without = rate(slots, Candidates.WITHOUT_STORE);
        double echo = rate(slots, Candidates.ECHO);
        line(text, "without store %.0f messages/s", without);
        line(text, "  / bare echo (%.0f/s): %.2f (goal 0.85)", echo, without / echo);
        return text.toString();
    }

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    private static double p99(Map<String, List<Load.Slot>> slots, Store store) {
        return median(slots.getOrDefault(Candidates.ours(store), List.of()).stream()
                .map(Load.Slot::p99Ms)
                .toList());
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
