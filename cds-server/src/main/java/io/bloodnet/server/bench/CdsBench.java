package io.bloodnet.server.bench;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.server.cdshooks.CdsHooksConfig;
import io.bloodnet.server.cdshooks.CdsHooksService;
import io.bloodnet.server.cdshooks.CdsMetrics;
import io.bloodnet.server.cdshooks.EhrPatient;
import io.bloodnet.server.cdshooks.HookService;
import io.bloodnet.server.cdshooks.JdbiCardStore;
import io.bloodnet.server.cdshooks.PatientFinding;
import io.bloodnet.server.security.TrustedClient;
import io.bloodnet.server.store.Database;
import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;

/**
 * CDS Hooks calls with everything that production does (RS384 tokens verified and remembered, cards remembered, calls audited, one durable
 * commit before the answer), beside Node servers that parse the same body and answer one fixed card. The findings come from memory.
 */
public final class CdsBench {

    private static final int CONNECTIONS = 16;
    private static final int ROUNDS = 3;
    private static final int WARM_UP_CALLS = 3000;
    private static final int CALLS = 3000;
    private static final int IDLE_CALLS = 300;
    private static final int RSA_BITS = 2048;
    private static final String ISSUER = "https://bench.example";
    private static final URI BASE = URI.create("http://bench.example");
    private static final HookService HOOK = HookService.PATIENT_VIEW;

    private final PrintStream out;
    private final RSAKey key;

    private CdsBench(PrintStream out) throws JOSEException {
        this.out = out;
        this.key = new RSAKeyGenerator(RSA_BITS).keyID("bench").generate();
    }

    /**
     * Runs for about a minute and prints a table.
     *
     * @param database opened as in production; the bench leaves rows behind
     * @param audit the log over that same database
     */
    public static void run(Database database, AuditLog audit, PrintStream out)
            throws IOException, InterruptedException {
        try {
            new CdsBench(out).measure(database, audit);
        } catch (JOSEException e) {
            throw new IllegalStateException("every JDK signs with RSA", e);
        }
    }

    private void measure(Database database, AuditLog audit) throws IOException, InterruptedException, JOSEException {
        Path keys = Files.createTempFile("bloodnet-bench", ".jwks");
        Files.writeString(keys, new JWKSet(key.toPublicJWK()).toString());
        CdsHooksConfig config = CdsHooksConfig.of(BASE).withClients(List.of(TrustedClient.withKeyFile(ISSUER, keys)));
        InstantSource clock = InstantSource.system();
        try (JdbiCardStore store = new JdbiCardStore(database, audit, clock);
                CdsHooksService service =
                        new CdsHooksService(config, CdsBench::findings, store, audit, new CdsMetrics(), clock)) {
            WebServer server = WebServer.builder()
                    .address(InetAddress.getLoopbackAddress())
                    .port(0)
                    .routing(routing -> routing.register(CdsHooksService.PATH, service))
                    .build()
                    .start();
            try {
                compare(server.port());
            } finally {
                server.stop();
            }
        } finally {
            Files.delete(keys);
        }
    }

    private void compare(int port) throws IOException, InterruptedException {
        out.printf(
                Locale.ROOT,
                "CDS Hooks, %d connections, %d calls a round, median of %d rounds%n",
                CONNECTIONS,
                CALLS,
                ROUNDS);
        HttpLoad.run(port, requests(WARM_UP_CALLS), CONNECTIONS);
        byte[] card = ("{\"cards\":[{\"uuid\":\"" + UUID.randomUUID() + "\",\"detail\":\"" + "x".repeat(2000) + "\"}]}")
                .getBytes(StandardCharsets.UTF_8);
        double bare = besidePeer("bare Node http", NodePeer.bare(card), port);
        besidePeer("Express", NodePeer.express(card), port);
        HttpLoad.Result idle = HttpLoad.run(port, requests(IDLE_CALLS), 1);
        out.printf(
                Locale.ROOT,
                "one connection, idle: p50 %.1f ms, p99 %.1f ms (limit 50 ms)%n",
                idle.percentileMs(0.5),
                idle.percentileMs(0.99));
        if (bare > 0) {
            out.printf(Locale.ROOT, "ratio to bare Node http: %.2f (goal 1.0)%n", bare);
        }
    }

    /** Ours and the peer by turns; the median of the rounds' ratios, 0 without the peer. */
    private double besidePeer(String name, Optional<NodePeer> started, int port)
            throws IOException, InterruptedException {
        if (started.isEmpty()) {
            out.println(name + ": not installed, not measured");
            return 0;
        }
        double[] ratios = new double[ROUNDS];
        try (NodePeer peer = started.get()) {
            List<byte[]> same = requests(CALLS); // the peer looks at no token: it may see them again
            HttpLoad.run(peer.port(), same, CONNECTIONS);
            for (int round = 0; round < ROUNDS; round++) {
                HttpLoad.Result theirs = HttpLoad.run(peer.port(), same, CONNECTIONS);
                HttpLoad.Result ours = HttpLoad.run(port, requests(CALLS), CONNECTIONS);
                ratios[round] = ours.perSecond() / theirs.perSecond();
                print(name, theirs);
                print("BloodNet CDS", ours);
            }
        }
        java.util.Arrays.sort(ratios);
        out.printf(Locale.ROOT, "BloodNet CDS / %s: %.2f%n", name, ratios[ROUNDS / 2]);
        return ratios[ROUNDS / 2];
    }

    private void print(String name, HttpLoad.Result result) {
        out.printf(
                Locale.ROOT,
                "  %-16s %8.0f calls/s  p50 %6.1f ms  p99 %6.1f ms  wrong %d%n",
                name,
                result.perSecond(),
                result.percentileMs(0.5),
                result.percentileMs(0.99),
                result.wrong());
    }

    /** Calls with a token each, made before anything is measured. */
    private List<byte[]> requests(int count) {
        return IntStream.range(0, count).parallel().mapToObj(i -> request()).toList();
    }

    private byte[] request() {
        String path = CdsHooksService.PATH + "/" + HOOK.id();
        String body = """
                {"hook":"%s","hookInstance":"%s","context":{"userId":"Practitioner/1","patientId":"p1","encounterId":"e1"},
                "prefetch":{"patient":{"resourceType":"Patient","id":"p1","identifier":[{"system":"urn:mrn","value":"M1"}],
                "birthDate":"1957-03-03","gender":"female"}}}""".formatted(HOOK.hook(), UUID.randomUUID());
        String head = "POST " + path
                + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAuthorization: Bearer "
                + token(BASE + path) + "\r\nContent-Length: " + body.length() + "\r\n\r\n";
        return (head + body).getBytes(StandardCharsets.US_ASCII);
    }

    private String token(String audience) {
        Instant now = Instant.now();
        SignedJWT jwt = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.RS384)
                        .type(JOSEObjectType.JWT)
                        .keyID(key.getKeyID())
                        .build(),
                new JWTClaimsSet.Builder()
                        .issuer(ISSUER)
                        .audience(audience)
                        .issueTime(Date.from(now))
                        .expirationTime(Date.from(now.plusSeconds(240)))
                        .jwtID(UUID.randomUUID().toString())
                        .build());
        try {
            jwt.sign(new RSASSASigner(key));
        } catch (JOSEException e) {
            throw new IllegalStateException("the key was made for this", e);
        }
        return jwt.serialize();
    }

    private static List<PatientFinding> findings(EhrPatient patient) {
        Instant acquired = Instant.now().minusSeconds(600);
        return List.of(new PatientFinding(
                "bench-job",
                new PatientFinding.Positive(0.97, 0.5, 23.4),
                "bloodnet",
                "1.0.0",
                acquired,
                acquired.plusSeconds(240),
                null,
                true));
    }
}
