package io.bloodnet.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bloodnet.audit.ledger.KeyFile;
import io.bloodnet.audit.verify.AuditVerifier;
import io.bloodnet.audit.verify.Verification;
import io.bloodnet.sandbox.SandboxHospital;
import io.bloodnet.sandbox.SandboxPorts;
import io.bloodnet.sandbox.cases.HeadContent;
import io.bloodnet.sandbox.cases.SampleCase;
import io.bloodnet.sandbox.cases.SampleCases;
import io.bloodnet.server.config.ConfigFile;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.store.Database;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two servers on one PostgreSQL: each order ends once whichever of them hears of it, one log is written, and one goes on when the other dies. */
class TwoServersTest {

    private static final Duration END_WITHIN = Duration.ofSeconds(300);
    private static final Duration START_WITHIN = Duration.ofSeconds(120);
    /** The database ends the frozen server's transaction after 8 s by itself. */
    private static final Duration LOCK_FREE_WITHIN = Duration.ofSeconds(15);

    private static final Path BUNDLE = Path.of(System.getProperty("bloodnet.root"), "imaging-inference/model");

    private final HttpClient http = HttpClient.newHttpClient();

    @TempDir
    Path folder;

    private EmbeddedPostgres postgres;

    /** Where one server listens; chosen before it starts, because its name among the servers has the port in it. */
    private record Ports(int http, int hl7) {
        static Ports free() throws IOException {
            return new Ports(ServerProcess.freePort(), ServerProcess.freePort());
        }

        SandboxHospital.ServerAddress address() {
            return new SandboxHospital.ServerAddress(
                    new InetSocketAddress("127.0.0.1", hl7), URI.create("http://127.0.0.1:" + http + "/fhir/events"));
        }
    }

    @BeforeEach
    void startPostgres() throws IOException {
        postgres = EmbeddedPostgres.builder()
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on")
                .start();
    }

    @AfterEach
    void stopPostgres() throws IOException {
        postgres.close();
    }

    @Test
    void an_order_that_both_hear_of_at_once_ends_once() throws Exception {
        List<SampleCase> cases = List.of(
                sample("two-1", 911, HeadContent.INTRAPARENCHYMAL, SampleCase.Route.HL7_ORM),
                sample("two-2", 912, HeadContent.LOCALIZER_ONLY, SampleCase.Route.HL7_OMI),
                sample("two-3", 913, HeadContent.LOCALIZER_ONLY, SampleCase.Route.FHIR_IMAGING_STUDY),
                sample("two-4", 914, HeadContent.LOCALIZER_ONLY, SampleCase.Route.HL7_ORM));
        Ports one = Ports.free();
        Ports two = Ports.free();
        try (SandboxHospital hospital = new SandboxHospital(SandboxPorts.ANY, cases, InstantSource.system())) {
            hospital.loadAll();
            try (RunningServer first = Main.start(ConfigFile.parse(config(hospital, one)), BUNDLE);
                    RunningServer second = Main.start(ConfigFile.parse(config(hospital, two)), BUNDLE);
                    ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Callable<Boolean>> sendings = cases.stream()
                        .flatMap(sample -> Stream.of(one, two).map(ports -> (Callable<Boolean>) () ->
                                hospital.sendOrder(sample, ports.address()).accepted()))
                        .toList();
                for (Future<Boolean> accepted : senders.invokeAll(sendings)) {
                    assertThat(accepted.get()).isTrue();
                }
                awaitEnd(first, cases.size());
                awaitEnd(second, cases.size());
            }
            requireOneResultEach(hospital, cases);
        }
        verifyAudit();
    }

    @Test
    void the_other_server_ends_what_a_killed_one_had_begun() throws Exception {
        List<SampleCase> cases = List.of(sample("two-5", 921, HeadContent.INTRAPARENCHYMAL, SampleCase.Route.HL7_ORM));
        Ports dying = Ports.free();
        Ports surviving = Ports.free();
        try (SandboxHospital hospital = new SandboxHospital(SandboxPorts.ANY, cases, InstantSource.system())) {
            hospital.loadAll();
            Path config = Files.writeString(folder.resolve("dying.yaml"), config(hospital, dying));
            Process process = ServerProcess.start(config, Optional.of("after-inference"), folder.resolve("dying.log"));
            try {
                awaitReady(process, dying);
                assertThat(hospital.sendOrder(cases.getFirst(), dying.address()).accepted())
                        .isTrue();
                assertThat(process.waitFor(END_WITHIN.toSeconds(), TimeUnit.SECONDS))
                        .isTrue();
                assertThat(process.exitValue()).isEqualTo(137);
            } finally {
                process.destroyForcibly().waitFor();
            }
            try (RunningServer survivor = Main.start(ConfigFile.parse(config(hospital, surviving)), BUNDLE)) {
                awaitEnd(survivor, cases.size());
            }
            requireOneResultEach(hospital, cases);
        }
        verifyAudit();
    }

    @Test
    void the_other_server_goes_on_while_one_is_frozen_with_its_leases_and_the_logs_lock() throws Exception {
        List<SampleCase> cases = List.of(
                sample("two-6", 931, HeadContent.INTRAPARENCHYMAL, SampleCase.Route.HL7_ORM),
                sample("two-7", 932, HeadContent.LOCALIZER_ONLY, SampleCase.Route.HL7_ORM),
                sample("two-8", 933, HeadContent.LOCALIZER_ONLY, SampleCase.Route.HL7_ORM));
        Ports freezing = Ports.free();
        Ports going = Ports.free();
        try (SandboxHospital hospital = new SandboxHospital(SandboxPorts.ANY, cases, InstantSource.system())) {
            hospital.load(cases.getFirst()); // what is there already, the servers would find by asking the EHR
            String named = config(hospital, freezing);
            named = named.replace("user=postgres", "user=postgres&ApplicationName=freezing");
            Path config = Files.writeString(folder.resolve("freezing.yaml"), named);
            Process process = ServerProcess.start(config, Optional.empty(), folder.resolve("dying.log"));
            try (RunningServer other = Main.start(ConfigFile.parse(config(hospital, going)), BUNDLE);
                    FrozenProcess frozen = new FrozenProcess(process, postgres.getPostgresDatabase(), "freezing")) {
                awaitReady(process, freezing);
                assertThat(hospital.sendOrder(cases.getFirst(), freezing.address())
                                .accepted())
                        .isTrue();
                URI worklist = URI.create("http://127.0.0.1:" + freezing.http() + "/api/worklist");
                frozen.freezeWithLeaseAndLock(worklist);
                assertThat(frozen.untilTheDatabaseFreesTheLock())
                        .as("what a server promises while another is frozen")
                        .isLessThan(LOCK_FREE_WITHIN);
                hospital.load(cases.get(1));
                assertThat(hospital.sendOrder(cases.get(1), going.address()).accepted())
                        .isTrue();
                awaitEnd(other, 2);

                frozen.thaw();
                awaitReady(process, freezing);
                hospital.load(cases.get(2));
                assertThat(hospital.sendOrder(cases.get(2), freezing.address()).accepted())
                        .isTrue();
                awaitEnd(other, cases.size());
            }
            requireOneResultEach(hospital, cases);
        }
        verifyAudit();
    }

    private static SampleCase sample(String id, int seed, HeadContent content, SampleCase.Route route) {
        return SampleCases.of(id, 31, seed, content, route, content == HeadContent.INTRAPARENCHYMAL);
    }

    private static void requireOneResultEach(SandboxHospital hospital, List<SampleCase> cases) {
        assertThat(hospital.ehr().resources("DiagnosticReport")).hasSize(cases.size());
        assertThat(hospital.hl7().received().stream()
                        .map(message -> message.controlId())
                        .distinct())
                .hasSize(cases.size());
        assertThat(hospital.pacs().files(cases.getFirst().studyUid(), "SEG")).hasSize(1);
    }

    /** Every server shows all orders, whoever works on them. */
    private void awaitEnd(RunningServer server, int orders) throws Exception {
        long until = System.nanoTime() + END_WITHIN.toNanos();
        String body = "";
        while (System.nanoTime() < until) {
            body = http.send(
                            HttpRequest.newBuilder(URI.create(server.url() + "/api/worklist"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
            JsonNode items = new ObjectMapper().readTree(body).path("items");
            long ended = items.valueStream()
                    .filter(item ->
                            JobState.valueOf(item.path("state").asText()).isTerminal())
                    .count();
            if (items.size() == orders && ended == orders) {
                return;
            }
        }
        throw new AssertionError("the orders do not end: " + body);
    }

    private void verifyAudit() {
        try (Database database =
                Database.openForReading(postgres.getJdbcUrl("postgres", "postgres"), "postgres", null)) {
            assertThat(AuditVerifier.database(
                            database.dataSource(),
                            new KeyFile(folder.resolve("audit-key.pem"))
                                    .publicKeys()
                                    .orElseThrow(),
                            List.of()))
                    .isInstanceOf(Verification.Verified.class);
        }
    }

    private void awaitReady(Process process, Ports ports) throws InterruptedException, IOException {
        long until = System.nanoTime() + START_WITHIN.toNanos();
        HttpRequest ready = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + ports.http() + "/health/ready"))
                .build();
        while (System.nanoTime() < until && process.isAlive()) {
            try {
                if (http.send(ready, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
                    return;
                }
            } catch (IOException e) {
                assertThat(process.isAlive()).as("not up yet").isTrue();
            }
            process.waitFor(100, TimeUnit.MILLISECONDS);
        }
        throw new AssertionError("it does not start: " + Files.readString(folder.resolve("dying.log")));
    }

    private String config(SandboxHospital hospital, Ports ports) {
        return """
                http: { port: %d }
                hl7: { listen: { port: %d }, results: { port: %d } }
                pacs: { dicomweb-url: "%s" }
                ehr: { fhir-url: "%s" }
                database: { url: "%s", user: "postgres" }
                audit: { key-file: "%s" }
                orders: { quiet-seconds: 1 }
                """.formatted(
                        ports.http(),
                        ports.hl7(),
                        hospital.hl7().port(),
                        hospital.pacs().url(),
                        hospital.ehr().url(),
                        postgres.getJdbcUrl("postgres", "postgres"),
                        folder.resolve("audit-key.pem"));
    }
}
