package io.bloodnet.imaging.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.StringJoiner;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A server on loopback that gives one study over DICOMweb and, beside it, the very same bytes as one static file: what is between the two
 * is what we add. Answers are made before anything is measured.
 */
final class BenchArchive implements AutoCloseable {

    private static final String BOUNDARY = "bench";

    static {
        // As archives do: without it the JDK's server holds an answer's body back until its head is acknowledged, up to
        // 40 ms later.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final byte[] series;
    private final byte[] metadata;

    BenchArchive(List<byte[]> files) throws IOException {
        this.series = multipart(files);
        this.metadata = metadata(files.size()).getBytes(StandardCharsets.UTF_8);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    /** The DICOMweb root. */
    URI dicomWeb() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/dicom-web");
    }

    /** The same bytes as a static file. */
    URI staticFile() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/static/series.bin");
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            if (path.startsWith("/static/")) {
                send(exchange, "application/octet-stream", series);
            } else if (path.endsWith("/studies")) {
                send(exchange, "application/dicom+json", STUDY);
            } else if (path.endsWith("/series")) {
                send(exchange, "application/dicom+json", SERIES);
            } else if (path.endsWith("/metadata")) {
                send(exchange, "application/dicom+json", metadata);
            } else {
                send(exchange, "multipart/related; type=\"application/dicom\"; boundary=" + BOUNDARY, series);
            }
        }
    }

    private static void send(HttpExchange exchange, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().add("Content-Type", type);
        exchange.sendResponseHeaders(200, body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    private static final byte[] STUDY =
            """
            [{"0020000D":{"vr":"UI","Value":["%s"]},"00100020":{"vr":"LO","Value":["%s"]}}]
            """.formatted(BenchStudy.STUDY, BenchStudy.PATIENT).getBytes(StandardCharsets.UTF_8);

    private static final byte[] SERIES = """
            [{"0020000D":{"vr":"UI","Value":["%s"]},"0020000E":{"vr":"UI","Value":["%s"]},"00080060":{"vr":"CS","Value":["CT"]},
              "00201209":{"vr":"IS","Value":[%d]}}]
            """.formatted(BenchStudy.STUDY, BenchStudy.SERIES, BenchStudy.SLICES)
            .getBytes(StandardCharsets.UTF_8);

    private static String metadata(int slices) {
        StringJoiner objects = new StringJoiner(",", "[", "]");
        for (int i = 0; i < slices; i++) {
            objects.add("""
                    {"00080008":{"vr":"CS","Value":["ORIGINAL","PRIMARY","AXIAL"]},"00080016":{"vr":"UI","Value":["1.2.840.10008.5.1.4.1.1.2"]},
                     "00080018":{"vr":"UI","Value":["%s"]},"0020000D":{"vr":"UI","Value":["%s"]},"0020000E":{"vr":"UI","Value":["%s"]},
                     "00200032":{"vr":"DS","Value":[-115,-115,%d]},"00200037":{"vr":"DS","Value":[1,0,0,0,1,0]},
                     "00200052":{"vr":"UI","Value":["2.25.400"]},"00280010":{"vr":"US","Value":[%d]},"00280011":{"vr":"US","Value":[%d]},
                     "00280030":{"vr":"DS","Value":[0.45,0.45]}}
                    """.formatted(
                    BenchStudy.sop(i), BenchStudy.STUDY, BenchStudy.SERIES, 5 * i, BenchStudy.SIDE, BenchStudy.SIDE));
        }
        return objects.toString();
    }

    private static byte[] multipart(List<byte[]> files) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] file : files) {
            String head = "\r\n--" + BOUNDARY + "\r\nContent-Type: application/dicom\r\nContent-Length: " + file.length
                    + "\r\n\r\n";
            out.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
            out.writeBytes(file);
        }
        out.writeBytes(("\r\n--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.US_ASCII));
        return out.toByteArray();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
