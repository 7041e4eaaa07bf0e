package io.bloodnet.server.bench;

import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.EhrReferences;
import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.imaging.order.Origin;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.imaging.order.Priority;
import io.bloodnet.imaging.order.Procedure;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.server.store.Database;
import io.bloodnet.server.store.Json;
import java.io.IOException;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** From the command {@code ./bloodnet serve} to the first answer of {@code /health/ready}: with an empty database, and with much to do. */
public final class StartBench {

    private static final int STARTS = 3;
    private static final int JOBS = 100_000;
    private static final double EMPTY_GOAL_S = 3;
    private static final double FULL_GOAL_S = 5;
    private static final Duration READY_WITHIN = Duration.ofMinutes(2);
    private static final long LOOK_MS = 20;

    private final Path home;
    private final Path folder;
    private final HttpClient http = HttpClient.newHttpClient();

    private StartBench(Path home, Path folder) {
        this.home = home;
        this.folder = folder;
    }

    /**
     * Prints the medians of a few starts.
     *
     * @param home where {@code ./bloodnet} lies
     * @param folder an empty one for databases and keys
     */
    public static void run(Path home, Path folder, PrintStream out) throws IOException, InterruptedException {
        StartBench bench = new StartBench(home, folder);
        out.printf(
                Locale.ROOT,
                "start: to ready, empty database: %.1f s (goal <= %.0f s)%n",
                bench.median("empty", ""),
                EMPTY_GOAL_S);
        bench.fill();
        out.printf(
                Locale.ROOT,
                "start: to ready, %d unfinished jobs, 256 MB heap: %.1f s (goal <= %.0f s)%n",
                JOBS,
                bench.median("full", "-Xmx256m"),
                FULL_GOAL_S);
    }

    private double median(String database, String javaOptions) throws IOException, InterruptedException {
        double[] seconds = new double[STARTS];
        for (int i = 0; i < STARTS; i++) {
            seconds[i] = start(database, javaOptions);
        }
        Arrays.sort(seconds);
        return seconds[STARTS / 2];
    }

    private double start(String database, String javaOptions) throws IOException, InterruptedException {
        int port = freePort();
        Path config = Files.writeString(folder.resolve(database + ".yaml"), """
                http: { port: %d }
                hl7: { listen: { port: 0 } }
                pacs: { dicomweb-url: "http://127.0.0.1:9/dicom-web" }
                database: { url: "%s" }
                audit: { key-file: "%s" }
                """.formatted(
                        port, url(database), folder.resolve(database + ".pem")));
        ProcessBuilder builder = new ProcessBuilder(
                        home.resolve("bloodnet").toString(), "serve", "--config", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(database + ".log").toFile());
        builder.environment().put("BLOODNET_JAVA_OPTS", javaOptions);
        long begin = System.nanoTime();
        Process process = builder.start();
        try {
            awaitReady(process, port, database);
            return (System.nanoTime() - begin) / 1e9;
        } finally {
            process.destroy();
            if (!process.waitFor(READY_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }

    /** Ready but for the PACS, which is not there: everything of ours answers. */
    private void awaitReady(Process process, int port, String database) throws IOException, InterruptedException {
        HttpRequest ready = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/health/ready"))
                .build();
        long until = System.nanoTime() + READY_WITHIN.toNanos();
        while (System.nanoTime() < until && process.isAlive()) {
            if (answers(ready)) {
                return;
            }
            Thread.sleep(LOOK_MS);
        }
        throw new IOException("the server does not start: " + Files.readString(folder.resolve(database + ".log")));
    }

    private boolean answers(HttpRequest ready) throws InterruptedException {
        try {
            int status =
                    http.send(ready, HttpResponse.BodyHandlers.discarding()).statusCode();
            return status == 200 || status == 503;
        } catch (IOException e) {
            return false; // nobody listens yet
        }
    }

    private String url(String database) {
        return "jdbc:h2:file:" + folder.resolve(database);
    }

    /** Jobs that wait for images, none of them in a queue: the start has to find them all. */
    private void fill() {
        try (Database database = Database.open(url("full"), "sa", null)) {
            database.inTransaction(handle -> handle.createUpdate(
                            "insert into job (id, state, priority, patient_id, accession, study_uid, order_json, images_complete,"
                                    + " instances_seen, overdue, run, attempts, ordered_at, accepted_at, updated_at)"
                                    + " select 'bench-' || x, 'WAITING_FOR_IMAGES', 2, 'BENCH', 'B' || x, '2.25.' || x, :order, false,"
                                    + " 0, false, 0, 0, current_timestamp, current_timestamp, current_timestamp from system_range(1, :jobs)")
                    .bind("order", Json.write(order()))
                    .bind("jobs", JOBS)
                    .execute());
        }
    }

    private static ImagingOrder order() {
        return new ImagingOrder(
                new OrderKey(new StudyUid("2.25.1"), new AccessionNumber("B1"), null, null),
                Patient.known(new PatientId("BENCH", "BENCH")),
                null,
                null,
                Procedure.unknown(),
                Priority.ROUTINE,
                null,
                Instant.EPOCH,
                true,
                EhrReferences.none(),
                new Origin(Origin.Channel.HL7, "bench", "1"));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
