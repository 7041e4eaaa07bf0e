package io.bloodnet.server.signin;

import io.bloodnet.server.security.Loopback;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;

/** From where a request comes. What headers say of it counts against the caller only: anybody can write them. */
final class Peer {

    private static final List<HeaderName> PROXIED =
            List.of(HeaderNames.create("X-Forwarded-For"), HeaderNames.FORWARDED, HeaderNames.create("Via"));

    private Peer() {}

    /** The other side's IP address as text. */
    static String address(ServerRequest request) {
        SocketAddress address = request.remotePeer().address();
        return address instanceof InetSocketAddress inet && inet.getAddress() != null
                ? inet.getAddress().getHostAddress()
                : "unknown";
    }

    /**
     * Whether it comes from this machine, and was addressed to it: a page elsewhere whose name was made to point here (DNS rebinding) names
     * itself in {@code Host}, and a proxy tells of its client.
     */
    static boolean isLocal(ServerRequest request) {
        SocketAddress address = request.remotePeer().address();
        boolean near = address instanceof InetSocketAddress inet
                && inet.getAddress() != null
                && inet.getAddress().isLoopbackAddress();
        return near
                && Loopback.isLoopback(
                        host(request.headers().first(HeaderNames.HOST).orElse("localhost")))
                && PROXIED.stream().noneMatch(name -> request.headers().contains(name));
    }

    /** Without the port. */
    private static String host(String header) {
        int colon = header.lastIndexOf(':');
        boolean port = colon > header.lastIndexOf(']');
        return port && colon >= 0 ? header.substring(0, colon) : header;
    }
}
