package io.bloodnet.server.signin;

import io.helidon.http.HeaderNames;
import io.helidon.http.SetCookie;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Duration;
import java.util.Optional;

/**
 * Our cookies: of this host alone ({@code __Host-}, RFC 6265bis 4.1.3.2), over https (browsers take loopback for that), out of reach for
 * scripts, and not sent along by other sites but when a person follows a link.
 */
final class Cookies {

    static final String SESSION = "__Host-bloodnet";
    static final String TRY = "__Host-bloodnet-signin";

    private Cookies() {}

    static Optional<String> read(ServerRequest request, String name) {
        return request.headers().cookies().first(name).asOptional();
    }

    /** @param lives how long; zero removes it; null as long as the browser runs */
    static void write(
            ServerResponse response, String name, String value, @org.jspecify.annotations.Nullable Duration lives) {
        SetCookie.Builder cookie = SetCookie.builder(name, value)
                .path("/")
                .secure(true)
                .httpOnly(true)
                .sameSite(SetCookie.SameSite.LAX);
        if (lives != null) {
            cookie.maxAge(lives);
        }
        response.headers().addCookie(cookie.build());
    }

    static void remove(ServerResponse response, String name) {
        write(response, name, "", Duration.ZERO);
    }

    /** Whether the request has any of them at all. */
    static boolean any(ServerRequest request) {
        return request.headers().contains(HeaderNames.COOKIE)
                && read(request, SESSION).isPresent();
    }
}
