package io.bloodnet.server.fhir;

import io.bloodnet.fhir.FhirAnswer;
import io.helidon.common.buffers.DataReader;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** {@code /fhir}: copies requests to the FHIR edge's plain handlers and their answers back. Runs in the request's virtual thread. */
public final class FhirRoutes implements HttpService {

    private final int bodyBytesMax;
    private final Handler events;
    private final Handler face;

    /** Answers one request; the edge owns all meaning. */
    @FunctionalInterface
    public interface Handler {
        /** @param query raw query string, empty for none */
        FhirAnswer answer(String method, String path, String query, Map<String, String> headers, byte[] body);
    }

    /**
     * @param bodyBytesMax longest body that is read, bytes; one byte more is read to see that it is too long
     * @param events answers below {@code /fhir/events}
     * @param face answers everything else below {@code /fhir}
     */
    public FhirRoutes(int bodyBytesMax, Handler events, Handler face) {
        this.bodyBytesMax = bodyBytesMax;
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
        FhirAnswer answer = handler.answer(
                request.prologue().method().text(),
                request.path().absolute().path(),
                request.query().rawValue(),
                headers,
                body(request));
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

    private byte[] body(ServerRequest request) {
        if (!request.content().hasEntity()) {
            return new byte[0];
        }
        try {
            return request.content().inputStream().readNBytes(bodyBytesMax + 1);
        } catch (IOException | DataReader.InsufficientDataAvailableException | NumberFormatException e) {
            // cut off, or chunked with a size that is none
            throw new CloseConnectionException("the request broke off", e);
        }
    }
}
