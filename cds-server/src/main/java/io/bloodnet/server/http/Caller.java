package io.bloodnet.server.http;

import io.bloodnet.audit.AuditText;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Who calls, as far as they say: the token is one for all, so the name is a statement and no proof. The header {@code X-BloodNet-By}, else the
 * user name of Basic, else "a caller of the API".
 */
public final class Caller {

    /** The header that names a person. */
    public static final String BY = "X-BloodNet-By";

    /** Longest name kept, in characters. */
    private static final int NAME_MAX = 64;

    private static final HeaderName BY_HEADER = HeaderNames.create(BY);

    private Caller() {}

    /** The caller's name for the audit log: one line, at most 64 characters. */
    public static String of(ServerRequest request) {
        String said = request.headers().first(BY_HEADER).orElse("");
        String name = said.isBlank()
                ? basic(request.headers().first(HeaderNames.AUTHORIZATION).orElse(""))
                : said;
        return name.isBlank() ? "a caller of the API" : AuditText.fit(name.strip(), NAME_MAX);
    }

    private static String basic(String header) {
        if (!header.startsWith("Basic ")) {
            return "";
        }
        try {
            String pair =
                    new String(Base64.getDecoder().decode(header.substring(6).strip()), StandardCharsets.UTF_8);
            int colon = pair.indexOf(':');
            return colon < 0 ? "" : pair.substring(0, colon);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }
}
