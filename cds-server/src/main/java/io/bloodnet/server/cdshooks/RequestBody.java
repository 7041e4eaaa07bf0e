package io.bloodnet.server.cdshooks;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;

/** Reads a request's body within {@link RequestJson#BODY_BYTES_MAX}. */
final class RequestBody {

    /** What a client may still send after we know that it is too much, so that it gets to read our answer. */
    private static final long DRAIN_BYTES_MAX = 64L * 1024 * 1024;

    private RequestBody() {}

    /** @throws RequestException when it is no JSON by its type, too large, or broken off */
    static byte[] read(ServerRequest request) {
        if (!isJson(request)) {
            throw RequestException.notJson(); // also keeps other sites' forms from reaching us without a preflight
        }
        if (!request.content().hasEntity()) {
            return new byte[0];
        }
        try (InputStream in = request.content().inputStream()) {
            byte[] body = in.readNBytes(RequestJson.BODY_BYTES_MAX + 1);
            if (body.length > RequestJson.BODY_BYTES_MAX) {
                drain(in);
                throw RequestException.tooLarge("the body is larger than " + RequestJson.BODY_BYTES_MAX + " bytes");
            }
            return body;
        } catch (IOException e) {
            throw RequestException.bad("the body broke off");
        }
    }

    private static void drain(InputStream in) throws IOException {
        byte[] chunk = new byte[64 * 1024];
        long drained = 0;
        int n;
        while (drained < DRAIN_BYTES_MAX && (n = in.read(chunk)) >= 0) {
            drained += n;
        }
    }

    private static boolean isJson(ServerRequest request) {
        String type =
                request.headers().first(HeaderNames.CONTENT_TYPE).orElse("").toLowerCase(Locale.ROOT);
        int end = type.indexOf(';');
        return (end < 0 ? type : type.substring(0, end)).strip().equals("application/json");
    }
}
