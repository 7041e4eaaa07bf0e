package io.bloodnet.imaging.dicomweb;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.bloodnet.imaging.bloodnet.BloodNet;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.DicomReader;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.imaging.order.StudyUid;
import io.bloodnet.imaging.study.BloodNetAnalyzer;
import io.bloodnet.imaging.study.Phantom;
import io.bloodnet.imaging.study.PhantomFolders;
import io.bloodnet.imaging.study.StudyAnalyzer;
import io.bloodnet.imaging.study.StudySource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A DICOMweb archive on loopback that behaves well, and in each place badly when a test says so. */
public final class FakeArchive implements AutoCloseable {

    public static final String BOUNDARY = "a boundary; with rules";

    private static final Pattern SERIES = Pattern.compile("/dicom-web/studies/([^/]+)/series/([^/]+)");
    private static final Pattern INSTANCE = Pattern.compile(SERIES + "/instances/([^/]+)");

    final List<String> requests = new CopyOnWriteArrayList<>();
    final Map<String, Behaviour> behaviours = new ConcurrentHashMap<>();
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<byte[]> files;

    /** Answers one kind of request instead of the archive. */
    public interface Behaviour {
        void answer(HttpExchange exchange) throws IOException;
    }

    public FakeArchive(List<byte[]> files) throws IOException {
        this.files = files;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/dicom-web");
    }

    /** A client with short waits that does not pause between tries. */
    public DicomWebClient client() {
        return client(new ArchiveAccess(_ -> Map.of("Authorization", "Bearer secret"), null));
    }

    public DicomWebClient client(ArchiveAccess access) {
        Duration second = Duration.ofSeconds(5);
        DicomWebSettings settings = new DicomWebSettings(
                url(), access, second, second, Duration.ofMillis(700), 3, 64 << 20, DicomWebSettings.Whole.USUAL);
        return new DicomWebClient(settings, DicomLimits.DEFAULT, _ -> {});
    }

    /** The whole way from the archive to a finding. */
    public static StudyAnalyzer.Analysis analyze(FakeArchive archive, BloodNet net) {
        try (DicomWebClient client = archive.client()) {
            StudySource.StudyLookup found =
                    client.find(new StudyUid(Phantom.STUDY), null, new PatientId(Phantom.PATIENT, null));
            return new BloodNetAnalyzer(client.images(), net, PhantomFolders.LIMITS, ZoneOffset.UTC)
                    .analyze(((StudySource.StudyLookup.Found) found).listing());
        }
    }

    /** Kinds: {@code studies, series-list, metadata, series, instance, store}. */
    public FakeArchive on(String kind, Behaviour behaviour) {
        behaviours.put(kind, behaviour);
        return this;
    }

    public long count(String kind) {
        return requests.stream().filter(r -> r.equals(kind)).count();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            String kind = kind(exchange.getRequestMethod(), path);
            requests.add(kind);
            Behaviour behaviour = behaviours.get(kind);
            if (behaviour != null) {
                behaviour.answer(exchange);
                return;
            }
            switch (kind) {
                case "studies" -> json(exchange, 200, "[" + STUDY_JSON + "]");
                case "series-list" -> json(exchange, 200, "[" + seriesJson(files.size()) + "]");
                case "metadata" -> json(exchange, 200, metadata(files));
                case "series" -> multipart(exchange, files, true);
                case "instance" -> multipart(exchange, named(path), false);
                default -> exchange.sendResponseHeaders(404, -1);
            }
        }
    }

    private static String kind(String method, String path) {
        if (method.equals("POST")) {
            return "store";
        }
        if (path.equals("/dicom-web/studies")) {
            return "studies";
        }
        if (path.endsWith("/series")) {
            return "series-list";
        }
        if (path.endsWith("/metadata")) {
            return "metadata";
        }
        return INSTANCE.matcher(path).matches()
                ? "instance"
                : SERIES.matcher(path).matches() ? "series" : "other";
    }

    /** The files whose SOP Instance UID the path ends with. */
    List<byte[]> named(String path) {
        Matcher matcher = INSTANCE.matcher(path);
        List<byte[]> found = new ArrayList<>();
        for (byte[] file : files) {
            if (matcher.matches()
                    && dataSet(file).requiredUid(Tag.SOP_INSTANCE_UID).equals(matcher.group(3))) {
                found.add(file);
            }
        }
        return found;
    }

    public static DicomObject dataSet(byte[] file) {
        return new DicomReader(DicomLimits.DEFAULT).read(file).dataSet();
    }

    static final String STUDY_JSON = study(Phantom.STUDY, Phantom.ACCESSION, Phantom.PATIENT);

    static String study(String uid, String accession, String patient) {
        return """
                {"0020000D":{"vr":"UI","Value":["%s"]},"00080050":{"vr":"SH","Value":["%s"]},"00100020":{"vr":"LO","Value":["%s"]},
                 "00100040":{"vr":"CS"},"00201208":{"vr":"IS","Value":[12]},"00081190":{"vr":"UR","Value":["http://203.0.113.7/evil"]}}
                """.formatted(uid, accession, patient);
    }

    public static String seriesJson(int instances) {
        return """
                {"0020000D":{"vr":"UI","Value":["%s"]},"0020000E":{"vr":"UI","Value":["%s"]},"00080060":{"vr":"CS","Value":["CT"]},
                 "00201209":{"vr":"IS","Value":[%d]}}
                """.formatted(Phantom.STUDY, Phantom.SERIES, instances);
    }

    /** What selection needs, as the standard's JSON. */
    public static String metadata(List<byte[]> files) {
        List<String> objects = new ArrayList<>();
        for (byte[] file : files) {
            DicomObject d = dataSet(file);
            objects.add("""
                    {"00080016":{"vr":"UI","Value":["%s"]},"00080018":{"vr":"UI","Value":["%s"]},"0020000D":{"vr":"UI","Value":["%s"]},
                     "0020000E":{"vr":"UI","Value":["%s"]},"00080008":{"vr":"CS","Value":["ORIGINAL","PRIMARY","AXIAL"]},
                     "00280010":{"vr":"US","Value":[%d]},"00280011":{"vr":"US","Value":[%d]},"00280030":{"vr":"DS","Value":[%s]},
                     "00200032":{"vr":"DS","Value":[%s]},"00200037":{"vr":"DS","Value":[1,0,0,0,1,0]},"00200052":{"vr":"UI","Value":["2.25.400"]},
                     "7FE00010":{"vr":"OW","BulkDataURI":"http://203.0.113.7/evil"}}
                    """.formatted(
                            d.requiredUid(Tag.SOP_CLASS_UID),
                            d.requiredUid(Tag.SOP_INSTANCE_UID),
                            d.requiredUid(Tag.STUDY_INSTANCE_UID),
                            d.requiredUid(Tag.SERIES_INSTANCE_UID),
                            d.requiredInteger(Tag.ROWS),
                            d.requiredInteger(Tag.COLUMNS),
                            String.join(",", d.strings(Tag.PIXEL_SPACING)),
                            String.join(",", d.strings(Tag.IMAGE_POSITION_PATIENT))));
        }
        return "[" + String.join(",", objects) + "]";
    }

    public static void json(HttpExchange exchange, int status, String json) throws IOException {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/dicom+json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    public static void multipart(HttpExchange exchange, List<byte[]> parts, boolean lengths) throws IOException {
        if (parts.isEmpty()) {
            exchange.sendResponseHeaders(404, -1);
            return;
        }
        sendMultipart(exchange, body(parts, lengths));
    }

    /** Chunked, so that nothing but the boundaries tells where it ends. */
    public static void sendMultipart(HttpExchange exchange, byte[] body) throws IOException {
        exchange.getResponseHeaders()
                .add("Content-Type", "multipart/related; type=\"application/dicom\"; boundary=\"" + BOUNDARY + "\"");
        exchange.sendResponseHeaders(200, 0);
        OutputStream out = exchange.getResponseBody();
        out.write(body);
        out.flush();
    }

    public static byte[] body(List<byte[]> parts, boolean lengths) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            String length = lengths ? "Content-Length: " + part.length + "\r\n" : "";
            out.writeBytes(("\r\n--" + BOUNDARY + "\r\nContent-Type: application/dicom\r\n" + length + "\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            out.writeBytes(part);
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
