package io.bloodnet.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** As many clients as the server takes, and one more: it waits, nobody is cut off, and it is served once another has gone. */
class ConnectionLimitTest {

    private static final byte[] GET = "GET / HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);
    private static final int WAIT_MS = 20_000;
    private static final int UNSERVED_MS = 500;

    private final List<Socket> clients = new ArrayList<>();

    @Test
    void one_client_too_many_waits_until_another_has_gone() throws IOException {
        long files = ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : 0;
        assumeTrue(
                files > 3L * HeadTime.CONNECTIONS_MAX, "skipped: this system gives too few file descriptors, " + files);
        try (HeadTime time = new HeadTime(HeadTime.USUAL, HeadTime.IDLE)) {
            WebServer server = time.on(WebServer.builder())
                    .host("127.0.0.1")
                    .shutdownHook(false)
                    .routing(routing -> routing.get("/", (request, response) -> response.send("served")))
                    .build()
                    .start();
            try {
                for (int i = 0; i < HeadTime.CONNECTIONS_MAX; i++) {
                    assertThat(ask(open(server))).as("client " + i).contains("served");
                }
                Socket waiting = open(server);
                waiting.setSoTimeout(UNSERVED_MS);
                assertThatThrownBy(() -> ask(waiting)).isInstanceOf(SocketTimeoutException.class);
                assertThat(ask(clients.getFirst())).as("who is in is served on").contains("served");

                clients.get(1).close();
                waiting.setSoTimeout(WAIT_MS);
                assertThat(answer(waiting)).contains("served");
            } finally {
                for (Socket client : clients) {
                    client.close();
                }
                server.stop();
            }
        }
    }

    private Socket open(WebServer server) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        clients.add(socket);
        socket.setSoTimeout(WAIT_MS);
        return socket;
    }

    private static String ask(Socket socket) throws IOException {
        socket.getOutputStream().write(GET);
        return answer(socket);
    }

    /** Until the body is there: it is short and comes in one piece with its head or right after. */
    private static String answer(Socket socket) throws IOException {
        StringBuilder answer = new StringBuilder();
        byte[] some = new byte[1024];
        while (answer.indexOf("served") < 0) {
            int count = socket.getInputStream().read(some);
            if (count < 0) {
                break;
            }
            answer.append(new String(some, 0, count, StandardCharsets.ISO_8859_1));
        }
        return answer.toString();
    }
}
