package io.bloodnet.server.signin;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webserver.http.ServerRequest;
import java.util.Set;

/**
 * Whether a browser makes a request on behalf of our own pages, told from Fetch Metadata (W3C, {@code Sec-Fetch-Site}), which pages cannot
 * write, and from {@code Origin} where a browser sends none of it. Guards against requests that other sites have a signed-in browser make.
 */
final class SameOrigin {

    private static final HeaderName SITE = HeaderNames.create("Sec-Fetch-Site");
    private static final HeaderName MODE = HeaderNames.create("Sec-Fetch-Mode");
    private static final Set<Method> READING = Set.of(Method.GET, Method.HEAD, Method.OPTIONS);

    private SameOrigin() {}

    /** Whether a browser, or something that says it is one, makes the request. */
    static boolean byBrowser(ServerRequest request) {
        return request.headers().contains(SITE)
                || request.headers().contains(MODE)
                || request.headers().contains(HeaderNames.ORIGIN);
    }

    /** Whether the request reads only. */
    static boolean reads(ServerRequest request) {
        return READING.contains(request.prologue().method());
    }

    /** Whether it may go on: writes by our own pages only; reads by them, or by a person who follows a link or types an address. */
    static boolean permits(ServerRequest request) {
        String site = request.headers().first(SITE).orElse("");
        if (reads(request)) {
            boolean navigation = request.headers().first(MODE).orElse("").equals("navigate");
            return site.isEmpty() || site.equals("same-origin") || site.equals("none") || navigation;
        }
        return site.isEmpty() ? ownOrigin(request) : site.equals("same-origin");
    }

    private static boolean ownOrigin(ServerRequest request) {
        String origin = request.headers().first(HeaderNames.ORIGIN).orElse("");
        String host = request.headers().first(HeaderNames.HOST).orElse("");
        return !host.isEmpty() && (origin.equals("https://" + host) || origin.equals("http://" + host));
    }
}
