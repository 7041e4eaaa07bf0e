package io.bloodnet.server.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;

/**
 * Asks callers of our pages and API for the site's token: {@code Authorization: Bearer TOKEN}, or Basic with it as the password, which
 * browsers can do. CDS Hooks, FHIR events and health have their own rules and are let through.
 */
public final class ApiToken implements Filter {

    private static final int HEADER_CHARS_MAX = 4_096;

    private final byte[] token;

    /** @param token at least 16 characters */
    public ApiToken(String token) {
        if (token.length() < 16) {
            throw new IllegalArgumentException("http.token-file must hold at least 16 characters");
        }
        this.token = token.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        String path = request.path().path();
        boolean open =
                path.startsWith("/health/") || path.startsWith("/cds-services") || path.startsWith("/fhir/events");
        String header = request.headers().first(HeaderNames.AUTHORIZATION).orElse("");
        if (open || header.length() <= HEADER_CHARS_MAX && known(header)) {
            chain.proceed();
            return;
        }
        response.status(Status.UNAUTHORIZED_401)
                .header(HeaderNames.WWW_AUTHENTICATE, "Basic realm=\"BloodNet CDS\", charset=\"UTF-8\"")
                .send("a token is needed");
    }

    private boolean known(String header) {
        if (header.startsWith("Bearer ")) {
            return same(header.substring(7).strip().getBytes(StandardCharsets.UTF_8));
        }
        if (!header.startsWith("Basic ")) {
            return false;
        }
        try {
            String pair =
                    new String(Base64.getDecoder().decode(header.substring(6).strip()), StandardCharsets.UTF_8);
            return same(pair.substring(pair.indexOf(':') + 1).getBytes(StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            return false; // not base64: not our token
        }
    }

    private boolean same(byte[] given) {
        return MessageDigest.isEqual(token, given);
    }
}
