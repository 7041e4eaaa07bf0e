package io.bloodnet.server.cdshooks;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.List;
import java.util.Optional;

/** Cross-origin access for the configured origins, named exactly; never {@code *}, never credentials. */
final class Cors implements Handler {

    private static final String PREFLIGHT_SECONDS = "600";

    private final List<String> allowed;

    Cors(List<String> allowed) {
        this.allowed = allowed;
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) {
        Optional<String> origin = request.headers().first(HeaderNames.ORIGIN);
        boolean known = origin.isPresent() && allowed.contains(origin.get());
        response.headers().add(HeaderNames.VARY, "Origin"); // a cache must not give one origin's answer to another
        if (known) {
            response.headers().set(HeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, origin.get());
        }
        boolean preflight = request.prologue().method().text().equals("OPTIONS");
        if (!preflight) {
            response.next();
            return;
        }
        if (known) {
            response.headers().set(HeaderNames.ACCESS_CONTROL_ALLOW_METHODS, "GET, POST");
            response.headers().set(HeaderNames.ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type");
            response.headers().set(HeaderNames.ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS);
        }
        response.status(Status.NO_CONTENT_204).send();
    }
}
