package io.bloodnet.server.http;

import io.helidon.http.HeaderValues;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;

/**
 * Ends the connection after the answer when the caller asks for it by {@code Connection: close} (RFC 9112 section 9.6). Helidon 4.5 says so in
 * the answer and then waits for another request; a caller who reads up to the end would wait as long.
 */
public final class CloseWhenAsked implements Filter {

    /** Has no state. */
    public CloseWhenAsked() {}

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        chain.proceed();
        if (response.isSent() && request.headers().containsToken(HeaderValues.CONNECTION_CLOSE)) {
            throw new CloseConnectionException("the caller asked for it");
        }
    }
}
