package io.bloodnet.server.signin;

import io.bloodnet.audit.testing.RecordingAuditLog;
import io.bloodnet.sandbox.idp.SandboxIdp;
import io.bloodnet.server.config.SignInKeys;
import io.bloodnet.server.http.ApiToken;
import io.bloodnet.server.http.JsonAnswers;
import io.bloodnet.server.http.Pages;
import io.bloodnet.server.store.Database;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A door with a real provider, a real database and real sockets, and routes behind it that say whom they saw. */
final class SignInHouse implements AutoCloseable {

    final RecordingAuditLog audit = new RecordingAuditLog();
    final SandboxIdp idp = new SandboxIdp(0, InstantSource.system());
    final URI base;
    private final Database database;
    private final SignIn signIn;
    private final WebServer server;
    private final HttpClient http =
            HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).build();
    private volatile Duration later = Duration.ZERO;

    SignInHouse(Path folder, @Nullable String token) throws IOException {
        this(folder, token, true);
    }

    SignInHouse(Path folder, @Nullable String token, boolean withSignIn) throws IOException {
        InstantSource clock = () -> Instant.now().plus(later);
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        base = URI.create("http://127.0.0.1:" + port);
        database = Database.open("jdbc:h2:file:" + folder.resolve("db"), "sa", null);
        SignInKeys keys = new SignInKeys(
                idp.issuer(), SandboxIdp.CLIENT, null, base.toString(), null, null, null, null, null, null);
        signIn = new SignIn(SignInSettings.of(keys), database, audit, clock);
        Door door = new Door(token == null ? null : new ApiToken(token), withSignIn ? signIn : null, audit, clock);
        server = WebServer.builder()
                .address(InetAddress.getLoopbackAddress())
                .port(port)
                .routing(routing -> routing.addFilter(door)
                        .register(new SignInRoutes(withSignIn ? signIn : null))
                        .any("/api/*", (request, response) -> {
                            Visitor visitor = Visitor.of(request);
                            JsonAnswers.send(
                                    response,
                                    Status.OK_200,
                                    JsonAnswers.object()
                                            .put("kind", visitor.getClass().getSimpleName())
                                            .put("user", visitor.user())
                                            .put("seesPatients", visitor.seesPatients()));
                        })
                        .any("/api/studies/*", (request, response) -> response.send("a study"))
                        .any("/api/jobs/*", (request, response) -> response.send("a job"))
                        .register("/", Pages.withOwn(Map.of(), Map.of())))
                .build()
                .start();
    }

    /** Time goes on for sessions. */
    void wait(Duration more) {
        later = later.plus(more);
    }

    HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        return send("GET", path, headers);
    }

    HttpResponse<String> send(String method, String path, String... headers) throws IOException, InterruptedException {
        URI to = path.startsWith("http") ? URI.create(path) : URI.create(base + path);
        HttpRequest.Builder request = HttpRequest.newBuilder(to).method(method, HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** What the browser brings back to us: the address with code and state. */
    String approve(String authorization, String who) throws IOException, InterruptedException {
        String form =
                URI.create(authorization).getRawQuery() + "&who=" + URLEncoder.encode(who, StandardCharsets.UTF_8);
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(URI.create(idp.issuer() + "/authorize"))
                        .POST(HttpRequest.BodyPublishers.ofString(form))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        return location(answer);
    }

    /** The whole way; returns the session's cookie as a request's header has it. */
    String signIn(String who) throws IOException, InterruptedException {
        HttpResponse<String> begun = get("/signin?to=/audit");
        HttpResponse<String> back = get(approve(location(begun), who), "Cookie", cookie(begun));
        return cookie(back);
    }

    static String location(HttpResponse<String> answer) {
        return answer.headers().firstValue("Location").orElse("");
    }

    /** All cookies that an answer sets to something. */
    static String cookie(HttpResponse<String> answer) {
        return answer.headers().allValues("Set-Cookie").stream()
                .map(cookie -> cookie.substring(0, cookie.indexOf(';')))
                .filter(cookie -> !cookie.endsWith("="))
                .collect(Collectors.joining("; "));
    }

    @Override
    public void close() {
        server.stop();
        signIn.close();
        database.close();
        idp.close();
    }
}
