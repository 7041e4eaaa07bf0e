package io.bloodnet.server.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;

/** The site's token for programs: {@code Authorization: Bearer TOKEN}, or Basic with it as the password. */
public final class ApiToken {

    private static final int HEADER_CHARS_MAX = 4_096;

    private final byte[] token;

    /** @param token at least 16 characters */
    public ApiToken(String token) {
        if (token.length() < 16) {
            throw new IllegalArgumentException("http.token-file must hold at least 16 characters");
        }
        this.token = token.getBytes(StandardCharsets.UTF_8);
    }

    /** Whether the request presents it. */
    public boolean isKnown(ServerRequest request) {
        String header = request.headers().first(HeaderNames.AUTHORIZATION).orElse("");
        return header.length() <= HEADER_CHARS_MAX && known(header);
    }

    /** Answers that it is needed. */
    public static void ask(ServerResponse response) {
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
