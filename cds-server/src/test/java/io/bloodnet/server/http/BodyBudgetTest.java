package io.bloodnet.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.fhir.FhirAnswer;
import io.bloodnet.server.fhir.FhirRoutes;
import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.hl7.fhir.r4.model.OperationOutcome;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What bodies may take together, and that of a caller without credentials no body is kept. */
class BodyBudgetTest {

    private static final int BUDGET = 1 << 20;
    private static final int BODY_MAX = 4 << 20;

    private final BodyBudget bodies = new BodyBudget(BUDGET);
    private final AtomicInteger answered = new AtomicInteger();
    private final List<Socket> open = new ArrayList<>();
    private WebServer server;

    @BeforeEach
    void start() {
        FhirRoutes.Handler events = new FhirRoutes.Handler() {
            @Override
            public FhirAnswer answer(
                    String method, String path, String query, Map<String, String> headers, byte[] body) {
                answered.incrementAndGet();
                return FhirAnswer.ok();
            }

            @Override
            public @Nullable FhirAnswer refusal(Map<String, String> headers) {
                return headers.containsKey("X-Secret")
                        ? null
                        : FhirAnswer.refused(401, OperationOutcome.IssueType.LOGIN, "no");
            }
        };
        server = WebServer.builder()
                .address(InetAddress.getLoopbackAddress())
                .port(0)
                .shutdownHook(false)
                .routing(routing -> routing.addFilter(new BodyTime(Duration.ofSeconds(20)))
                        .register("/fhir", new FhirRoutes(BODY_MAX + 1, bodies, events, events)))
                .build()
                .start();
    }

    @AfterEach
    void stop() throws IOException {
        for (Socket socket : open) {
            socket.close();
        }
        server.stop();
    }

    @Test
    void a_caller_without_credentials_is_refused_before_the_body_comes() throws IOException {
        Socket stranger = begin("", BODY_MAX, 1000);
        assertThat(line(stranger)).startsWith("HTTP/1.1 401");
        assertThat(bodies.used()).isZero();
        assertThat(answered).hasValue(0);
    }

    @Test
    void bodies_that_stop_in_the_middle_share_one_budget_and_the_next_is_told_to_come_again() throws Exception {
        for (int i = 0; i < 20; i++) { // five of them would be over it alone
            begin("X-Secret: s\r\n", BODY_MAX, 100_000);
        }
        for (int i = 0; i < 200 && bodies.used() < BUDGET - 300_000; i++) {
            Thread.onSpinWait();
            assertThat(bodies.used()).isLessThanOrEqualTo(BUDGET);
            java.util.concurrent.locks.LockSupport.parkNanos(10_000_000);
        }
        assertThat(bodies.used()).isBetween(BUDGET / 2L, (long) BUDGET);
        String next = "";
        for (int i = 0; i < 10 && !next.startsWith("HTTP/1.1 503"); i++) { // a reset may overtake the answer
            next = line(begin("X-Secret: s\r\n", BODY_MAX, 600_000));
        }
        assertThat(next).startsWith("HTTP/1.1 503");
        for (Socket socket : open) {
            socket.close();
        }
        for (int i = 0; i < 500 && bodies.used() > 0; i++) {
            java.util.concurrent.locks.LockSupport.parkNanos(10_000_000);
        }
        assertThat(bodies.used()).as("given back when the connections end").isZero();
        Socket whole = begin("X-Secret: s\r\n", 100, 100);
        assertThat(line(whole)).startsWith("HTTP/1.1 200");
        for (int k = 0; k < 500 && bodies.used() > 0; k++) { // given back after the answer
            java.util.concurrent.locks.LockSupport.parkNanos(10_000_000);
        }
        assertThat(bodies.used()).isZero();
    }

    /** A request whose body is announced with one length and sent up to another. */
    private Socket begin(String header, int length, int sent) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        open.add(socket);
        socket.setSoTimeout(15_000);
        String head = "POST /fhir/events HTTP/1.1\r\nHost: h\r\n" + header
                + "Content-Type: application/fhir+json\r\nContent-Length: " + length + "\r\n\r\n";
        try {
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(new byte[sent]);
            socket.getOutputStream().flush();
        } catch (IOException e) {
            // refused while we still send
        }
        return socket;
    }

    private static String line(Socket socket) throws IOException {
        StringBuilder line = new StringBuilder();
        InputStream in = socket.getInputStream();
        try {
            for (int c = in.read(); c >= 0 && c != '\r'; c = in.read()) {
                line.append((char) c);
            }
        } catch (SocketTimeoutException e) {
            return "no answer";
        } catch (SocketException e) {
            return "reset";
        }
        return line.toString();
    }
}
