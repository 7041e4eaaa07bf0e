package io.bloodnet.server.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The web pages, read from the class path once at start. A fixed list: what is not named here does not exist, whatever the path says. Every
 * answer forbids scripts from elsewhere, framing and sniffing.
 */
public final class Pages implements HttpService {

    private static final String CSP =
            "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

    /** The server's own pages. */
    private static final Map<String, String> OWN = Map.ofEntries(
            Map.entry("/", "index.html"),
            Map.entry("/app.css", "app.css"),
            Map.entry("/common.js", "common.js"),
            Map.entry("/words.js", "words.js"),
            Map.entry("/live.js", "live.js"),
            Map.entry("/worklist.js", "worklist.js"),
            Map.entry("/studies/{job}", "study.html"),
            Map.entry("/study.js", "study.js"),
            Map.entry("/viewer.js", "viewer.js"),
            Map.entry("/audit", "audit.html"),
            Map.entry("/audit.js", "audit.js"));

    private final Map<String, Page> pages = new HashMap<>();

    private record Page(String contentType, byte[] content) {}

    /**
     * @param paths URL path to resource name under {@code /web/}
     * @param documents URL path to JSON text
     */
    public Pages(Map<String, String> paths, Map<String, String> documents) {
        paths.forEach((path, resource) -> pages.put(path, load(resource)));
        documents.forEach(
                (path, json) -> pages.put(path, new Page("application/json", json.getBytes(StandardCharsets.UTF_8))));
    }

    /** The server's own pages, and more. */
    public static Pages withOwn(Map<String, String> paths, Map<String, String> documents) {
        Map<String, String> all = new HashMap<>(OWN);
        all.putAll(paths);
        return new Pages(all, documents);
    }

    private static Page load(String resource) {
        try (InputStream in = Pages.class.getResourceAsStream("/web/" + resource)) {
            if (in == null) {
                throw new IllegalStateException("the build lacks the page " + resource);
            }
            return new Page(contentType(resource), in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException("the page cannot be read: " + resource, e);
        }
    }

    private static String contentType(String resource) {
        if (resource.endsWith(".html")) {
            return "text/html; charset=utf-8";
        }
        if (resource.endsWith(".css")) {
            return "text/css; charset=utf-8";
        }
        return resource.endsWith(".svg") ? "image/svg+xml" : "text/javascript; charset=utf-8";
    }

    @Override
    public void routing(HttpRules rules) {
        pages.forEach((path, page) -> rules.get(path, (request, response) -> send(page, response)));
    }

    private static void send(Page page, ServerResponse response) {
        send(response, Status.OK_200, page.contentType(), page.content());
    }

    /** A page that was written for this request, under the same rules. */
    public static void html(ServerResponse response, Status status, String html) {
        send(response, status, "text/html; charset=utf-8", html.getBytes(StandardCharsets.UTF_8));
    }

    private static void send(ServerResponse response, Status status, String contentType, byte[] content) {
        response.status(status)
                .header(HeaderNames.CONTENT_TYPE, contentType)
                .header(HeaderNames.CACHE_CONTROL, status.equals(Status.OK_200) ? "no-cache" : "no-store")
                .header(HeaderNames.create("Content-Security-Policy"), CSP)
                .header(HeaderNames.create("X-Content-Type-Options"), "nosniff")
                .header(HeaderNames.create("Referrer-Policy"), "no-referrer")
                .send(content);
    }

    /** For routes that answer nothing better. */
    public static void notFound(ServerRequest request, ServerResponse response) {
        JsonAnswers.problem(response, Status.NOT_FOUND_404, "there is nothing here");
    }
}
