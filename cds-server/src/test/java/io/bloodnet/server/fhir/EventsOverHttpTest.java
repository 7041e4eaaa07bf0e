package io.bloodnet.server.fhir;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.bloodnet.audit.testing.RecordingAuditLog;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.FhirJson;
import io.bloodnet.fhir.ehr.EhrClient;
import io.bloodnet.fhir.eventin.FhirEventReceiver;
import io.bloodnet.fhir.eventin.SubscriptionWatch;
import io.bloodnet.imaging.order.IncomingMessage;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderInbox;
import io.bloodnet.server.http.BodyBudget;
import io.bloodnet.server.http.BodyTime;
import io.bloodnet.server.http.HeadTime;
import io.helidon.webserver.WebServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Hostile HTTP against the event endpoint over real sockets: no order comes of it, no 5xx, and the next caller is served. */
class EventsOverHttpTest {

    private static final int ANSWER_MAX_MS = 20_000;
    private static final String JSON = "Content-Type: application/fhir+json\r\n";
    private static final String PUT = "PUT /fhir/events/ImagingStudy/is1 HTTP/1.1\r\nHost: h\r\n";
    /** Its subject is known by identifier alone; the EHR says of everything that it does not know it. */
    private static final String STUDY = """
            {"resourceType":"ImagingStudy","id":"is1","status":"available","modality":[{"code":"CT"}],
             "identifier":[{"system":"urn:dicom:uid","value":"urn:oid:1.2.826.0.1.3680043.10.1389.9.1"}],
             "subject":{"identifier":{"value":"M00001"}},"procedureCode":[{"coding":[{"system":"http://loinc.org","code":"30799-1"}]}]}""";

    private final List<OrderEvent> placed = Collections.synchronizedList(new ArrayList<>());
    private final HttpServer empty = emptyEhr();
    private final FhirConfig config =
            FhirConfig.of(URI.create("http://127.0.0.1:" + empty.getAddress().getPort() + "/fhir"));
    private final RecordingAuditLog audit = new RecordingAuditLog();
    private final EhrClient ehr = new EhrClient(config, audit, InstantSource.system());
    private final HeadTime headTime = new HeadTime(Duration.ofSeconds(4), Duration.ofSeconds(4));
    private WebServer server;

    private static HttpServer emptyEhr() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
            server.createContext("/", exchange -> {
                exchange.sendResponseHeaders(404, -1);
                exchange.close();
            });
            server.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @BeforeEach
    void start() {
        OrderInbox inbox = new OrderInbox() {
            @Override
            public Receipt receive(IncomingMessage message, List<OrderEvent> events, OrderEvent.Reply reply) {
                events.stream().filter(OrderEvent.Placed.class::isInstance).forEach(placed::add);
                return new Receipt.Recorded("", List.of());
            }

            @Override
            public void refuse(IncomingMessage message, String reason, String reply) {
                // nothing is kept here
            }
        };
        FhirEventReceiver receiver = new FhirEventReceiver(
                config, ehr, inbox, () -> {}, new SubscriptionWatch(), audit, InstantSource.system());
        FhirRoutes routes = new FhirRoutes(
                FhirEventReceiver.BODY_BYTES_MAX,
                new BodyBudget(64 << 20),
                (method, path, query, headers, body) ->
                        receiver.receive(method, path, headers.get("Content-Type"), headers, body),
                (method, path, query, headers, body) -> io.bloodnet.fhir.FhirAnswer.ok());
        FhirJson.warm();
        server = headTime.on(WebServer.builder())
                .host("127.0.0.1")
                .shutdownHook(false)
                .routing(routing ->
                        routing.addFilter(new BodyTime(Duration.ofSeconds(4))).register("/fhir", routes))
                .build()
                .start();
    }

    @AfterEach
    void stop() {
        server.stop();
        headTime.close();
        ehr.close();
        empty.stop(0);
    }

    static Stream<Arguments> hostile() throws IOException {
        String deep = "[".repeat(10_000) + "]".repeat(10_000);
        return Stream.of(
                Arguments.of("content length of 4 GB", bytes(PUT + JSON + "Content-Length: 4294967296\r\n\r\n{}")),
                Arguments.of("negative content length", bytes(PUT + JSON + "Content-Length: -1\r\n\r\n" + STUDY)),
                Arguments.of(
                        "content length beyond a long",
                        bytes(PUT + JSON + "Content-Length: 99999999999999999999\r\n\r\n" + STUDY)),
                Arguments.of(
                        "two content lengths",
                        bytes(PUT + JSON + "Content-Length: 2\r\nContent-Length: " + STUDY.length() + "\r\n\r\n"
                                + STUDY)),
                Arguments.of(
                        "chunk of 2^63",
                        bytes(PUT + JSON + "Transfer-Encoding: chunked\r\n\r\n8000000000000000\r\n" + STUDY)),
                Arguments.of(
                        "chunk size that is no number",
                        bytes(PUT + JSON + "Transfer-Encoding: chunked\r\n\r\nzz\r\n" + STUDY)),
                Arguments.of(
                        "ten thousand headers",
                        bytes(PUT + JSON + "X-A: b\r\n".repeat(10_000) + "Content-Length: " + STUDY.length()
                                + "\r\n\r\n" + STUDY)),
                Arguments.of(
                        "header of 1 MB",
                        bytes(PUT + JSON + "X-A: " + "b".repeat(1 << 20) + "\r\nContent-Length: " + STUDY.length()
                                + "\r\n\r\n" + STUDY)),
                Arguments.of("gzip bomb", concat(bytes(PUT + JSON + "Content-Encoding: gzip\r\n"), zipped(256 << 20))),
                Arguments.of("zip bomb", concat(bytes(PUT + "Content-Type: application/zip\r\n"), archive(256 << 20))),
                Arguments.of(
                        "ten thousand deep",
                        whole(
                                PUT + JSON,
                                "{\"resourceType\":\"ImagingStudy\",\"id\":\"is1\",\"extension\":" + deep + "}")),
                Arguments.of("a key twice", whole(PUT + JSON, STUDY.replaceFirst("\\{", "{\"status\":\"available\","))),
                Arguments.of(
                        "a monstrous number",
                        whole(PUT + JSON, STUDY.replaceFirst("\\{", "{\"numberOfSeries\":1e400000,"))),
                Arguments.of(
                        "a string of 100 MB",
                        whole(PUT + JSON, "{\"resourceType\":\"" + "x".repeat(100 << 20) + "\"}")),
                Arguments.of("multipart without boundary", whole(PUT + "Content-Type: multipart/form-data\r\n", STUDY)),
                Arguments.of("XML", whole(PUT + "Content-Type: application/fhir+xml\r\n", STUDY)),
                Arguments.of(
                        "another character set", whole(PUT + "Content-Type: text/plain; charset=utf-7\r\n", STUDY)),
                Arguments.of(
                        "traversal",
                        whole(
                                PUT.replace("ImagingStudy/is1", "../../fhir/events/ImagingStudy/%2e%2e/is1") + JSON,
                                STUDY)),
                Arguments.of(
                        "line break in the path", whole(PUT.replace("is1 HTTP", "is1%0d%0aX:%20y HTTP") + JSON, STUDY)),
                Arguments.of("zero byte in the path", whole(PUT.replace("is1 HTTP", "is1%00 HTTP") + JSON, STUDY)),
                Arguments.of(
                        "half a body",
                        bytes(PUT + JSON + "Content-Length: " + (STUDY.length() + 10) + "\r\n\r\n" + STUDY)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("hostile")
    void places_no_order_breaks_nothing_and_leaves_the_endpoint_open(String what, byte[] request) throws Exception {
        String answer = send(request);
        assertThat(answer).as("refused, or cut off").matches("(?s)|HTTP/1\\.1 4\\d\\d .*");
        assertThat(answer).doesNotContain("M00001").doesNotContain("Exception");
        assertThat(placed).isEmpty();

        assertThat(send(whole(PUT + JSON, STUDY))).startsWith("HTTP/1.1 200");
        assertThat(placed).hasSize(1);
    }

    @Test
    void a_smuggled_request_is_not_taken_as_one_of_its_own() throws Exception {
        String smuggled = PUT + JSON + "Content-Length: " + STUDY.length() + "\r\n\r\n" + STUDY;
        String both = "POST /fhir/events HTTP/1.1\r\nHost: h\r\nContent-Length: " + (5 + smuggled.length())
                + "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled;
        send(bytes(both));
        assertThat(placed).as("a proxy before us would have seen one request").isEmpty();
    }

    @Test
    void pipelined_requests_are_answered_one_by_one() throws Exception {
        byte[] one = bytes("POST /fhir/events HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
        String answers = send(concat(concat(one, one), whole(PUT + JSON, STUDY)));
        assertThat(answers.split("HTTP/1.1 200", -1)).hasSize(4);
        assertThat(placed).hasSize(1);
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"Content-Length: 1000000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n"})
    void a_body_that_trickles_is_cut_off(String framing) throws Exception {
        byte[] drop = bytes(framing.startsWith("Content") ? " " : "1\r\n \r\n");
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(50);
            socket.getOutputStream().write(bytes(PUT + JSON + framing));
            long begin = System.nanoTime();
            assertThat(trickle(socket, drop)).as("cut off without an answer").isLessThanOrEqualTo(0);
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(15));
        }
        assertThat(send(whole(PUT + JSON, STUDY))).startsWith("HTTP/1.1 200");
        assertThat(placed).hasSize(1);
    }

    /** Writes a drop at each turn that no answer comes; 0 when writing failed, else what reading gave. */
    private static int trickle(Socket socket, byte[] drop) throws IOException {
        for (int i = 0; i < 1_000; i++) {
            try {
                return socket.getInputStream().read();
            } catch (java.net.SocketTimeoutException e) {
                socket.getOutputStream().write(drop);
            } catch (SocketException e) {
                return 0;
            }
        }
        throw new AssertionError("still taken after 1,000 drops");
    }

    @Test
    void a_body_that_does_not_come_is_given_up() throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(ANSWER_MAX_MS);
            socket.getOutputStream().write(bytes(PUT + JSON + "Content-Length: 1000\r\n\r\n{"));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            assertThat(answer).matches("(?s)|HTTP/1\\.1 4\\d\\d .*");
        }
        assertThat(placed).isEmpty();
    }

    /** We speak no HTTP/2, so that there is no stream to reset: RFC 9113 3.4's preface, then 1,000 streams begun and reset. */
    @Test
    void http2_with_rapid_resets_is_refused_at_its_first_line() throws Exception {
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
        request.writeBytes(frame(4, 0, 0, new byte[0]));
        for (int stream = 1; stream < 2_000; stream += 2) {
            request.writeBytes(frame(1, 4, stream, new byte[] {(byte) 0x83, (byte) 0x84, (byte) 0x86}));
            request.writeBytes(frame(3, 0, stream, new byte[] {0, 0, 0, 8}));
        }
        assertThat(send(request.toByteArray())).matches("(?s)|HTTP/1\\.1 [45]\\d\\d .*");
        assertThat(placed).isEmpty();

        String upgrade =
                "Connection: close, Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n";
        assertThat(send(bytes(PUT + JSON + upgrade + "Content-Length: " + STUDY.length() + "\r\n\r\n" + STUDY)))
                .as("an offer of HTTP/2 is passed over")
                .startsWith("HTTP/1.1 200");
        assertThat(placed).hasSize(1);
    }

    /** RFC 9113 4.1. */
    private static byte[] frame(int type, int flags, int stream, byte[] payload) {
        return java.nio.ByteBuffer.allocate(9 + payload.length)
                .put((byte) 0)
                .putShort((short) payload.length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(stream)
                .put(payload)
                .array();
    }

    /** Sends the bytes, then nothing more; what came back until the server closed or was silent for a while. */
    private String send(byte[] request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(ANSWER_MAX_MS);
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            try {
                OutputStream out = socket.getOutputStream();
                out.write(request);
                out.flush();
                socket.shutdownOutput();
                socket.getInputStream().transferTo(answer);
            } catch (SocketException | java.net.SocketTimeoutException e) {
                // cut off in the middle, which is an answer too
            }
            return answer.toString(StandardCharsets.ISO_8859_1);
        }
    }

    private static byte[] whole(String head, String body) {
        return bytes(head + "Content-Length: " + body.length() + "\r\nConnection: close\r\n\r\n" + body);
    }

    private static byte[] archive(int length) throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(zipped)) {
            zip.putNextEntry(new ZipEntry("is1.json"));
            byte[] blanks = new byte[1 << 20];
            for (int written = 0; written < length; written += blanks.length) {
                zip.write(blanks);
            }
        }
        return concat(bytes("Content-Length: " + zipped.size() + "\r\n\r\n"), zipped.toByteArray());
    }

    private static byte[] zipped(int length) throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
            byte[] blanks = new byte[1 << 20];
            for (int written = 0; written < length; written += blanks.length) {
                gzip.write(blanks);
            }
        }
        return concat(bytes("Content-Length: " + zipped.size() + "\r\n\r\n"), zipped.toByteArray());
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] all = java.util.Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, all, a.length, b.length);
        return all;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
