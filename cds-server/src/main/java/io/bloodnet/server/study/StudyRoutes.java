package io.bloodnet.server.study;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.imaging.dicomweb.StudySlices;
import io.bloodnet.imaging.dicomweb.StudySlices.HuSlice;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.seg.MaskSlices;
import io.bloodnet.imaging.study.StudySourceException;
import io.bloodnet.server.http.JsonAnswers;
import io.bloodnet.server.job.Job;
import io.bloodnet.server.job.JobStore;
import io.bloodnet.server.signin.Visitor;
import io.bloodnet.server.store.Database;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /api/studies/{job}}, {@code .../slices/{n}}, {@code .../masks/{n}}, {@code .../key-image}, and {@code POST .../seen} and {@code
 * .../opinion}. For clinicians, whom the door let in. Slices are little-endian int16 HU with their size and spacing in headers, masks one
 * bit a voxel. Runs in the request's virtual thread.
 */
public final class StudyRoutes implements HttpService {

    /** Slices that are read from the archive at a time, so that readers leave room for the analysis. */
    private static final int READS_MAX = 8;

    private static final int BODY_MAX = 8 * 1024;
    private static final Pattern JOB = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final StudyRecords records;
    private final StudySlices images;
    private final SliceCache cache = new SliceCache();
    private final Semaphore reads = new Semaphore(READS_MAX, true);

    /** Collaborators from the composition root. */
    public StudyRoutes(Database database, JobStore jobs, StudySlices images, AuditLog audit, InstantSource clock) {
        this.records = new StudyRecords(database, jobs, audit, clock);
        this.images = images;
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get("/{job}", this::view)
                .get("/{job}/slices/{n}", this::slice)
                .get("/{job}/masks/{n}", this::mask)
                .get("/{job}/key-image", this::keyImage)
                .post("/{job}/seen", this::seen)
                .post("/{job}/opinion", this::opinion);
    }

    private void view(ServerRequest request, ServerResponse response) {
        Optional<StudyRecords.View> view = id(request).flatMap(records::view);
        if (view.isEmpty()) {
            noStudy(response);
            return;
        }
        records.viewed(view.get().job(), Visitor.of(request));
        JsonAnswers.send(response, Status.OK_200, StudyJson.of(view.get()));
    }

    private static Optional<String> id(ServerRequest request) {
        String id = request.path().pathParameters().get("job");
        return JOB.matcher(id).matches() ? Optional.of(id) : Optional.empty();
    }

    private static void noStudy(ServerResponse response) {
        JsonAnswers.problem(response, Status.NOT_FOUND_404, "there is no such study here");
    }

    /** One of the analyzed slices. */
    private record Place(Job job, Finding.Analyzed finding, int n) {
        String sop() {
            return finding.slices().get(n).sopInstanceUid();
        }

        boolean isFrame() {
            return finding.slices().get(n).frame() > 0;
        }
    }

    /** The slice that the request names; null when it was answered that there is none. */
    private @Nullable Place place(ServerRequest request, ServerResponse response) {
        Optional<Job> job = id(request).flatMap(records::job);
        if (job.isEmpty()) {
            noStudy(response);
            return null;
        }
        if (!(job.get().finding() instanceof Finding.Analyzed finding)) {
            JsonAnswers.problem(response, Status.NOT_FOUND_404, "no slices of this study were analyzed");
            return null;
        }
        String text = request.path().pathParameters().get("n");
        int n = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : Integer.MAX_VALUE;
        if (n >= finding.slices().size()) {
            JsonAnswers.problem(
                    response,
                    Status.NOT_FOUND_404,
                    "the study has " + finding.slices().size() + " analyzed slices, counted from 0");
            return null;
        }
        return new Place(job.get(), finding, n);
    }

    private void slice(ServerRequest request, ServerResponse response) throws InterruptedException {
        Place place = place(request, response);
        if (place == null) {
            return;
        }
        Optional<HuSlice> slice;
        try {
            slice = read(place);
        } catch (StudySourceException e) {
            JsonAnswers.problem(
                    response,
                    Status.SERVICE_UNAVAILABLE_503,
                    "the image archive does not give the slice now: " + e.code());
            return;
        }
        if (slice.isEmpty()) {
            JsonAnswers.problem(
                    response,
                    Status.NOT_FOUND_404,
                    "the archive does not give this slice in a form that can be shown here");
            return;
        }
        HuSlice hu = slice.get();
        ByteBuffer bytes = ByteBuffer.allocate(2 * hu.hu().length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asShortBuffer().put(hu.hu());
        pixels(response, hu.rows(), hu.columns())
                .header(HeaderNames.create("X-Row-Mm"), Double.toString(hu.rowMm()))
                .header(HeaderNames.create("X-Column-Mm"), Double.toString(hu.columnMm()))
                .header(HeaderNames.create("X-Edges"), hu.edges())
                .send(bytes.array());
    }

    private Optional<HuSlice> read(Place place) throws InterruptedException {
        String key = place.finding().inputDigest() + "/" + place.sop();
        Optional<HuSlice> known = cache.get(key);
        if (known.isPresent()) {
            return known;
        }
        reads.acquire();
        try {
            var facts = place.job().facts();
            String patient = facts == null || facts.patient() == null
                    ? null
                    : facts.patient().id().value();
            Optional<HuSlice> read =
                    images.read(place.finding().studyUid(), place.finding().seriesUid(), place.sop(), patient);
            read.ifPresent(slice -> cache.put(key, slice));
            return read;
        } finally {
            reads.release();
        }
    }

    private void mask(ServerRequest request, ServerResponse response) {
        Place place = place(request, response);
        if (place == null) {
            return;
        }
        Optional<MaskSlices.MaskSlice> mask = place.isFrame()
                ? Optional.empty() // several slices have this instance's UID
                : records.mask(place.job().id()).flatMap(seg -> MaskSlices.of(seg, place.sop()));
        if (mask.isEmpty()) {
            response.status(Status.NO_CONTENT_204)
                    .header(HeaderNames.CACHE_CONTROL, "no-store")
                    .send();
            return;
        }
        pixels(response, mask.get().rows(), mask.get().columns())
                .send(mask.get().bits());
    }

    private static ServerResponse pixels(ServerResponse response, int rows, int columns) {
        return response.status(Status.OK_200)
                .header(HeaderNames.CONTENT_TYPE, "application/octet-stream")
                .header(HeaderNames.CACHE_CONTROL, "no-store")
                .header(HeaderNames.create("X-Rows"), Integer.toString(rows))
                .header(HeaderNames.create("X-Columns"), Integer.toString(columns));
    }

    private void keyImage(ServerRequest request, ServerResponse response) {
        Optional<byte[]> image = id(request).flatMap(records::keyImage);
        if (image.isEmpty()) {
            JsonAnswers.problem(response, Status.NOT_FOUND_404, "there is no key image");
            return;
        }
        response.status(Status.OK_200)
                .header(HeaderNames.CONTENT_TYPE, "image/png")
                .header(HeaderNames.CACHE_CONTROL, "no-store")
                .send(image.get());
    }

    private void seen(ServerRequest request, ServerResponse response) {
        Optional<Job> job = id(request).flatMap(records::job);
        if (job.isEmpty()) {
            noStudy(response);
        } else if (!(Visitor.of(request) instanceof Visitor.Person person)) {
            JsonAnswers.problem(response, Status.FORBIDDEN_403, "only a person can say that they have seen it");
        } else if (records.see(job.get(), person)) {
            JsonAnswers.send(response, Status.OK_200, JsonAnswers.object().put("seenBy", person.name()));
        } else {
            JsonAnswers.problem(response, Status.CONFLICT_409, "there is no suspicion to be seen");
        }
    }

    private void opinion(ServerRequest request, ServerResponse response) throws IOException {
        Optional<Job> job = id(request).flatMap(records::job);
        if (job.isEmpty()) {
            noStudy(response);
            return;
        }
        if (!(Visitor.of(request) instanceof Visitor.Person person)) {
            JsonAnswers.problem(response, Status.FORBIDDEN_403, "only a person can agree or disagree");
            return;
        }
        Optional<Opinion> opinion = body(request).flatMap(Opinion::read);
        if (opinion.isEmpty()) {
            JsonAnswers.problem(
                    response,
                    Status.BAD_REQUEST_400,
                    "an opinion agrees without a reason, or disagrees with one of MISSED, FALSE_ALARM, WRONG_PLACE,"
                            + " TECHNICAL; its note has at most " + Opinion.NOTE_MAX + " characters");
            return;
        }
        if (!(job.get().finding() instanceof Finding.Analyzed)) {
            JsonAnswers.problem(response, Status.CONFLICT_409, "there is no result to agree or disagree with");
            return;
        }
        records.say(job.get(), person, opinion.get());
        JsonAnswers.send(
                response,
                Status.OK_200,
                JsonAnswers.object().put("said", opinion.get().agrees() ? "agree" : "disagree"));
    }

    private static Optional<JsonNode> body(ServerRequest request) throws IOException {
        byte[] bytes = request.content().inputStream().readNBytes(BODY_MAX + 1);
        if (bytes.length > BODY_MAX) {
            return Optional.empty();
        }
        try {
            return Optional.ofNullable(JSON.readTree(bytes));
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }
}
