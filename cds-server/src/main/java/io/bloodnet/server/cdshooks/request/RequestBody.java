package io.bloodnet.server.cdshooks.request;

import io.bloodnet.server.http.BodyBudget;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.util.Locale;

/** Reads a request's body within {@link RequestJson#BODY_BYTES_MAX}. */
public final class RequestBody {

    private RequestBody() {}

    /** @throws RequestException when it is no JSON by its type, too large, broken off, or too much for all bodies together */
    public static BodyBudget.Body read(ServerRequest request, BodyBudget bodies) {
        if (!isJson(request)) {
            throw RequestException.notJson(); // also keeps other sites' forms from reaching us without a preflight
        }
        try {
            BodyBudget.Body body = bodies.read(request, RequestJson.BODY_BYTES_MAX + 1);
            if (body.bytes().length > RequestJson.BODY_BYTES_MAX) {
                body.close();
                throw RequestException.tooLarge("the body is larger than " + RequestJson.BODY_BYTES_MAX + " bytes");
            }
            return body;
        } catch (BodyBudget.UsedUpException e) {
            throw RequestException.notNow("too much is being sent at once, send again");
        } catch (IOException e) {
            throw RequestException.bad("the body broke off");
        }
    }

    private static boolean isJson(ServerRequest request) {
        String type =
                request.headers().first(HeaderNames.CONTENT_TYPE).orElse("").toLowerCase(Locale.ROOT);
        int end = type.indexOf(';');
        return (end < 0 ? type : type.substring(0, end)).strip().equals("application/json");
    }
}
