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
import java.util.concurrent.atomic.DoubleAdder;

/**
 * Counts what alert fatigue is judged by: calls, cards, feedback, times. Label values come from small closed sets, never from a request.
 * Safe for all threads; counts start at zero with the server.
 */
public final class CdsMetrics {

    private static final double NANOS = 1e9;
    private static final double[] ANSWER_S = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5};
    private static final double[] ACKNOWLEDGE_S = {5, 15, 60, 300, 900, 3600, 14_400};

    /** What each name means; of a histogram without what its parts end with. */
    public static final Map<String, String> NAMES = Map.of(
            "bloodnet_cds_calls_total", "CDS Hooks calls by service and how they ended",
            "bloodnet_cds_answer_seconds", "how long an answer took",
            "bloodnet_cds_cards_total", "cards by service and indicator; shown=false was held back",
            "bloodnet_cds_feedback_total", "what people did with cards",
            "bloodnet_cds_acknowledge_seconds", "from a card to what a person did with it",
            "bloodnet_cds_feedback_unknown_card_total", "feedback on cards that are not ours",
            "bloodnet_cds_refused_total", "calls that were refused, by what was wrong with their token",
            "bloodnet_cds_flag_reads",
                    "what people's final reports say of studies that were flagged in the last 90 days",
            "bloodnet_cds_flag_quieter", "1 while flags are shown more quietly for what reports say of them");

    private final Map<Key, DoubleAdder> counters = new ConcurrentHashMap<>();

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
    public record Sample(String name, Map<String, String> labels, double value) {}

    /** All counters that were ever counted up and all gauges, ordered by name and labels. */
    public List<Sample> samples() {
        List<Sample> all = new ArrayList<>();
        counters.forEach((key, count) -> all.add(new Sample(key.name, key.labels, count.sum())));
        gauges.forEach((key, value) -> all.add(new Sample(key.name, key.labels, value.doubleValue())));
        all.sort(java.util.Comparator.comparing(Sample::name)
                .thenComparing(s -> s.labels().toString()));
        return all;
    }

    void call(String service, Ended ended, Duration took) {
        add("bloodnet_cds_calls_total", 1, "service", service, "ended", lower(ended));
        histogram("bloodnet_cds_answer_seconds", ANSWER_S, took.toNanos() / NANOS, service);
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
        DoubleAdder count = counters.get(key);
        return count == null ? gauges.getOrDefault(key, 0L) : (long) count.sum();
    }

    private void histogram(String name, double[] bounds, double value, String service) {
        for (double bound : bounds) {
            if (value <= bound) {
                add(name + "_bucket", 1, "service", service, "le", "" + bound);
            }
        }
        add(name + "_bucket", 1, "service", service, "le", "+Inf");
        add(name + "_sum", value, "service", service);
        add(name + "_count", 1, "service", service);
    }

    private void add(String name, double value, String... labels) {
        counters.computeIfAbsent(new Key(name, labels(labels)), k -> new DoubleAdder())
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
