package io.bloodnet.server.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bloodnet.server.config.ConfigException;
import io.bloodnet.server.config.ServerConfig;
import io.bloodnet.server.http.Caller;
import io.bloodnet.server.http.OwnCertificate;
import io.bloodnet.server.http.ServerCertificate;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;

/** The server of a configuration, asked over HTTP: while it runs on H2, nobody else can open its database. */
public final class LocalServer {

    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ServerConfig config;
    private final HttpClient http;

    /** @throws ConfigException when the server's certificate cannot be read */
    public LocalServer(ServerConfig config) {
        this.config = config;
        HttpClient.Builder client = HttpClient.newBuilder().connectTimeout(LIMIT);
        if (config.http().tls() != null) {
            try {
                client.sslContext(OwnCertificate.trusted(config.http().tls()));
            } catch (ServerCertificate.BadCertificateException e) {
                throw new ConfigException(e.sentence());
            }
        }
        this.http = client.build();
    }

    /** Status and body of the answer; empty when nobody listens. */
    public Optional<Answer> ask(String method, String path) throws IOException, InterruptedException {
        return ask(method, path, "");
    }

    /** @param by who asks; empty when that does not matter */
    Optional<Answer> ask(String method, String path, String by) throws IOException, InterruptedException {
        String scheme = config.http().tls() == null ? "http://" : "https://";
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(
                        scheme + config.http().host() + ":" + config.http().port() + path))
                .timeout(LIMIT)
                .method(method, HttpRequest.BodyPublishers.noBody());
        String token = config.http().token();
        if (!by.isBlank()) {
            request.header(Caller.BY, by);
        }
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        try {
            HttpResponse<byte[]> response = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            return Optional.of(new Answer(response.statusCode(), JSON.readTree(response.body())));
        } catch (ConnectException e) {
            return Optional.empty();
        }
    }

    /** @param body null node when there is none */
    public record Answer(int status, JsonNode body) {}
}
