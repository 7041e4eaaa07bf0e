package io.bloodnet.server.security;

import io.bloodnet.fhir.FhirJson;
import io.bloodnet.fhir.ehr.ContentCoding;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A JWK set at a configured URL. Redirects are not followed: they could lead to a host that nobody configured. */
final class UrlKeySet implements KeySetSource {

    /** From the connection to the last byte: longer than a call may take, since reads run beside the calls. */
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final URI url;
    private final Duration timeout;
    private final HttpClient http;

    UrlKeySet(URI url) {
        this(url, TIMEOUT);
    }

    /** @param timeout from the connection to the last byte */
    UrlKeySet(URI url, Duration timeout) {
        this.url = url;
        this.timeout = timeout;
        this.http = HttpClient.newBuilder()
                .connectTimeout(timeout)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    @Override
    public String read() throws IOException {
        HttpRequest request = HttpRequest.newBuilder(url)
                .header("Accept", "application/jwk-set+json, application/json")
                .header(ContentCoding.HEADER, ContentCoding.NONE)
                .build();
        CompletableFuture<HttpResponse<byte[]>> answer =
                http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), BYTES_MAX));
        try {
            HttpResponse<byte[]> response = answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            if (response.statusCode() != 200) {
                throw new IOException("the key set's server answered HTTP " + response.statusCode());
            }
            String coding = String.join(",", response.headers().allValues("Content-Encoding"));
            byte[] json = ContentCoding.decode(response.body(), coding, BYTES_MAX);
            return new String(FhirJson.withoutMark(json), StandardCharsets.UTF_8);
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the key set was fetched", e);
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw new IOException("no key set within " + timeout, e);
        } catch (ExecutionException e) {
            throw new IOException("the key set cannot be fetched", e.getCause());
        }
    }
}
