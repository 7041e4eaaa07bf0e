package io.bloodnet.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.bloodnet.audit.testing.DrippingHandshake;
import io.bloodnet.audit.testing.PeerTrouble;
import io.bloodnet.audit.testing.PeerTrouble.Client;
import io.bloodnet.audit.testing.PeerTrouble.Peer;
import io.bloodnet.audit.testing.RecordingAuditLog;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.ehr.ClientCredentials;
import io.bloodnet.fhir.ehr.EhrClient;
import io.bloodnet.fhir.ehr.EhrException;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicomweb.ArchiveAccess;
import io.bloodnet.imaging.dicomweb.ArchiveSignIn;
import io.bloodnet.imaging.dicomweb.DicomWebClient;
import io.bloodnet.imaging.dicomweb.DicomWebSettings;
import io.bloodnet.imaging.finding.Destination.Outcome;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.study.StudySource.StudyLookup;
import io.bloodnet.imaging.study.StudySourceException;
import io.bloodnet.sandbox.SandboxHospital;
import io.bloodnet.sandbox.SandboxPorts;
import io.bloodnet.sandbox.cases.HeadContent;
import io.bloodnet.sandbox.cases.SampleCase;
import io.bloodnet.sandbox.cases.SampleCases;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each client of ours before each peer in each trouble: it gives up within its limit, whatever the peer does, and goes on by itself when the
 * peer is back. The MLLP client, the syslog feed, the witness and key sets have the same table beside their other tests.
 */
class PeersInTroubleTest {

    private static final Duration CALL = Duration.ofMillis(1_500);
    private static final Duration WHOLE = Duration.ofSeconds(2);
    private static final SampleCase SAMPLE =
            SampleCases.of("trouble-1", 12, 5, HeadContent.LOCALIZER_ONLY, SampleCase.Route.HL7_ORM, false);

    @TempDir
    static Path folder;

    private static SandboxHospital hospital;
    private static HttpServer tokens;
    private static Path key;

    @BeforeAll
    static void start() throws Exception {
        hospital = new SandboxHospital(SandboxPorts.ANY, List.of(SAMPLE), InstantSource.system());
        hospital.loadAll();
        tokens = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        tokens.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        tokens.createContext("/", exchange -> {
            byte[] answer = "{\"access_token\":\"t\",\"token_type\":\"bearer\",\"expires_in\":1}"
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        tokens.start();
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp384r1"));
        key = Files.writeString(
                folder.resolve("key.pem"),
                "-----BEGIN PRIVATE KEY-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(
                                        generator.generateKeyPair().getPrivate().getEncoded())
                        + "\n-----END PRIVATE KEY-----\n");
    }

    @AfterAll
    static void stop() {
        hospital.close();
        tokens.stop(0);
    }

    private static URI at(String scheme, int port, String path) {
        return URI.create(scheme + "://localhost:" + port + path);
    }

    private static DicomWebClient archive(URI base, ArchiveSignIn signIn) {
        return new DicomWebClient(
                new DicomWebSettings(
                        base,
                        new ArchiveAccess(signIn, null),
                        CALL,
                        Duration.ofSeconds(20),
                        Duration.ofSeconds(20),
                        3,
                        1 << 20,
                        new DicomWebSettings.Whole(WHOLE, WHOLE, WHOLE, WHOLE)),
                DicomLimits.DEFAULT);
    }

    private static Client finding(URI base, ArchiveSignIn signIn) {
        DicomWebClient client = archive(base, signIn);
        return () -> client.find(new StudyUid(SAMPLE.studyUid()), null, new PatientId("1", null))
                instanceof StudyLookup.Found;
    }

    private static Client storing(URI base) {
        DicomWebClient client = archive(base, ArchiveSignIn.none());
        byte[] file = hospital.pacs().files(SAMPLE.studyUid(), "CT").getFirst();
        String sop = new io.bloodnet.imaging.dicom.DicomReader(DicomLimits.DEFAULT)
                .read(file)
                .dataSet()
                .requiredUid(io.bloodnet.imaging.dicom.Tag.SOP_INSTANCE_UID);
        return () -> client.store(new StudyUid(SAMPLE.studyUid()), sop, file) instanceof Outcome.Delivered;
    }

    private static Client searching(URI base, FhirConfig.Auth auth) {
        FhirConfig config = FhirConfig.of(base).withAuth(auth).withLimits(new FhirConfig.Limits(CALL, CALL, 1 << 20));
        EhrClient client = new EhrClient(config, new RecordingAuditLog(), tokensGrowOld());
        EhrClient.Purpose purpose = new EhrClient.Purpose(io.bloodnet.audit.About.nothing(), "a test");
        return () -> {
            client.search(org.hl7.fhir.r4.model.Patient.class, Map.of("identifier", "none"), purpose);
            return true;
        };
    }

    /** An hour from one look to the next. */
    private static InstantSource tokensGrowOld() {
        AtomicLong hours = new AtomicLong();
        return () -> Instant.EPOCH.plus(Duration.ofHours(hours.incrementAndGet()));
    }

    private static FhirConfig.Auth.BackendServices services(URI tokenUrl) {
        return new FhirConfig.Auth.BackendServices(
                tokenUrl, "us", key, "k", FhirConfig.Auth.Algorithm.ES384, "system/*.cruds");
    }

    /** As the server signs in to an archive behind an OAuth gateway. */
    private static ArchiveSignIn byToken(URI tokenUrl) {
        ClientCredentials credentials = new ClientCredentials(
                at("http", 1, "/"),
                services(tokenUrl),
                null,
                new FhirConfig.Limits(Duration.ofSeconds(20), Duration.ofSeconds(20), 1 << 20),
                new RecordingAuditLog(),
                InstantSource.system());
        return atMost -> {
            credentials.forget();
            try {
                return Map.of("Authorization", credentials.header(atMost));
            } catch (EhrException e) {
                throw new StudySourceException(StudySourceException.Code.UNREACHABLE, "no token", e);
            }
        };
    }

    private static URI pacs(String scheme, int port) {
        return at(scheme, port, URI.create(hospital.pacs().url()).getPath());
    }

    private static URI ehr(String scheme, int port) {
        return at(scheme, port, URI.create(hospital.ehr().url()).getPath());
    }

    @Test
    void each_client_gives_up_in_time_in_each_trouble_and_goes_on_afterwards() throws Exception {
        int pacsPort = URI.create(hospital.pacs().url()).getPort();
        int ehrPort = URI.create(hospital.ehr().url()).getPort();
        int tokenPort = tokens.getAddress().getPort();
        assertThat(PeerTrouble.table(List.of(
                        new Peer(
                                "archive, search",
                                pacsPort,
                                WHOLE,
                                port -> finding(pacs("http", port), ArchiveSignIn.none())),
                        new Peer(
                                "archive, upload",
                                pacsPort,
                                WHOLE.multipliedBy(2),
                                port -> storing(pacs("http", port))),
                        new Peer(
                                "archive's tokens",
                                tokenPort,
                                WHOLE,
                                port -> finding(pacs("http", pacsPort), byToken(at("http", port, "/token")))),
                        new Peer(
                                "ehr",
                                ehrPort,
                                CALL.multipliedBy(4),
                                port -> searching(ehr("http", port), new FhirConfig.Auth.None())),
                        new Peer(
                                "ehr's tokens",
                                tokenPort,
                                CALL.multipliedBy(4),
                                port -> searching(ehr("http", ehrPort), services(at("http", port, "/token")))))))
                .isEmpty();
    }

    @Test
    void a_handshake_that_drips_ends_with_the_time_of_the_call() throws Exception {
        try (DrippingHandshake peer = new DrippingHandshake()) {
            for (Client client : List.of(
                    finding(pacs("https", peer.port()), ArchiveSignIn.none()),
                    storing(pacs("https", peer.port())),
                    finding(
                            pacs("http", URI.create(hospital.pacs().url()).getPort()),
                            byToken(at("https", peer.port(), "/"))),
                    searching(ehr("https", peer.port()), new FhirConfig.Auth.None()))) {
                long began = System.nanoTime();
                assertThat(asks(client)).isFalse();
                assertThat(Duration.ofNanos(System.nanoTime() - began))
                        .isLessThan(WHOLE.multipliedBy(2).plus(CALL));
            }
        }
    }

    private static boolean asks(Client client) {
        try {
            return client.ask();
        } catch (Exception e) {
            return false;
        }
    }
}
