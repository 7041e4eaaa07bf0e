package io.bloodnet.server.trace;

import io.bloodnet.imaging.trace.Spans;
import io.bloodnet.server.http.Metrics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The steps of the newest orders in this server's memory, and of all orders as a histogram. Safe for all threads. */
public final class OrderTimes {

    /** Orders whose steps are remembered. */
    private static final int ORDERS_MAX = 64;

    /** Steps of one order; an order that waits for long asks the archive again and again, and its newest steps are dropped. */
    private static final int STEPS_MAX = 500;

    private static final String HISTOGRAM = "bloodnet_order_step_seconds";

    private static final double[] BOUNDS = {
        0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300
    };

    private static final double NANOS = 1e9;

    private final Map<String, List<Step>> steps = new LinkedHashMap<>();
    private final FlagTimes flags;
    private volatile @Nullable Metrics metrics;

    public OrderTimes(InstantSource clock) {
        this.flags = new FlagTimes(clock);
    }

    /** How long suspected bleeds take to be told. */
    public FlagTimes flags() {
        return flags;
    }

    /**
     * A step of an order.
     *
     * @param name holds nothing of the order
     * @param startNanos by {@link System#nanoTime()}
     * @param endNanos by the same clock
     */
    public record Step(String name, long startNanos, long endNanos) {}

    /** From now on steps are counted there, too. */
    public void show(Metrics metrics) {
        this.metrics = metrics;
        flags.show(metrics);
    }

    /** Takes steps of an order: those that the thread goes through meanwhile belong to it. */
    public <T> T during(String jobId, Supplier<T> taken) {
        Spans spans = (step, start, end) -> add(jobId, step, start, end);
        return ScopedValue.where(Spans.OF_ORDER, spans).call(taken::get);
    }

    /** A wait of an order is over now that began so long ago. */
    public void waited(String jobId, String step, Duration time) {
        long now = System.nanoTime();
        add(jobId, step, now - time.toNanos(), now);
    }

    private void add(String jobId, String step, long startNanos, long endNanos) {
        synchronized (this) {
            List<Step> all = steps.computeIfAbsent(jobId, id -> new ArrayList<>());
            if (all.size() < STEPS_MAX) {
                all.add(new Step(step, startNanos, endNanos));
            }
            if (steps.size() > ORDERS_MAX) {
                steps.remove(steps.keySet().iterator().next());
            }
        }
        Metrics shown = metrics;
        if (shown != null) {
            shown.histogram(HISTOGRAM, "how long each step of an order takes", Map.of("step", step), BOUNDS)
                    .accept((endNanos - startNanos) / NANOS);
        }
    }

    /** The steps of an order, by when they began; empty when it is not remembered. */
    public synchronized List<Step> of(String jobId) {
        return steps.getOrDefault(jobId, List.of()).stream()
                .sorted(Comparator.comparingLong(Step::startNanos))
                .toList();
    }
}
