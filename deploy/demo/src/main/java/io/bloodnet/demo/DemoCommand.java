package io.bloodnet.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.sandbox.SandboxHospital;
import io.bloodnet.sandbox.SandboxPorts;
import io.bloodnet.sandbox.cases.SampleCase;
import io.bloodnet.sandbox.cases.SampleCases;
import io.bloodnet.sandbox.idp.Persona;
import io.bloodnet.sandbox.idp.SandboxIdp;
import io.bloodnet.server.Main;
import io.bloodnet.server.RunningServer;
import io.bloodnet.server.cli.BloodNetCommand;
import io.bloodnet.server.cli.LocalServer;
import io.bloodnet.server.cli.Signals;
import io.bloodnet.server.config.ConfigFile;
import io.bloodnet.server.config.ServerConfig;
import io.bloodnet.server.job.JobState;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./bloodnet demo}: the server with the sandbox hospital, on loopback, with sample orders. */
@Command(
        name = "bloodnet demo",
        description =
                "Starts the server with a pretend hospital and sends sample orders. Everything is synthetic and on this machine.",
        mixinStandardHelpOptions = true)
public final class DemoCommand implements Callable<Integer> {

    private static final Duration ORDERS_END_WITHIN = Duration.ofMinutes(10);
    private static final long LOOK_MS = 250;
    private static final ObjectMapper JSON = new ObjectMapper();

    @Option(
            names = "--once",
            description = "End when all orders have ended: 0 when each ended in a terminal state, else 1.")
    boolean once;

    @Option(
            names = "--pacs",
            paramLabel = "URL",
            description = "A real PACS (DICOMweb base URL) instead of the sandbox's; gets the samples by STOW-RS.")
    @Nullable
    URI pacs;

    @Option(
            names = "--ehr",
            paramLabel = "URL",
            description = "A real FHIR R4 server instead of the sandbox's; gets the sample patients and orders.")
    @Nullable
    URI ehr;

    @Option(
            names = "--http-port",
            defaultValue = "8080",
            description = "Web pages and APIs (default ${DEFAULT-VALUE}; 0: any).")
    int httpPort;

    @Option(names = "--hl7-port", defaultValue = "2575", description = "MLLP (default ${DEFAULT-VALUE}; 0: any).")
    int hl7Port;

    @Option(
            names = "--sandbox-pacs-port",
            defaultValue = "8081",
            description = "Pretend PACS (default ${DEFAULT-VALUE}; 0: any).")
    int sandboxPacsPort;

    @Option(
            names = "--sandbox-ehr-port",
            defaultValue = "8082",
            description = "Pretend EHR (default ${DEFAULT-VALUE}; 0: any).")
    int sandboxEhrPort;

    @Option(
            names = "--sandbox-hl7-port",
            defaultValue = "2576",
            description = "Pretend receiver of results (default ${DEFAULT-VALUE}; 0: any).")
    int sandboxHl7Port;

    @Option(
            names = "--sandbox-idp-port",
            defaultValue = "8083",
            description = "Pretend identity provider (default ${DEFAULT-VALUE}; 0: any).")
    int sandboxIdpPort;

    /** Runs the command and ends the process with its code. */
    public static void main(String[] args) {
        System.exit(BloodNetCommand.run(new DemoCommand(), args));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path data = Files.createTempDirectory("bloodnet-demo-");
        try {
            return run(data);
        } finally {
            delete(data);
        }
    }

    private int run(Path data) throws IOException, InterruptedException {
        SandboxPorts ports = new SandboxPorts(sandboxPacsPort, sandboxEhrPort, sandboxHl7Port);
        List<SampleCase> cases = SampleCases.demo();
        System.out.println("Pretend hospital: drawing " + cases.size() + " synthetic head CTs ...");
        try (SandboxHospital hospital = new SandboxHospital(ports, cases, InstantSource.system());
                SandboxIdp idp = new SandboxIdp(sandboxIdpPort, InstantSource.system())) {
            for (SampleCase sample : cases) {
                hospital.load(sample);
                System.out.println("  " + sample.accession() + "  " + sample.expected());
            }
            if (pacs != null || ehr != null) {
                RealPeers.load(hospital, cases, pacs, ehr);
            }
            ServerConfig config = config(data, hospital, idp);
            try (RunningServer server = Main.start(
                    config, BloodNetCommand.shippedBundle(), pages(), Map.of("/demo/patients.json", patients(cases)))) {
                System.out.println("Server ready: " + server.url() + "/");
                boolean good = orders(hospital, server, config, cases);
                if (once) {
                    return good ? 0 : 1;
                }
                System.out.println("Sign in as one of " + Persona.ALL.size() + " invented people, without a password.");
                System.out.println("Worklist: " + server.url() + "/   pretend chart with CDS Hooks: " + server.url()
                        + "/demo/ehr   Ctrl-C ends it.");
                Signals.await();
                System.out.println("stopping");
                return 0;
            }
        }
    }

    private ServerConfig config(Path data, SandboxHospital hospital, SandboxIdp idp) throws IOException {
        int port = httpPort == 0 ? freePort() : httpPort;
        String text = """
                http: { host: 127.0.0.1, port: %d }
                hl7: { listen: { host: 127.0.0.1, port: %d }, results: { host: 127.0.0.1, port: %d } }
                pacs: { dicomweb-url: "%s" }
                ehr: { fhir-url: "%s" }
                database: { url: "jdbc:h2:file:%s" }
                audit: { key-file: "%s" }
                orders: { quiet-seconds: 1 }
                sign-in: { issuer: "%s", client-id: "%s", base-url: "http://127.0.0.1:%d" }
                """.formatted(
                        port,
                        hl7Port,
                        hospital.hl7().port(),
                        pacs == null ? hospital.pacs().url() : pacs,
                        ehr == null ? hospital.ehr().url() : ehr,
                        data.resolve("bloodnet"),
                        data.resolve("audit-key.pem"),
                        idp.issuer(),
                        SandboxIdp.CLIENT,
                        port);
        return ConfigFile.parse(text);
    }

    /** The provider must be told where browsers come back to before the server listens. */
    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static Map<String, String> pages() {
        return Map.of("/demo/ehr", "demo/ehr.html", "/demo/ehr.css", "demo/ehr.css", "/demo/ehr.js", "demo/ehr.js");
    }

    /** The chart's invented patients: the worklist itself holds no names. */
    private static String patients(List<SampleCase> cases) {
        ArrayNode all = JSON.createArrayNode();
        for (SampleCase sample : cases) {
            ObjectNode patient = all.addObject();
            patient.put("id", sample.fhirPatientId());
            patient.put("name", sample.givenName() + " " + sample.familyName());
            patient.put("mrn", sample.patientId());
            patient.put("accession", sample.accession());
        }
        return all.toString();
    }

    /** Sends all orders, shows each change of state, and prints the table. True when each order ended as a result or with a reason. */
    private static boolean orders(
            SandboxHospital hospital, RunningServer server, ServerConfig config, List<SampleCase> cases)
            throws IOException, InterruptedException {
        SandboxHospital.ServerAddress address = new SandboxHospital.ServerAddress(
                new InetSocketAddress("127.0.0.1", server.hl7Port()), URI.create(server.url() + "/fhir/events"));
        boolean accepted = true;
        for (SampleCase sample : cases) {
            SandboxHospital.Answer answer = hospital.sendOrder(sample, address);
            System.out.println("order " + sample.accession() + " by " + sample.route() + ": "
                    + (answer.accepted() ? "accepted" : "REFUSED " + answer));
            accepted &= answer.accepted();
        }
        ServerConfig at = ConfigFile.parse("http: { host: 127.0.0.1, port: " + server.httpPort() + " }");
        Map<String, JsonNode> ended = follow(new LocalServer(at), cases);
        table(cases, ended);
        return accepted
                && ended.size() == cases.size()
                && ended.values().stream().noneMatch(item -> state(item) == JobState.FAILED);
    }

    private static Map<String, JsonNode> follow(LocalServer server, List<SampleCase> cases)
            throws IOException, InterruptedException {
        Map<String, JobState> shown = new HashMap<>();
        Map<String, JsonNode> ended = new HashMap<>();
        long until = System.nanoTime() + ORDERS_END_WITHIN.toNanos();
        while (ended.size() < cases.size() && System.nanoTime() < until) {
            JsonNode list = server.ask("GET", "/api/worklist")
                    .orElseThrow(() -> new IOException("the server has gone"))
                    .body();
            for (JsonNode item : list.path("items")) {
                String accession = item.path("accessionNumber").asText();
                JobState state = state(item);
                if (shown.put(accession, state) != state) {
                    System.out.println("  " + accession + "  " + state.sentence());
                }
                if (state.isTerminal()) {
                    ended.put(accession, item);
                }
            }
            Thread.sleep(LOOK_MS);
        }
        return ended;
    }

    private static JobState state(JsonNode item) {
        return JobState.valueOf(item.path("state").asText());
    }

    private static void table(List<SampleCase> cases, Map<String, JsonNode> ended) {
        System.out.println();
        System.out.printf(
                "%-12s  %-28s  %-18s  %11s  %13s  %s%n",
                "accession", "drawn as", "ended as", "probability", "blood", "reason");
        for (SampleCase sample : cases) {
            JsonNode item = ended.get(sample.accession());
            System.out.printf(
                    Locale.ROOT,
                    "%-12s  %-28s  %-18s  %11s  %13s  %s%n",
                    sample.accession(),
                    sample.expected(),
                    item == null ? "(has not ended)" : item.path("state").asText(),
                    text(item, "probabilityText"),
                    text(item, "bloodVolumeText"),
                    item == null || item.path("reason").isNull()
                            ? ""
                            : item.path("reason").asText());
        }
        System.out.println();
        System.out.println(
                "AI triage aid on synthetic images: not reviewed, not cleared for clinical use, and no measure of accuracy.");
    }

    private static String text(@Nullable JsonNode item, String field) {
        return item == null || item.path(field).isNull()
                ? "-"
                : item.path(field).asText("-");
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
