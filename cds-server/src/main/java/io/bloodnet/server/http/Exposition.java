package io.bloodnet.server.http;

import io.bloodnet.server.http.Metrics.Sample;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Samples of our own as what they are: names that end with {@code _total} are counters, those of {@code _bucket}, {@code _sum} and {@code
 * _count} with one beginning are a histogram, others are gauges. Safe for all threads.
 */
final class Exposition implements MultiCollector {

    private static final String TOTAL = "_total";
    private static final String BUCKET = "_bucket";
    private static final String SUM = "_sum";

    private final Supplier<List<Sample>> samples;
    private final Map<String, String> help;

    /** @param help what each name means; asked at each scrape */
    Exposition(Supplier<List<Sample>> samples, Map<String, String> help) {
        this.samples = samples;
        this.help = help;
    }

    @Override
    public MetricSnapshots collect() {
        Map<String, List<Sample>> byName = new TreeMap<>();
        samples.get()
                .forEach(sample -> byName.computeIfAbsent(sample.name(), name -> new ArrayList<>())
                        .add(sample));
        List<MetricSnapshot> all = new ArrayList<>();
        byName.forEach((name, values) -> {
            String base = base(name, BUCKET);
            if (base != null) {
                all.add(histogram(base, values, byName.getOrDefault(base + SUM, List.of())));
            } else if (!isPart(name, byName)) {
                all.add(name.endsWith(TOTAL) ? counter(name, values) : gauge(name, values));
            }
        });
        return new MetricSnapshots(all);
    }

    private static @Nullable String base(String name, String suffix) {
        return name.endsWith(suffix) ? name.substring(0, name.length() - suffix.length()) : null;
    }

    /** The sum and the count of a histogram are told with its buckets. */
    private static boolean isPart(String name, Map<String, List<Sample>> byName) {
        int end = name.lastIndexOf('_');
        return (name.endsWith(SUM) || name.endsWith("_count")) && byName.containsKey(name.substring(0, end) + BUCKET);
    }

    private MetricSnapshot counter(String name, List<Sample> values) {
        String base = name.substring(0, name.length() - TOTAL.length());
        CounterSnapshot.Builder builder = CounterSnapshot.builder().name(base).help(help(name));
        values.forEach(sample -> builder.dataPoint(CounterSnapshot.CounterDataPointSnapshot.builder()
                .labels(labels(sample.labels()))
                .value(sample.value())
                .build()));
        return builder.build();
    }

    private MetricSnapshot gauge(String name, List<Sample> values) {
        GaugeSnapshot.Builder builder = GaugeSnapshot.builder().name(name).help(help(name));
        values.forEach(sample -> builder.dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder()
                .labels(labels(sample.labels()))
                .value(sample.value())
                .build()));
        return builder.build();
    }

    /** Our buckets count all up to their end; these count what is between two ends. */
    private MetricSnapshot histogram(String base, List<Sample> buckets, List<Sample> sums) {
        Map<Map<String, String>, TreeMap<Double, Double>> series = new LinkedHashMap<>();
        for (Sample bucket : buckets) {
            Map<String, String> labels = new TreeMap<>(bucket.labels());
            String end = Objects.requireNonNull(labels.remove("le"), "a bucket has an end");
            series.computeIfAbsent(labels, l -> new TreeMap<>())
                    .put(end.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(end), bucket.value());
        }
        HistogramSnapshot.Builder builder =
                HistogramSnapshot.builder().name(base).help(help(base));
        series.forEach((labels, upTo) -> {
            List<Double> ends = new ArrayList<>(upTo.keySet());
            List<Long> between = new ArrayList<>();
            double before = 0;
            for (double count : upTo.values()) {
                between.add(Math.max(0, (long) (count - before)));
                before = Math.max(before, count);
            }
            double sum = sums.stream()
                    .filter(sample -> sample.labels().equals(labels))
                    .mapToDouble(Sample::value)
                    .sum();
            builder.dataPoint(HistogramSnapshot.HistogramDataPointSnapshot.builder()
                    .labels(labels(labels))
                    .classicHistogramBuckets(ClassicHistogramBuckets.of(ends, between))
                    .sum(sum)
                    .build());
        });
        return builder.build();
    }

    private String help(String name) {
        return help.getOrDefault(name, name.replace('_', ' '));
    }

    private static Labels labels(Map<String, String> labels) {
        Labels.Builder builder = Labels.builder();
        labels.forEach(builder::label);
        return builder.build();
    }
}
