package io.bloodnet.server.security;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A JWK set at a configured URL. Redirects are not followed: they could lead to a host that nobody configured. */
final class UrlKeySet implements KeySetSource {

    /** Connect and answer; the caller's time budget is shorter, later calls then find the keys here. */
    private static final Duration TIMEOUT = Duration.ofSeconds(3);

    private final URI url;
    private final HttpClient http;

    UrlKeySet(URI url) {
        this.url = url;
        this.http = HttpClient.newBuilder()
                .connectTimeout(TIMEOUT)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    @Override
    public String read() throws IOException {
        HttpRequest request = HttpRequest.newBuilder(url)
                .timeout(TIMEOUT)
                .header("Accept", "application/jwk-set+json, application/json")
                .build();
        try {
            HttpResponse<InputStream> response = http.send(request, BodyHandlers.ofInputStream());
            try (InputStream body = response.body()) {
                if (response.statusCode() != 200) {
                    throw new IOException("the key set's server answered HTTP " + response.statusCode());
                }
                byte[] bytes = body.readNBytes(BYTES_MAX + 1);
                if (bytes.length > BYTES_MAX) {
                    throw new IOException("the key set is larger than " + BYTES_MAX + " bytes");
                }
                return new String(bytes, StandardCharsets.UTF_8);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the key set was fetched", e);
        }
    }
}
