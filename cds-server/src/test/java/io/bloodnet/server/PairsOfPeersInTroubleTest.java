package io.bloodnet.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.audit.testing.FaultProxy;
import io.bloodnet.audit.testing.FaultProxy.Weather;
import io.bloodnet.sandbox.SandboxHospital;
import io.bloodnet.sandbox.SandboxPorts;
import io.bloodnet.sandbox.cases.HeadContent;
import io.bloodnet.sandbox.cases.SampleCase;
import io.bloodnet.sandbox.cases.SampleCases;
import io.bloodnet.server.config.ConfigFile;
import io.bloodnet.server.job.JobState;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole server with archive, EHR, HL7 receiver and PostgreSQL each behind a proxy, each in a trouble of its own, from one moment of an
 * order's life on: meanwhile the server goes on answering, afterwards the order ends, and each receiver has one result. A few rows of the
 * pairwise table; all with {@code -Dbloodnet.long=true}, others with {@code -Dseed=N}.
 */
class PairsOfPeersInTroubleTest {

    private static final boolean LONG = Boolean.getBoolean("bloodnet.long");
    private static final long SEED = Long.getLong("seed", 20261130);
    private static final int ROWS = Integer.getInteger("bloodnet.rows", LONG ? Integer.MAX_VALUE : 3);
    private static final Path BUNDLE = Path.of(System.getProperty("bloodnet.root"), "imaging-inference/model");

    private static final Duration TROUBLE = Duration.ofSeconds(4);
    /** A page or a check says something within this, if only that it cannot: the database is asked for so long at most. */
    private static final Duration ANSWER_MAX = Duration.ofSeconds(25);
    /** The longest deadline of a call that hangs, and the pause after it, on a busy machine. */
    private static final Duration END_WITHIN = Duration.ofSeconds(180);

    private static final List<Weather> WEATHERS = List.of(
            new Weather.Fair(),
            new Weather.Slow(Duration.ofMillis(300)),
            new Weather.Frozen(),
            new Weather.Blackhole(),
            new Weather.Drip(50),
            new Weather.Cut(40),
            new Weather.Reset(),
            new Weather.HalfClosed(),
            new Weather.Refused());

    /** From when on: the order is accepted, is looked at, is told. */
    private static final List<JobState> MOMENTS =
            List.of(JobState.WAITING_FOR_IMAGES, JobState.ANALYZING, JobState.DELIVERING);

    @TempDir
    Path folder;

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(ANSWER_MAX).build();

    @Test
    void whatever_two_peers_do_the_order_ends_once() throws Exception {
        int peers = 4;
        int[] values = new int[peers + 1];
        Arrays.fill(values, WEATHERS.size());
        values[peers] = MOMENTS.size();
        List<int[]> all = PairsOfTroubles.rows(values, SEED);
        List<int[]> rows = all.subList(0, Math.min(ROWS, all.size()));
        List<SampleCase> cases = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            cases.add(SampleCases.of(
                    "pairs-" + i, 41, 1_000 + i, HeadContent.LOCALIZER_ONLY, SampleCase.Route.HL7_ORM, false));
        }
        try (EmbeddedPostgres postgres = EmbeddedPostgres.builder()
                        .setServerConfig("fsync", "on")
                        .setServerConfig("synchronous_commit", "on")
                        .setServerConfig("full_page_writes", "on")
                        .start();
                SandboxHospital hospital = new SandboxHospital(SandboxPorts.ANY, cases, InstantSource.system());
                FaultProxy archive = before(hospital.pacs().url());
                FaultProxy ehr = before(hospital.ehr().url());
                FaultProxy hl7 = new FaultProxy(hospital.hl7().port());
                FaultProxy database = new FaultProxy(postgres.getPort())) {
            List<FaultProxy> proxies = List.of(archive, ehr, hl7, database);
            try (RunningServer server = Main.start(ConfigFile.parse(config(hospital, postgres, proxies)), BUNDLE)) {
                for (int i = 0; i < rows.size(); i++) {
                    String row = i + " of seed " + SEED + ": " + words(rows.get(i));
                    System.out.println("pairs: row " + row);
                    inTrouble(hospital, cases.get(i), server, postgres, proxies, rows.get(i), row);
                    assertThat(hospital.ehr().resources("DiagnosticReport"))
                            .as(row)
                            .hasSize(i + 1);
                    assertThat(hospital.hl7().received().stream()
                                    .map(message -> message.controlId())
                                    .distinct())
                            .as(row)
                            .hasSize(i + 1);
                }
            }
        }
    }

    private void inTrouble(
            SandboxHospital hospital,
            SampleCase sample,
            RunningServer server,
            EmbeddedPostgres postgres,
            List<FaultProxy> proxies,
            int[] row,
            String words)
            throws Exception {
        hospital.load(sample);
        var address = new SandboxHospital.ServerAddress(
                new InetSocketAddress("127.0.0.1", server.hl7Port()), URI.create(server.url() + "/fhir/events"));
        assertThat(hospital.sendOrder(sample, address).accepted()).as(words).isTrue();
        JobState moment = MOMENTS.get(row[proxies.size()]);
        await(words, () -> state(postgres, sample).compareTo(moment) >= 0);
        for (int p = 0; p < proxies.size(); p++) {
            proxies.get(p).set(WEATHERS.get(row[p]));
        }
        long until = System.nanoTime() + TROUBLE.toNanos();
        while (System.nanoTime() < until) {
            answers(server, "/health/live", words);
            answers(server, "/health/ready", words);
            answers(server, "/api/worklist", words);
        }
        for (FaultProxy proxy : proxies) {
            proxy.set(new Weather.Fair());
            proxy.resetOpen();
        }
        await(words, () -> state(postgres, sample).isTerminal());
        assertThat(state(postgres, sample)).as(words).isEqualTo(JobState.NOT_ANALYZED);
    }

    /** An answer, whatever it says, and not later than the limit. */
    private void answers(RunningServer server, String path, String row) throws IOException, InterruptedException {
        try {
            http.send(
                    HttpRequest.newBuilder(URI.create(server.url() + path))
                            .timeout(ANSWER_MAX)
                            .build(),
                    HttpResponse.BodyHandlers.discarding());
        } catch (HttpTimeoutException e) {
            throw new AssertionError(path + " says nothing for " + ANSWER_MAX + ", row " + row, e);
        }
    }

    private interface Question {
        boolean isSo() throws SQLException;
    }

    private static void await(String row, Question question) throws SQLException {
        long until = System.nanoTime() + END_WITHIN.toNanos();
        while (!question.isSo()) {
            if (System.nanoTime() > until) {
                throw new AssertionError("it does not come to an end, row " + row);
            }
            LockSupport.parkNanos(20_000_000);
        }
    }

    /** Asked past the proxy. */
    private static JobState state(EmbeddedPostgres postgres, SampleCase sample) throws SQLException {
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                PreparedStatement select = connection.prepareStatement("select state from job where study_uid = ?")) {
            select.setString(1, sample.studyUid());
            try (ResultSet rows = select.executeQuery()) {
                return rows.next() ? JobState.valueOf(rows.getString(1)) : JobState.WAITING_FOR_IMAGES;
            }
        }
    }

    private static String words(int[] row) {
        String[] names = {"archive", "ehr", "hl7", "database"};
        List<String> words = new ArrayList<>();
        for (int p = 0; p < names.length; p++) {
            words.add(names[p] + " " + WEATHERS.get(row[p]));
        }
        return String.join(", ", words) + ", from " + MOMENTS.get(row[names.length]);
    }

    private static FaultProxy before(String url) {
        return new FaultProxy(URI.create(url).getPort());
    }

    private static String through(String url, FaultProxy proxy) {
        return url.replace(":" + URI.create(url).getPort(), ":" + proxy.port());
    }

    private String config(SandboxHospital hospital, EmbeddedPostgres postgres, List<FaultProxy> proxies) {
        return """
                http: { port: 0 }
                hl7: { listen: { port: 0 }, results: { port: %d } }
                pacs: { dicomweb-url: "%s" }
                ehr: { fhir-url: "%s" }
                database: { url: "%s", user: "postgres" }
                audit: { key-file: "%s" }
                orders: { quiet-seconds: 1 }
                """.formatted(
                proxies.get(2).port(),
                through(hospital.pacs().url(), proxies.get(0)),
                through(hospital.ehr().url(), proxies.get(1)),
                postgres.getJdbcUrl("postgres", "postgres")
                        .replace(":" + postgres.getPort(), ":" + proxies.get(3).port()),
                folder.resolve("audit-key.pem"));
    }
}
