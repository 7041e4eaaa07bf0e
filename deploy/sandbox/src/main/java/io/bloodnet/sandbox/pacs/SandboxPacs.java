package io.bloodnet.sandbox.pacs;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.dicom.Vr;
import io.bloodnet.sandbox.http.LoopbackServer;
import io.bloodnet.sandbox.http.Query;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The pretend hospital's PACS: a DICOMweb server in memory (QIDO-RS, WADO-RS of studies, series, instances and their metadata, STOW-RS)
 * that misbehaves when told to. Files are given back byte for byte as they came, so keep them in Explicit VR Little Endian. Loopback
 * only; safe for many threads.
 */
public final class SandboxPacs implements AutoCloseable {

    /** Room for about 30 head CTs. */
    public static final long BYTES_MAX_DEFAULT = 512L << 20;

    private static final String PATH = "/dicom-web";
    private static final String DICOM_JSON = "application/dicom+json";
    private static final long BODY_BYTES_MAX = 256L << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Archive archive;
    private final PacsFaults faults = new PacsFaults();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final LoopbackServer server;

    /**
     * Listens at once.
     *
     * @param port TCP port on loopback; 0 takes any free one
     * @param bytesMax most bytes of files kept; more are refused as "out of resources"
     */
    public SandboxPacs(int port, long bytesMax) {
        archive = new Archive(bytesMax);
        server = new LoopbackServer(port, BODY_BYTES_MAX, this::handle);
    }

    /** The DICOMweb base URL, e.g. {@code http://127.0.0.1:8081/dicom-web}. */
    public String url() {
        return server.origin() + PATH;
    }

    /** The port in use. */
    public int port() {
        return server.port();
    }

    /** How it misbehaves. */
    public PacsFaults faults() {
        return faults;
    }

    /** Puts Part 10 files in, as a scanner would. @throws IllegalArgumentException when one cannot be kept */
    public void store(List<byte[]> files) {
        for (byte[] file : files) {
            if (archive.store(file, null) instanceof Archive.Stored.Failed(int reason)) {
                throw new IllegalArgumentException("not kept, DICOM failure reason 0x%04X".formatted(reason));
            }
        }
    }

    /** The Part 10 files of one modality in a study, as they came. */
    public List<byte[]> files(String studyUid, String modality) {
        return archive.study(studyUid).stream()
                .filter(i -> i.header().string(Tag.MODALITY).orElse("").equals(modality))
                .map(StoredInstance::file)
                .toList();
    }

    /** Forgets a study. */
    public void remove(String studyUid) {
        archive.remove(studyUid);
    }

    private void handle(ServerRequest request, ServerResponse response) throws IOException, InterruptedException {
        String path = request.path().path();
        if (!path.startsWith(PATH + "/studies")
                && !path.startsWith(PATH + "/series")
                && !path.startsWith(PATH + "/instances")) {
            text(response, 404, "the DICOMweb base is " + PATH);
            return;
        }
        if (closing.await(faults.latency().toMillis(), TimeUnit.MILLISECONDS)) {
            return;
        }
        List<String> steps = List.of(path.substring(PATH.length() + 1).split("/"));
        try {
            switch (request.prologue().method().text()) {
                case "GET" -> get(request, response, steps);
                case "POST" -> store(request, response, steps);
                default -> text(response, 405, "GET and POST are known here");
            }
        } catch (IllegalArgumentException e) {
            text(response, 400, "the request is not well formed");
        }
    }

    private void get(ServerRequest request, ServerResponse response, List<String> steps)
            throws IOException, InterruptedException {
        boolean query = steps.size() % 2 == 1 && !steps.getLast().equals("metadata");
        PacsFault fault = faults.take(query ? PacsFault.Operation.QUERY : PacsFault.Operation.RETRIEVE);
        switch (fault) {
            case PacsFault.Cut() -> throw new CloseConnectionException("cut as told");
            case PacsFault.Status(int status) -> text(response, status, "told to");
            case null, default -> {
                List<StoredInstance> there = there(steps, fault);
                if (query) {
                    list(request, response, steps.getLast(), there, fault);
                } else if (there.isEmpty()) {
                    text(response, 404, "nothing here");
                } else if (steps.getLast().equals("metadata")) {
                    metadata(response, there);
                } else {
                    new Retrieval(there, steps.size() == 6, fault, closing).send(response);
                }
            }
        }
    }

    /** What lies under the path: studies/S/series/E/instances/I, as far as it goes. */
    private List<StoredInstance> there(List<String> steps, @Nullable PacsFault fault) {
        if (!steps.getFirst().equals("studies") || steps.size() < 2) {
            return archive.all();
        }
        boolean other = fault instanceof PacsFault.OtherStudy;
        String studyUid = fault instanceof PacsFault.OtherStudy(String uid) ? uid : steps.get(1);
        return archive.study(studyUid).stream()
                .filter(i -> other || uidFits(steps, "series", i.seriesUid()))
                .filter(i -> other || uidFits(steps, "instances", i.sopUid()))
                .toList();
    }

    private static boolean uidFits(List<String> steps, String level, String uid) {
        int at = steps.indexOf(level);
        return at < 0 || at + 1 >= steps.size() || steps.get(at + 1).equals(uid);
    }

    private void list(
            ServerRequest request,
            ServerResponse response,
            String level,
            List<StoredInstance> there,
            @Nullable PacsFault fault)
            throws IOException {
        Query query = Query.parse(request.query().rawValue());
        List<StoredInstance> matching = switch (fault) {
            case PacsFault.IgnoreKeys() -> archive.all();
            case PacsFault.OtherStudy(String uid) -> archive.study(uid);
            case null, default -> Listing.matching(there, query);
        };
        List<ObjectNode> all = switch (level) {
            case "studies" -> Listing.studies(matching, archive, url());
            case "series" -> Listing.series(matching, archive, url());
            case "instances" -> Listing.instances(matching, url());
            default -> throw new IllegalArgumentException("no such level");
        };
        int limit = query.number("limit", 0);
        List<ObjectNode> page = all.stream()
                .skip(query.number("offset", 0))
                .limit(limit == 0 ? Long.MAX_VALUE : limit)
                .toList();
        json(response, 200, page);
    }

    private void metadata(ServerResponse response, List<StoredInstance> there) throws IOException {
        List<ObjectNode> all = new ArrayList<>();
        for (StoredInstance instance : there) {
            ObjectNode json = DicomJsonWriter.write(instance.header());
            if (instance.hasPixels()) {
                DicomJsonWriter.element(json, Tag.PIXEL_DATA, Vr.OW)
                        .put("BulkDataURI", Listing.url(url(), instance) + "/bulkdata/7FE00010");
            }
            all.add(json);
        }
        json(response, 200, all);
    }

    private void store(ServerRequest request, ServerResponse response, List<String> steps) throws IOException {
        byte[] body;
        try (InputStream in = request.content().inputStream()) {
            body = in.readAllBytes();
        }
        switch (faults.take(PacsFault.Operation.STORE)) {
            case PacsFault.Cut() -> throw new CloseConnectionException("cut as told");
            case PacsFault.Status(int status) -> text(response, status, "told to");
            case PacsFault.StoreNothing() -> json(response, 200, storeAnswer(List.of(), List.of()));
            case null, default -> storeAll(request, response, steps, body);
        }
    }

    private void storeAll(ServerRequest request, ServerResponse response, List<String> steps, byte[] body)
            throws IOException {
        String type = request.headers().first(HeaderNames.CONTENT_TYPE).orElse("");
        if (!type.toLowerCase(Locale.ROOT).startsWith("multipart/related")) {
            text(response, 415, "multipart/related is expected");
            return;
        }
        String studyUid = steps.size() > 1 ? steps.get(1) : null;
        List<ObjectNode> kept = new ArrayList<>();
        List<ObjectNode> failed = new ArrayList<>();
        for (byte[] file : Multipart.parts(type, body)) {
            switch (archive.store(file, studyUid)) {
                case Archive.Stored.Kept(StoredInstance instance) -> kept.add(reference(instance));
                case Archive.Stored.Failed(int reason) -> failed.add(failure(reason));
            }
        }
        int status = failed.isEmpty() ? 200 : kept.isEmpty() ? 409 : 202; // PS3.18 table 10.5.3-1
        json(response, status, storeAnswer(kept, failed));
    }

    private ObjectNode reference(StoredInstance instance) {
        ObjectNode item = JsonNodeFactory.instance.objectNode();
        String sopClass = instance.header().string(Tag.SOP_CLASS_UID).orElse("");
        DicomJsonWriter.put(item, Tag.REFERENCED_SOP_CLASS_UID, Vr.UI, sopClass);
        DicomJsonWriter.put(item, Tag.REFERENCED_SOP_INSTANCE_UID, Vr.UI, instance.sopUid());
        DicomJsonWriter.put(item, Tag.RETRIEVE_URL, Vr.UR, Listing.url(url(), instance));
        return item;
    }

    private static ObjectNode failure(int reason) {
        ObjectNode item = JsonNodeFactory.instance.objectNode();
        DicomJsonWriter.put(item, Tag.FAILURE_REASON, Vr.US, reason);
        return item;
    }

    private static ObjectNode storeAnswer(List<ObjectNode> kept, List<ObjectNode> failed) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        DicomJsonWriter.put(answer, Tag.FAILED_SOP_SEQUENCE, failed);
        DicomJsonWriter.put(answer, Tag.REFERENCED_SOP_SEQUENCE, kept);
        return answer;
    }

    private static void json(ServerResponse response, int status, Object body) throws IOException {
        response.status(status).header("Content-Type", DICOM_JSON).send(JSON.writeValueAsBytes(body));
    }

    private static void text(ServerResponse response, int status, String text) {
        response.status(status).header("Content-Type", "text/plain").send(text + "\n");
    }

    /** Stops listening; stalled answers end at once. */
    @Override
    public void close() {
        closing.countDown();
        server.close();
    }
}
