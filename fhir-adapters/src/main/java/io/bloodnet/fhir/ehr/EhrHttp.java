package io.bloodnet.fhir.ehr;

import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.imaging.peer.RetryAfter;
import io.bloodnet.imaging.peer.TlsFiles;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * HTTP with an end: connect and answer timeouts, a longest answer, no redirects. A redirect is an answer like any other, so that neither
 * a body nor a token ever follows one. Safe for all threads; a call blocks its own.
 */
final class EhrHttp implements AutoCloseable {

    private final HttpClient client;
    private final FhirConfig.Limits limits;
    private final InstantSource clock;

    EhrHttp(FhirConfig config, InstantSource clock) {
        this(config.limits(), config.tls(), clock);
    }

    EhrHttp(FhirConfig.Limits limits, @Nullable TlsFiles tls, InstantSource clock) {
        this.limits = limits;
        this.clock = clock;
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1) // an upgrade offer to h2c confuses small servers
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(limits.connectTimeout());
        if (tls != null) {
            builder.sslContext(tls.context());
        }
        client = builder.build();
    }

    /**
     * Sends one request and reads the whole answer.
     *
     * @throws EhrException when there is no complete answer within the limits and the {@link Deadline} of the work
     */
    EhrAnswer send(String method, URI uri, Map<String, String> headers, byte @Nullable [] body) {
        Duration left = Deadline.left(limits.answerTimeout());
        if (left.isZero()) {
            throw new EhrException(EhrException.Code.TIMEOUT, "the time for all calls was over before this one");
        }
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .method(
                        method,
                        body == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofByteArray(body));
        headers.forEach(request::header);
        request.header(ContentCoding.HEADER, ContentCoding.NONE);
        var handler =
                HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), limits.answerBytesMax());
        CompletableFuture<HttpResponse<byte[]>> answer = client.sendAsync(request.build(), handler);
        try {
            // The request's own timeout would end with the headers; this one ends with the last byte.
            return answered(answer.get(left.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw new EhrException(
                    EhrException.Code.TIMEOUT, "no complete answer within " + left.truncatedTo(ChronoUnit.MILLIS));
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new EhrException(EhrException.Code.UNREACHABLE, "interrupted while waiting for an answer");
        } catch (ExecutionException e) {
            throw broken(e.getCause() == null ? e : e.getCause());
        }
    }

    private EhrAnswer answered(HttpResponse<byte[]> response) {
        Duration after = response.headers()
                .firstValue("Retry-After")
                .map(text -> RetryAfter.parse(text, clock.instant()))
                .orElse(null);
        return new EhrAnswer(response.statusCode(), content(response), after);
    }

    private byte[] content(HttpResponse<byte[]> response) {
        String coding = String.join(",", response.headers().allValues("Content-Encoding"));
        try {
            return ContentCoding.decode(response.body(), coding, limits.answerBytesMax());
        } catch (ContentCoding.TooLongException e) {
            throw tooLong();
        } catch (IOException e) {
            throw new EhrException(EhrException.Code.BAD_ANSWER, "the answer is compressed and cannot be read");
        }
    }

    private EhrException tooLong() {
        return new EhrException(
                EhrException.Code.TOO_LARGE, "the answer is longer than " + limits.answerBytesMax() + " bytes");
    }

    private EhrException broken(Throwable cause) {
        if (cause instanceof java.net.http.HttpTimeoutException) {
            return new EhrException(EhrException.Code.TIMEOUT, "no connection within " + limits.connectTimeout());
        }
        if (cause instanceof IOException && String.valueOf(cause.getMessage()).contains("capacity")) {
            return tooLong();
        }
        return new EhrException(
                EhrException.Code.UNREACHABLE,
                "the connection broke: " + cause.getClass().getSimpleName());
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
