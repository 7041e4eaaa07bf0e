package io.bloodnet.server.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /health/live}: the process answers. {@code /health/ready}: orders are being taken: what came is made durable in time, the audit log
 * is signed, listeners are up; what is not so is said in words. Peers that are away do not make us unready (orders wait for them); they are
 * reported beside it, and asked at most every 10 s.
 */
public final class HealthRoutes implements HttpService {

    private static final Logger LOG = LoggerFactory.getLogger(HealthRoutes.class);

    /** Peers are asked no more often, however often we are. */
    static final Duration PEERS_EVERY = Duration.ofSeconds(10);

    private final Map<String, Check> required;
    private final Map<String, BooleanSupplier> peers;
    private final InstantSource clock;
    private final ReentrantLock asking = new ReentrantLock();
    private volatile Heard heard = new Heard(Instant.EPOCH, Map.of());

    /** What the peers said, and when. */
    private record Heard(Instant at, Map<String, Boolean> up) {}

    /**
     * @param required checks that readiness needs, by name
     * @param peers checks that are reported only; each bounded in time
     */
    public HealthRoutes(Map<String, Check> required, Map<String, BooleanSupplier> peers, InstantSource clock) {
        this.required = new LinkedHashMap<>(required);
        this.peers = new LinkedHashMap<>(peers);
        this.clock = clock;
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get("/live", (request, response) -> JsonAnswers.send(response, Status.OK_200, status(true)))
                .get("/ready", this::ready)
                .get("/", this::all);
    }

    private void ready(ServerRequest request, ServerResponse response) {
        send(response, answer());
    }

    private void all(ServerRequest request, ServerResponse response) {
        ObjectNode answer = answer();
        ObjectNode others = answer.putObject("peers");
        heard().up().forEach((name, up) -> others.put(name, up ? "UP" : "DOWN"));
        send(response, answer);
    }

    private static void send(ServerResponse response, ObjectNode answer) {
        boolean up = answer.path("status").asText().equals("UP");
        JsonAnswers.send(response, up ? Status.OK_200 : Status.SERVICE_UNAVAILABLE_503, answer);
    }

    private ObjectNode answer() {
        Map<String, Optional<String>> troubles = new LinkedHashMap<>();
        required.forEach((name, check) -> troubles.put(name, trouble(name, check)));
        ObjectNode answer = status(troubles.values().stream().allMatch(Optional::isEmpty));
        ObjectNode checks = answer.putObject("checks");
        troubles.forEach((name, trouble) -> checks.put(name, trouble.isEmpty() ? "UP" : "DOWN"));
        ObjectNode causes = JsonAnswers.object();
        troubles.forEach((name, trouble) -> trouble.ifPresent(words -> causes.put(name, words)));
        if (!causes.isEmpty()) {
            answer.set("causes", causes);
        }
        return answer;
    }

    private static Optional<String> trouble(String name, Check check) {
        try {
            return check.trouble();
        } catch (RuntimeException e) {
            LOG.warn("health check {} broke: {}", name, e.getClass().getSimpleName());
            return Optional.of("the check broke");
        }
    }

    /** What peers said last; one caller asks again when that is old, others do not wait for it. */
    private Heard heard() {
        if (!clock.instant().isBefore(heard.at().plus(PEERS_EVERY)) && asking.tryLock()) {
            try {
                Map<String, Boolean> up = new LinkedHashMap<>();
                peers.forEach((name, peer) -> up.put(name, isUp(name, peer)));
                heard = new Heard(clock.instant(), up);
            } finally {
                asking.unlock();
            }
        }
        return heard;
    }

    private static boolean isUp(String name, BooleanSupplier peer) {
        try {
            return peer.getAsBoolean();
        } catch (RuntimeException e) {
            LOG.warn("health check {} broke: {}", name, e.getClass().getSimpleName());
            return false;
        }
    }

    private static ObjectNode status(boolean up) {
        return JsonAnswers.object().put("status", up ? "UP" : "DOWN");
    }
}
