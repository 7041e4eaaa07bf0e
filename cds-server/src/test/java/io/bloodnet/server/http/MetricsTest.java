package io.bloodnet.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.server.http.Metrics.Sample;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What a scrape gets: each value as what it is. */
class MetricsTest {

    private static String scrape(Metrics metrics) throws IOException, InterruptedException {
        HealthRoutes health = new HealthRoutes(Map.of("works", Optional::empty), Map.of(), InstantSource.system());
        try (Probes probes = new Probes("127.0.0.1", 0, health, metrics);
                HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + probes.port() + "/metrics"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    @Test
    void what_only_grows_is_a_counter_what_is_in_buckets_a_histogram_and_the_rest_a_gauge() throws Exception {
        Metrics metrics = new Metrics();
        metrics.help("bloodnet_calls_total", "calls");
        metrics.help("bloodnet_answer_seconds", "how long");
        metrics.help("bloodnet_waiting", "how many");
        metrics.samples(() -> List.of(
                new Sample("bloodnet_calls_total", Map.of("ended", "well"), 3),
                new Sample("bloodnet_answer_seconds_bucket", Map.of("le", "0.5"), 2),
                new Sample("bloodnet_answer_seconds_bucket", Map.of("le", "1.0"), 3),
                new Sample("bloodnet_answer_seconds_bucket", Map.of("le", "+Inf"), 4),
                new Sample("bloodnet_answer_seconds_sum", Map.of(), 7.25),
                new Sample("bloodnet_answer_seconds_count", Map.of(), 4),
                new Sample("bloodnet_waiting", Map.of("lane", "ehr"), 0)));
        AtomicLong taken = new AtomicLong(5);
        metrics.counter("bloodnet_messages", "messages", Map.of("outcome", "accepted"), taken::get);
        assertThat(scrape(metrics).lines())
                .contains(
                        "# HELP bloodnet_calls_total calls",
                        "# TYPE bloodnet_calls_total counter",
                        "bloodnet_calls_total{ended=\"well\"} 3.0",
                        "# TYPE bloodnet_answer_seconds histogram",
                        "bloodnet_answer_seconds_bucket{le=\"0.5\"} 2",
                        "bloodnet_answer_seconds_bucket{le=\"1.0\"} 3",
                        "bloodnet_answer_seconds_bucket{le=\"+Inf\"} 4",
                        "bloodnet_answer_seconds_count 4",
                        "bloodnet_answer_seconds_sum 7.25",
                        "# TYPE bloodnet_waiting gauge",
                        "bloodnet_waiting{lane=\"ehr\"} 0.0",
                        "# TYPE bloodnet_messages_total counter",
                        "bloodnet_messages_total{outcome=\"accepted\"} 5.0");
    }

    /** Names that rules and dashboards use, of which at least this server's code has one. */
    @Test
    void rules_and_dashboards_ask_for_names_that_exist() throws IOException {
        Path root = Path.of(System.getProperty("bloodnet.root"));
        String code;
        try (var files = Files.walk(root.resolve("cds-server/src/main/java"))) {
            StringBuilder all = new StringBuilder();
            for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
                all.append(Files.readString(file));
            }
            code = all.toString();
        }
        List<String> unknown = new java.util.ArrayList<>();
        for (String file : List.of("bloodnet-alerts.yaml", "bloodnet-grafana.json")) {
            var names = java.util.regex.Pattern.compile("\\bbloodnet_[a-z_]+")
                    .matcher(Files.readString(root.resolve("deploy/dashboards").resolve(file)));
            while (names.find()) {
                String name = names.group().replaceFirst("_(total|bucket|sum|count)$", "");
                if (!code.contains("\"" + name + "\"") && !code.contains("\"" + name + "_total\"")) {
                    unknown.add(file + ": " + names.group());
                }
            }
        }
        assertThat(unknown).isEmpty();
    }
}
