package io.bloodnet.server.fhir;

import io.bloodnet.fhir.FhirAnswer;
import io.bloodnet.server.http.BodyBudget;
import io.helidon.common.buffers.DataReader;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code /fhir}: copies requests to the FHIR edge's plain handlers and their answers back. Runs in the request's virtual thread. */
public final class FhirRoutes implements HttpService {

    private static final Duration AGAIN = Duration.ofSeconds(5);

    private final int bodyBytesMax;
    private final BodyBudget bodies;
    private final Handler events;
    private final Handler face;

    /** Answers one request; the edge owns all meaning. */
    @FunctionalInterface
    public interface Handler {
        /** @param query raw query string, empty for none */
        FhirAnswer answer(String method, String path, String query, Map<String, String> headers, byte[] body);

        /** The refusal of a caller who may not send this, decided by the headers alone before any body is read; null to go on. */
        default @Nullable FhirAnswer refusal(Map<String, String> headers) {
            return null;
        }
    }

    /**
     * @param bodyBytesMax longest body that is read, bytes; one byte more is read to see that it is too long
     * @param bodies what all bodies together may take
     * @param events answers below {@code /fhir/events}
     * @param face answers everything else below {@code /fhir}
     */
    public FhirRoutes(int bodyBytesMax, BodyBudget bodies, Handler events, Handler face) {
        this.bodyBytesMax = bodyBytesMax;
        this.bodies = bodies;
        this.events = events;
        this.face = face;
    }

    @Override
    public void routing(HttpRules rules) {
        rules.any("/events", (request, response) -> serve(events, request, response))
                .any("/events/*", (request, response) -> serve(events, request, response))
                .any((request, response) -> serve(face, request, response));
    }

    private void serve(Handler handler, ServerRequest request, ServerResponse response) {
        Map<String, String> headers = new HashMap<>();
        request.headers().forEach(header -> headers.put(header.name(), header.get()));
        FhirAnswer refusal = handler.refusal(headers);
        if (refusal != null) {
            send(refusal, response);
            BodyBudget.discard(request);
            return;
        }
        BodyBudget.Body body;
        try {
            body = bodies.read(request, bodyBytesMax + 1);
        } catch (BodyBudget.UsedUpException e) {
            send(FhirAnswer.unavailable("Too much is being sent at once", AGAIN), response);
            BodyBudget.discard(request);
            return;
        } catch (IOException | DataReader.InsufficientDataAvailableException | NumberFormatException e) {
            // cut off, or chunked with a size that is none
            throw new CloseConnectionException("the request broke off", e);
        }
        try (body) {
            FhirAnswer answer = handler.answer(
                    request.prologue().method().text(),
                    request.path().absolute().path(),
                    request.query().rawValue(),
                    headers,
                    body.bytes());
            send(answer, response);
        }
    }

    private static void send(FhirAnswer answer, ServerResponse response) {
        response.status(Status.create(answer.status())).header(HeaderNames.CACHE_CONTROL, "no-store");
        if (answer.contentType() != null) {
            response.header(HeaderNames.CONTENT_TYPE, answer.contentType());
        }
        if (answer.retryAfterSeconds() != null) {
            response.header(HeaderNames.RETRY_AFTER, String.valueOf(answer.retryAfterSeconds()));
        }
        if (answer.etag() != null) {
            response.header(HeaderNames.ETAG, answer.etag());
        }
        response.send(answer.body());
    }
}
