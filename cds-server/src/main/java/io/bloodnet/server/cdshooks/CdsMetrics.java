package io.bloodnet.server.cdshooks;

import io.bloodnet.server.cdshooks.card.Indicator;
import io.bloodnet.server.cdshooks.card.OverrideReason;
import io.bloodnet.server.cdshooks.memory.ShownCard;
import io.bloodnet.server.cdshooks.request.Feedback;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts what alert fatigue is judged by: calls, cards, feedback, times. Label values come from small closed sets, never from a request.
 * Safe for all threads; counts start at zero with the server.
 */
public final class CdsMetrics {

    private static final long[] ANSWER_MS = {5, 10, 25, 50, 100, 250, 500};
    private static final long[] ACKNOWLEDGE_S = {5, 15, 60, 300, 900, 3600, 14_400};

    private final Map<Key, LongAdder> counters = new ConcurrentHashMap<>();

    private final Map<Key, Long> gauges = new ConcurrentHashMap<>();

    private record Key(String name, Map<String, String> labels) {}

    /** How a call ended. */
    enum Ended {
        CARDS,
        NO_CARDS,
        SILENT,
        OFF,
        LATE,
        OVERLOADED,
        AUDIT_UNAVAILABLE,
        DATABASE_UNAVAILABLE,
        FAILED,
        REFUSED,
        BAD_REQUEST,
        DATA_MISSING,
        DISCOVERY,
        FEEDBACK
    }

    /**
     * A counter's or gauge's value, for an exposition such as Prometheus'.
     *
     * @param name without the labels
     * @param labels by name; empty when there are none
     * @param value since start, or now for a gauge
     */
    public record Sample(String name, Map<String, String> labels, long value) {}

    /** All counters that were ever counted up and all gauges, ordered by name and labels. */
    public List<Sample> samples() {
        List<Sample> all = new ArrayList<>();
        counters.forEach((key, count) -> all.add(new Sample(key.name, key.labels, count.sum())));
        gauges.forEach((key, value) -> all.add(new Sample(key.name, key.labels, value)));
        all.sort(java.util.Comparator.comparing(Sample::name)
                .thenComparing(s -> s.labels().toString()));
        return all;
    }

    void call(String service, Ended ended, Duration took) {
        add("bloodnet_cds_calls_total", 1, "service", service, "ended", lower(ended));
        histogram("bloodnet_cds_answer_milliseconds", ANSWER_MS, took.toMillis(), service);
    }

    void card(String service, Indicator indicator, boolean shown) {
        add("bloodnet_cds_cards_total", 1, "service", service, "indicator", indicator.code(), "shown", "" + shown);
    }

    void feedback(ShownCard card, Feedback feedback) {
        long seconds = Math.max(0, Duration.between(card.at(), feedback.at()).toSeconds());
        String reason = feedback.reasonCode() == null ? "none" : OverrideReason.label(feedback.reasonCode());
        add(
                "bloodnet_cds_feedback_total",
                1,
                "service",
                card.service(),
                "outcome",
                feedback.outcome().code(),
                "reason",
                reason);
        histogram("bloodnet_cds_acknowledge_seconds", ACKNOWLEDGE_S, seconds, card.service());
    }

    void feedbackOnUnknownCards(int count) {
        add("bloodnet_cds_feedback_unknown_card_total", count);
    }

    void refused(String reason) {
        add("bloodnet_cds_refused_total", 1, "reason", reason.toLowerCase(Locale.ROOT));
    }

    /** What final reports say of our flags in the last {@link FlagWatch#LOOK_BACK}, and whether flags are quieter for it. */
    void flagReads(FlagReads.Reads reads, boolean quieter) {
        gauges.put(new Key("bloodnet_cds_flag_reads", labels("says", "hemorrhage")), reads.confirmed());
        gauges.put(new Key("bloodnet_cds_flag_reads", labels("says", "none")), reads.denied());
        gauges.put(new Key("bloodnet_cds_flag_quieter", Map.of()), quieter ? 1L : 0L);
    }

    /** The value of one counter or gauge; 0 when it was never counted up or set. */
    long value(String name, String... labels) {
        Key key = new Key(name, labels(labels));
        LongAdder count = counters.get(key);
        return count == null ? gauges.getOrDefault(key, 0L) : count.sum();
    }

    private void histogram(String name, long[] bounds, long value, String service) {
        for (long bound : bounds) {
            if (value <= bound) {
                add(name + "_bucket", 1, "service", service, "le", "" + bound);
            }
        }
        add(name + "_bucket", 1, "service", service, "le", "+Inf");
        add(name + "_sum", value, "service", service);
        add(name + "_count", 1, "service", service);
    }

    private void add(String name, long value, String... labels) {
        counters.computeIfAbsent(new Key(name, labels(labels)), k -> new LongAdder())
                .add(value);
    }

    private static Map<String, String> labels(String... pairs) {
        Map<String, String> labels = new TreeMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            labels.put(pairs[i], pairs[i + 1]);
        }
        return labels;
    }

    private static String lower(Ended ended) {
        return ended.name().toLowerCase(Locale.ROOT);
    }
}
