package io.bloodnet.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** A small HTTP client for tests. */
public final class Http {

    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private Http() {}

    public static JsonNode json(HttpResponse<byte[]> response) throws IOException {
        return JSON.readTree(response.body());
    }

    public static HttpResponse<byte[]> get(String url) throws IOException, InterruptedException {
        return CLIENT.send(
                HttpRequest.newBuilder(URI.create(url)).timeout(LIMIT).build(), BodyHandlers.ofByteArray());
    }

    /** @param headers name, value, name, value... */
    public static HttpResponse<byte[]> send(String method, String url, byte[] body, String... headers)
            throws IOException, InterruptedException {
        return send(LIMIT, method, url, body, headers);
    }

    public static HttpResponse<byte[]> send(Duration limit, String method, String url, byte[] body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url)).timeout(limit);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return CLIENT.send(
                request.method(method, BodyPublishers.ofByteArray(body)).build(), BodyHandlers.ofByteArray());
    }
}
