package io.bloodnet.server.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.DoubleConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** {@code GET /metrics} in Prometheus' text format: what other parts show here, and the JVM. No patient data. */
public final class Metrics {

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final List<Supplier<List<Sample>>> sources = new CopyOnWriteArrayList<>();
    private final Map<String, String> help = new ConcurrentHashMap<>();

    /** What the JVM says is there from the beginning. */
    public Metrics() {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        registry.getPrometheusRegistry()
                .register(new Exposition(
                        () -> sources.stream()
                                .flatMap(source -> source.get().stream())
                                .toList(),
                        help));
    }

    /**
     * A value of another part as it stands.
     *
     * @param name with its unit; ends with {@code _total} for what only grows; {@code _bucket} (label {@code le}), {@code _sum} and {@code
     *     _count} with one beginning are a histogram
     */
    public record Sample(String name, Map<String, String> labels, double value) {}

    /** Says what a name of samples means. @param name of a histogram: without what its parts end with */
    public void help(String name, String description) {
        help.put(name, description);
    }

    /**
     * Shows a value as it is at each scrape.
     *
     * @param name with its unit, such as {@code bloodnet_audit_unsigned_seconds}
     */
    public void gauge(String name, String description, Supplier<Number> value) {
        gauge(name, description, Map.of(), value);
    }

    /** As above, one value for each combination of labels. */
    public void gauge(String name, String description, Map<String, String> labels, Supplier<Number> value) {
        Gauge.builder(name, value).description(description).tags(tags(labels)).register(registry);
    }

    /**
     * Shows a value that only grows.
     *
     * @param name without {@code _total}, which Prometheus' format adds
     */
    public void counter(String name, String description, Map<String, String> labels, LongSupplier value) {
        // not micrometer's FunctionCounter: it holds what it reads so weakly that the garbage collector takes it
        help(name + "_total", description);
        samples(() -> List.of(new Sample(name + "_total", labels, value.getAsLong())));
    }

    /**
     * What takes values into a histogram, the same for the same name and labels.
     *
     * @param name with its unit, such as {@code bloodnet_time_to_flag_seconds}
     * @param bounds upper ends of its buckets, in that unit, ascending
     */
    public DoubleConsumer histogram(String name, String description, Map<String, String> labels, double... bounds) {
        return DistributionSummary.builder(name)
                .description(description)
                .tags(tags(labels))
                .serviceLevelObjectives(bounds)
                .register(registry)::record;
    }

    private static Tags tags(Map<String, String> labels) {
        Tags tags = Tags.empty();
        for (Map.Entry<String, String> label : labels.entrySet()) {
            tags = tags.and(label.getKey(), label.getValue());
        }
        return tags;
    }

    /** Shows another part's values at each scrape. */
    public void samples(Supplier<List<Sample>> source) {
        sources.add(source);
    }

    /** Answers a scrape. */
    public void scrape(ServerRequest request, ServerResponse response) {
        response.status(Status.OK_200)
                .header(HeaderNames.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")
                .send(registry.scrape());
    }
}
