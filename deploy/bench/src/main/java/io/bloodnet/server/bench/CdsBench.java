package io.bloodnet.server.bench;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.server.cdshooks.CdsHooksConfig;
import io.bloodnet.server.cdshooks.CdsHooksService;
import io.bloodnet.server.cdshooks.CdsMetrics;
import io.bloodnet.server.cdshooks.FlagReads;
import io.bloodnet.server.cdshooks.FlagWatch;
import io.bloodnet.server.cdshooks.card.PatientFinding;
import io.bloodnet.server.cdshooks.memory.JdbiCardStore;
import io.bloodnet.server.cdshooks.request.EhrPatient;
import io.bloodnet.server.cdshooks.request.HookService;
import io.bloodnet.server.http.BodyBudget;
import io.bloodnet.server.security.NativeCrypto;
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
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * CDS Hooks calls with everything that production does (tokens verified and remembered, cards remembered, calls audited, one durable
 * commit before the answer), beside Node servers that parse the same body and answer one fixed card. The findings come from memory.
 */
public final class CdsBench {

    private static final int CONNECTIONS = 16;
    private static final int ROUNDS = 5;
    private static final int WARM_UP_CALLS = 60_000;
    private static final int WARM_UP_CHUNK = 500;
    private static final Duration WARM_UP_MAX = Duration.ofSeconds(60);
    /** A slot: fewer are over before a fast peer has spread them over its connections. */
    private static final int CALLS = 8_000;

    private static final int IDLE_CALLS = 300;
    private static final int RSA_BITS = 2048;
    private static final String OURS = "BloodNet CDS";
    private static final String ISSUER = "https://bench.example";
    private static final URI BASE = URI.create("http://bench.example");
    private static final HookService HOOK = HookService.PATIENT_VIEW;

    private final PrintStream out;
    private final Signing rsa = Signing.rs384();
    private final Signing ec = Signing.es384();

    private CdsBench(PrintStream out) throws JOSEException {
        this.out = out;
    }

    /**
     * Runs for two or three minutes and prints a table.
     *
     * @param database opened as in production; the bench leaves rows behind
     * @param audit the log over that same database
     */
    public static void run(Database database, AuditLog audit, PrintStream out)
            throws IOException, InterruptedException {
        try {
            new CdsBench(out).measure(database, audit);
        } catch (JOSEException e) {
            throw new IllegalStateException("every JDK makes RSA and P-384 keys", e);
        }
    }

    private void measure(Database database, AuditLog audit) throws IOException, InterruptedException {
        Path keys = Files.createTempFile("bloodnet-bench", ".jwks");
        Files.writeString(keys, new JWKSet(List.of(rsa.key(), ec.key())).toString(true));
        CdsHooksConfig config = CdsHooksConfig.of(BASE).withClients(List.of(TrustedClient.withKeyFile(ISSUER, keys)));
        InstantSource clock = InstantSource.system();
        CdsMetrics metrics = new CdsMetrics();
        FlagWatch watch = new FlagWatch(begin -> new FlagReads.Reads(0, 0), config.clinical(), metrics, clock);
        try (JdbiCardStore store = new JdbiCardStore(database, audit, clock);
                CdsHooksService service = new CdsHooksService(
                        config, CdsBench::findings, watch, store, audit, metrics, BodyBudget.ofHeap(), clock)) {
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
                "CDS Hooks, %d connections, %d calls a slot, %d rounds of slots by turns, %d CPUs for each%n",
                CONNECTIONS,
                CALLS,
                ROUNDS,
                Runtime.getRuntime().availableProcessors());
        warmUp(port);
        byte[] card = ("{\"cards\":[{\"uuid\":\"" + UUID.randomUUID() + "\",\"detail\":\"" + "x".repeat(2000) + "\"}]}")
                .getBytes(StandardCharsets.UTF_8);
        List<Slot> slots = new ArrayList<>();
        slots.add(new Slot(OURS, port, () -> requests(CALLS, rsa)));
        slots.add(new Slot("BloodNet CDS, ES384", port, () -> requests(CALLS, ec)));
        List<byte[]> same = requests(CALLS, rsa); // peers look at no token: they may see them again
        try (Peers peers = new Peers()) {
            peers.add("bare Node http", NodePeer.bare(card), slots, same);
            peers.add("Express", NodePeer.express(card), slots, same);
            turns(slots);
        }
        HttpLoad.Result idle = HttpLoad.run(port, requests(IDLE_CALLS, rsa), 1);
        out.printf(
                Locale.ROOT,
                "one connection, idle: p50 %.1f ms, p99 %.1f ms (limit 50 ms)%n",
                idle.percentileMs(0.5),
                idle.percentileMs(0.99));
    }

    /** Who answers in a slot. */
    private record Slot(String name, int port, Supplier<List<byte[]>> calls) {}

    /** The Node servers that could be started. */
    private final class Peers implements AutoCloseable {
        private final List<NodePeer> started = new ArrayList<>();

        void add(String name, Optional<NodePeer> peer, List<Slot> slots, List<byte[]> calls)
                throws IOException, InterruptedException {
            if (peer.isEmpty()) {
                out.println(name + ": not installed, not measured");
                return;
            }
            started.add(peer.get());
            slots.add(new Slot(name, peer.get().port(), () -> calls));
            HttpLoad.run(peer.get().port(), calls, CONNECTIONS);
        }

        @Override
        public void close() {
            started.forEach(NodePeer::close);
        }
    }

    /** A server that has run for a while is what is measured: the compiler is at work for some ten thousand calls. */
    private void warmUp(int port) throws IOException, InterruptedException {
        long end = System.nanoTime() + WARM_UP_MAX.toNanos();
        for (int done = 0; done < WARM_UP_CALLS && System.nanoTime() < end; done += WARM_UP_CHUNK) {
            HttpLoad.run(port, requests(WARM_UP_CHUNK, done % (2 * WARM_UP_CHUNK) == 0 ? rsa : ec), CONNECTIONS);
        }
    }

    private void turns(List<Slot> slots) throws IOException, InterruptedException {
        Map<String, double[]> ratios = new LinkedHashMap<>();
        for (int round = 0; round < ROUNDS; round++) {
            double ours = 0;
            for (Slot slot : slots) {
                HttpLoad.Result result = HttpLoad.run(slot.port, slot.calls.get(), CONNECTIONS);
                print(slot.name, result);
                if (slot.name.equals(OURS)) {
                    ours = result.perSecond();
                } else {
                    ratios.computeIfAbsent(slot.name, name -> new double[ROUNDS])[round] = ours / result.perSecond();
                }
            }
        }
        ratios.forEach((name, values) -> {
            Arrays.sort(values);
            out.printf(Locale.ROOT, "%s / %s: %.2f%s%n", OURS, name, values[ROUNDS / 2], goal(name));
        });
    }

    private static String goal(String peer) {
        return switch (peer) {
            case "bare Node http" -> " (goal 1.0)";
            case "Express" -> " (goal 3.0)";
            default -> "";
        };
    }

    private void print(String name, HttpLoad.Result result) {
        out.printf(
                Locale.ROOT,
                "  %-20s %8.0f calls/s  p50 %6.1f ms  p99 %6.1f ms  wrong %d%n",
                name,
                result.perSecond(),
                result.percentileMs(0.5),
                result.percentileMs(0.99),
                result.wrong());
    }

    /** Calls with a token each, made before anything is measured. */
    private static List<byte[]> requests(int count, Signing signing) {
        return IntStream.range(0, count)
                .parallel()
                .mapToObj(i -> request(signing))
                .toList();
    }

    private static byte[] request(Signing signing) {
        String path = CdsHooksService.PATH + "/" + HOOK.id();
        String body = """
                {"hook":"%s","hookInstance":"%s","context":{"userId":"Practitioner/1","patientId":"p1","encounterId":"e1"},
                "prefetch":{"patient":{"resourceType":"Patient","id":"p1","identifier":[{"system":"urn:mrn","value":"M1"}],
                "birthDate":"1957-03-03","gender":"female"}}}""".formatted(HOOK.hook(), UUID.randomUUID());
        String head = "POST " + path
                + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAuthorization: Bearer "
                + signing.token(BASE + path) + "\r\nContent-Length: " + body.length() + "\r\n\r\n";
        return (head + body).getBytes(StandardCharsets.US_ASCII);
    }

    /** A client's key. Its signer is the native one where there is one, since the JDK's takes longer than a call. */
    private record Signing(JWSAlgorithm algorithm, JWK key, JWSSigner signer) {

        static Signing rs384() throws JOSEException {
            RSAKey key = new RSAKeyGenerator(RSA_BITS).keyID("rsa").generate();
            return new Signing(JWSAlgorithm.RS384, key, new RSASSASigner(key));
        }

        static Signing es384() throws JOSEException {
            ECKey key = new ECKeyGenerator(Curve.P_384).keyID("ec").generate();
            return new Signing(JWSAlgorithm.ES384, key, new ECDSASigner(key));
        }

        Signing {
            NativeCrypto.provider().ifPresent(signer.getJCAContext()::setProvider);
        }

        String token(String audience) {
            Instant now = Instant.now();
            SignedJWT jwt = new SignedJWT(
                    new JWSHeader.Builder(algorithm)
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
                jwt.sign(signer);
            } catch (JOSEException e) {
                throw new IllegalStateException("the key was made for this", e);
            }
            return jwt.serialize();
        }
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
