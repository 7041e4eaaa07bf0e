package io.bloodnet.server.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bloodnet.sandbox.SandboxHospital;
import io.bloodnet.sandbox.SandboxPorts;
import io.bloodnet.sandbox.cases.HeadContent;
import io.bloodnet.sandbox.cases.SampleCase;
import io.bloodnet.sandbox.cases.SampleCases;
import io.bloodnet.server.Main;
import io.bloodnet.server.RunningServer;
import io.bloodnet.server.config.ConfigFile;
import io.bloodnet.server.config.ServerConfig;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.store.Database;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Orders one after the other through the whole server, with a pretend hospital on loopback as the other side: from the order's acceptance to
 * the last acknowledgement, less the time during which the network ran.
 */
public final class WayBench {

    private static final int ORDERS = 21;
    /** The first ones warm the server up. */
    private static final int WARM_UP = 5;

    private static final int SLICES = 36;
    private static final double MEDIAN_GOAL_S = 1.0;
    private static final double P99_GOAL_S = 2.0;
    private static final Duration END_WITHIN = Duration.ofMinutes(2);
    private static final long LOOK_MS = 50;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final PrintStream out;
    private final HttpClient http = HttpClient.newHttpClient();

    private WayBench(PrintStream out) {
        this.out = out;
    }

    /**
     * Runs for about a minute and prints the figures.
     *
     * @param folder an empty one for database and key
     */
    public static void run(Path bundle, Path folder, PrintStream out) throws IOException, InterruptedException {
        new WayBench(out).measure(bundle, folder);
    }

    private void measure(Path bundle, Path folder) throws IOException, InterruptedException {
        List<SampleCase> cases =
                IntStream.range(0, ORDERS).mapToObj(WayBench::sample).toList();
        String url = "jdbc:h2:file:" + folder.resolve("bench");
        List<Double> seconds = new ArrayList<>();
        try (SandboxHospital hospital = new SandboxHospital(SandboxPorts.ANY, cases, InstantSource.system());
                RunningServer server = Main.start(config(hospital, url, folder), bundle);
                Database database = Database.openForReading(url, "sa", null)) {
            SandboxHospital.ServerAddress address = new SandboxHospital.ServerAddress(
                    new InetSocketAddress("127.0.0.1", server.hl7Port()), URI.create(server.url() + "/fhir/events"));
            for (SampleCase sample : cases) {
                hospital.load(sample);
                hospital.sendOrder(sample, address);
                awaitEnd(server, sample);
                seconds.add(secondsWithoutNetwork(database, sample));
            }
        }
        List<Double> counted = new ArrayList<>(seconds.subList(WARM_UP, ORDERS));
        Collections.sort(counted);
        out.printf(
                Locale.ROOT,
                "way: order accepted to all acknowledged, without the network's time, %d slices, %d orders: median %.2f s (goal <= %.1f s), slowest %.2f s (goal <= %.1f s)%n",
                SLICES,
                counted.size(),
                counted.get(counted.size() / 2),
                MEDIAN_GOAL_S,
                counted.getLast(),
                P99_GOAL_S);
    }

    /** By FHIR: an ImagingStudy says how many images there are, so no quiet period is waited for. */
    private static SampleCase sample(int number) {
        SampleCase c = SampleCases.of(
                "way-" + number, 55, number, HeadContent.INTRAPARENCHYMAL, SampleCase.Route.FHIR_IMAGING_STUDY, true);
        return new SampleCase(
                c.id(),
                c.content(),
                c.route(),
                c.stat(),
                c.patientId(),
                c.familyName(),
                c.givenName(),
                c.birthDate(),
                c.sex(),
                c.accession(),
                c.placer(),
                c.studyUid(),
                SLICES,
                c.seed());
    }

    private void awaitEnd(RunningServer server, SampleCase sample) throws IOException, InterruptedException {
        HttpRequest worklist = HttpRequest.newBuilder(URI.create(server.url() + "/api/worklist"))
                .build();
        long until = System.nanoTime() + END_WITHIN.toNanos();
        while (System.nanoTime() < until) {
            JsonNode items = JSON.readTree(http.send(worklist, HttpResponse.BodyHandlers.ofString())
                            .body())
                    .path("items");
            for (JsonNode item : items) {
                if (item.path("accessionNumber").asText().equals(sample.accession())
                        && JobState.valueOf(item.path("state").asText()).isTerminal()) {
                    return;
                }
            }
            Thread.sleep(LOOK_MS);
        }
        throw new IOException("order " + sample.id() + " has not ended within " + END_WITHIN);
    }

    private record Times(Instant accepted, Instant reported, String findingJson) {}

    private static double secondsWithoutNetwork(Database database, SampleCase sample) throws IOException {
        Times times = database.read(handle -> handle.createQuery(
                        "select accepted_at, reported_at, finding_json from job where study_uid = :study")
                .bind("study", sample.studyUid())
                .map((row, context) -> new Times(
                        row.getObject("accepted_at", Instant.class),
                        row.getObject("reported_at", Instant.class),
                        row.getString("finding_json")))
                .one());
        double network =
                JSON.readTree(times.findingJson()).findValue("inferenceMs").asDouble() / 1000;
        return Duration.between(times.accepted(), times.reported()).toNanos() / 1e9 - network;
    }

    private static ServerConfig config(SandboxHospital hospital, String url, Path folder) {
        return ConfigFile.parse("""
                http: { port: 0 }
                hl7: { listen: { port: 0 }, results: { port: %d } }
                pacs: { dicomweb-url: "%s" }
                ehr: { fhir-url: "%s" }
                database: { url: "%s" }
                audit: { key-file: "%s" }
                """.formatted(
                hospital.hl7().port(), hospital.pacs().url(), hospital.ehr().url(), url, folder.resolve("key.pem")));
    }
}
