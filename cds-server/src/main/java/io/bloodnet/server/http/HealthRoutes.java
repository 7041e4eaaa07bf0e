package io.bloodnet.server.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /health/live}: the process answers. {@code /health/ready}: orders can be taken: database and audit log can be written, listeners
 * are up. Peers that are away do not make us unready (orders wait for them); they are reported beside it.
 */
public final class HealthRoutes implements HttpService {

    private static final Logger LOG = LoggerFactory.getLogger(HealthRoutes.class);

    private final Map<String, BooleanSupplier> required;
    private final Map<String, BooleanSupplier> peers;

    /**
     * @param required checks that readiness needs, by name
     * @param peers checks that are reported only; each bounded in time
     */
    public HealthRoutes(Map<String, BooleanSupplier> required, Map<String, BooleanSupplier> peers) {
        this.required = new LinkedHashMap<>(required);
        this.peers = new LinkedHashMap<>(peers);
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get("/live", (request, response) -> JsonAnswers.send(response, Status.OK_200, status(true)))
                .get("/ready", this::ready)
                .get("/", this::all);
    }

    private void ready(ServerRequest request, ServerResponse response) {
        ObjectNode checks = JsonAnswers.object();
        boolean up = run(required, checks);
        ObjectNode answer = status(up);
        answer.set("checks", checks);
        JsonAnswers.send(response, up ? Status.OK_200 : Status.SERVICE_UNAVAILABLE_503, answer);
    }

    private void all(ServerRequest request, ServerResponse response) {
        ObjectNode checks = JsonAnswers.object();
        boolean up = run(required, checks);
        ObjectNode others = JsonAnswers.object();
        run(peers, others);
        ObjectNode answer = status(up);
        answer.set("checks", checks);
        answer.set("peers", others);
        JsonAnswers.send(response, up ? Status.OK_200 : Status.SERVICE_UNAVAILABLE_503, answer);
    }

    private static boolean run(Map<String, BooleanSupplier> checks, ObjectNode into) {
        boolean all = true;
        for (Map.Entry<String, BooleanSupplier> check : checks.entrySet()) {
            boolean up;
            try {
                up = check.getValue().getAsBoolean();
            } catch (RuntimeException e) {
                LOG.warn(
                        "health check {} broke: {}",
                        check.getKey(),
                        e.getClass().getSimpleName());
                up = false;
            }
            into.put(check.getKey(), up ? "UP" : "DOWN");
            all &= up;
        }
        return all;
    }

    private static ObjectNode status(boolean up) {
        return JsonAnswers.object().put("status", up ? "UP" : "DOWN");
    }
}
