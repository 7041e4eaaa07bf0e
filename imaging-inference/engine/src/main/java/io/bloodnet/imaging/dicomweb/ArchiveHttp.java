package io.bloodnet.imaging.dicomweb;

import io.bloodnet.imaging.peer.RetryAfter;
import io.bloodnet.imaging.study.Patience;
import io.bloodnet.imaging.study.StudySourceException;
import io.bloodnet.imaging.study.StudySourceException.Code;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests to one archive: below its base address and nowhere else, redirects never followed, each try and wait bounded, and each call as a
 * whole. All requests may be repeated: QIDO and WADO change nothing, and STOW of the same instance is idempotent. Safe for many threads; a
 * call blocks its own.
 */
final class ArchiveHttp implements AutoCloseable {

    private static final Duration BACKOFF_FIRST = Duration.ofMillis(200);

    /** A longer wait is the pipeline's business, which can do other work meanwhile. */
    private static final Duration PAUSE_MAX = Duration.ofSeconds(5);

    /** The archive cannot do this at all, today and tomorrow. */
    static final int NOT_IMPLEMENTED = 501;

    private static final int UNAUTHORIZED = 401;

    private static final Logger LOG = LoggerFactory.getLogger(ArchiveHttp.class);

    private final DicomWebSettings settings;
    private final Pause pause;
    private final HttpClient client;

    /** How to wait between tries; tests do not. */
    @FunctionalInterface
    interface Pause {
        void forDuration(Duration duration) throws InterruptedException;
    }

    ArchiveHttp(DicomWebSettings settings, Pause pause) {
        this.settings = settings;
        this.pause = pause;
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(settings.connectMax())
                .executor(Executors.newVirtualThreadPerTaskExecutor());
        SSLContext tls = settings.access().tls();
        this.client = tls == null ? builder.build() : builder.sslContext(tls).build();
    }

    /** An answer whose headers are there; the body is read by whoever asked, and must be closed. */
    record Answer(int status, HttpHeaders headers, BodyStream body) implements AutoCloseable {

        boolean ok() {
            return status >= 200 && status < 300;
        }

        MediaType type() {
            return MediaType.parse(headers.firstValue("Content-Type").orElse(""));
        }

        /** What the archive asks us to wait. */
        @Nullable
        Duration retryAfter() {
            return headers.firstValue("Retry-After")
                    .map(text -> RetryAfter.parse(text, Instant.now()))
                    .orElse(null);
        }

        /**
         * The body without its content coding, to be read once.
         *
         * @throws IOException when the coding is not known
         */
        InputStream content() throws IOException {
            return ContentCoding.decoded(headers.firstValue("Content-Encoding").orElse(""), body, body.bytesMax());
        }

        /** Whether the archive says that it left results out (PS3.18 8.3.4.4: Warning 299). */
        boolean hasMore() {
            return headers.allValues("Warning").stream()
                    .anyMatch(warning -> warning.strip().startsWith("299"));
        }

        /** The status as a failure; the body is not quoted, it may hold anything. */
        StudySourceException failure(String what) {
            boolean passing = status == 429 || status >= 500 && status != NOT_IMPLEMENTED;
            Code code = passing ? Code.BUSY : Code.REFUSED;
            return new StudySourceException(code, what + " was answered with HTTP status " + status);
        }

        @Override
        public void close() {
            body.close();
        }
    }

    /**
     * @param path below the base address, with percent-encoded query
     * @param whole what this call may take to the end of its body
     */
    Answer get(String path, String accept, Duration whole) {
        return send(request(path, accept).GET(), whole);
    }

    /** As above, once: for looking whether anybody is there. */
    Answer getOnce(String path, String accept) throws IOException {
        long deadline = System.nanoTime() + settings.whole().search().toNanos();
        return sendOnce(signed(request(path, accept).GET(), deadline), deadline);
    }

    /** As {@link #get}. */
    Answer post(String path, String accept, String contentType, Iterable<byte[]> body, Duration whole) {
        BodyPublisher publisher = BodyPublishers.ofByteArrays(body);
        long length = 0;
        for (byte[] part : body) {
            length += part.length;
        }
        return send(
                request(path, accept)
                        .header("Content-Type", contentType)
                        .POST(BodyPublishers.fromPublisher(publisher, length)),
                whole);
    }

    private HttpRequest.Builder request(String path, String accept) {
        return HttpRequest.newBuilder(URI.create(settings.baseUrl() + path))
                .timeout(settings.responseMax())
                .header("Accept", accept)
                .header("Accept-Encoding", ContentCoding.NONE);
    }

    /** Signing in may mean asking for a token: that is part of the call's time. */
    private HttpRequest signed(HttpRequest.Builder request, long deadline) {
        HttpRequest.Builder signed = request.copy();
        Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
        settings.access().signIn().headers(left).forEach(signed::setHeader);
        return signed.build();
    }

    /**
     * Tries until there is an answer other than "not now".
     *
     * @throws StudySourceException UNREACHABLE, TIMEOUT or BUSY when the last try failed
     */
    private Answer send(HttpRequest.Builder request, Duration whole) {
        long deadline = System.nanoTime() + whole.toNanos();
        boolean signedInAgain = false;
        for (int attempt = 1; ; attempt++) {
            boolean last = attempt == settings.attemptsMax() || deadline - System.nanoTime() < PAUSE_MAX.toNanos() / 4;
            try {
                Answer answer = sendOnce(signed(request, deadline), deadline);
                boolean unknown = answer.status() == UNAUTHORIZED && !signedInAgain;
                if (unknown && settings.access().signIn().refused()) {
                    signedInAgain = true;
                    answer.close();
                    attempt--;
                    continue;
                }
                if (!isNotNow(answer.status())) {
                    return answer;
                }
                Duration asked = answer.retryAfter();
                answer.close();
                if (last || asked != null && asked.compareTo(PAUSE_MAX) > 0) {
                    throw answer.failure("the request");
                }
                waitBefore(attempt + 1, asked);
            } catch (HttpTimeoutException e) {
                if (last || e instanceof Patience.OverException || deadline - System.nanoTime() < 0) {
                    throw new StudySourceException(Code.TIMEOUT, "the archive did not answer in time", e);
                }
                waitBefore(attempt + 1, null);
            } catch (IOException e) {
                if (last) {
                    throw new StudySourceException(Code.UNREACHABLE, "the archive cannot be reached", e);
                }
                waitBefore(attempt + 1, null);
            }
        }
    }

    private static boolean isNotNow(int status) {
        return status == 429 || status == 502 || status == 503 || status == 504;
    }

    private Answer sendOnce(HttpRequest request, long deadline) throws IOException {
        Patience patience = Patience.current();
        BodyStream.Limits limits = new BodyStream.Limits(settings.stallMax(), deadline, settings.seriesBytesMax());
        CompletableFuture<HttpResponse<BodyStream>> answer =
                client.sendAsync(request, _ -> new BodyStream(limits, patience));
        try {
            HttpResponse<BodyStream> response = await(answer, deadline, patience);
            return new Answer(response.statusCode(), response.headers(), response.body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StudySourceException(Code.UNREACHABLE, "interrupted while asking the archive", e);
        } finally {
            answer.cancel(true); // ends the exchange, unless it has its answer
        }
    }

    /** Waits in short steps, so that patience is asked; the request's own time limit ends a wait for headers. */
    private static HttpResponse<BodyStream> await(
            CompletableFuture<HttpResponse<BodyStream>> answer, long deadline, Patience patience)
            throws IOException, InterruptedException {
        while (true) {
            long begin = System.nanoTime();
            try {
                long step = Math.min(BodyStream.STEP.toNanos(), Math.max(1, deadline - begin));
                return answer.get(step, TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                if (System.nanoTime() - deadline >= 0) {
                    throw new HttpTimeoutException("no answer within the time of the call");
                }
                patience.waited(System.nanoTime() - begin);
            } catch (ExecutionException e) {
                if (e.getCause() instanceof IOException broken) {
                    throw broken;
                }
                throw new IOException("the request broke", e.getCause());
            }
        }
    }

    /** Doubles each time, with jitter, so that many jobs do not come back at once; what the archive asks for is the least. */
    private void waitBefore(int attempt, @Nullable Duration asked) {
        long full = BACKOFF_FIRST.toMillis() << (attempt - 2);
        long millis = full / 2 + RandomGenerator.getDefault().nextLong(full);
        Duration duration = Duration.ofMillis(Math.min(PAUSE_MAX.toMillis(), millis));
        if (asked != null && asked.compareTo(duration) > 0) {
            duration = asked;
        }
        LOG.info(
                "archive not available, next: try {} of {} in {} ms",
                attempt,
                settings.attemptsMax(),
                duration.toMillis());
        try {
            pause.forDuration(duration);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StudySourceException(Code.UNREACHABLE, "interrupted while waiting for the archive", e);
        }
    }

    /** Ends open exchanges. */
    @Override
    public void close() {
        client.shutdownNow();
    }
}
