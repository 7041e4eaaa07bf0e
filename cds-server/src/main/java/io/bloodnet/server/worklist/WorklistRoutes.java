package io.bloodnet.server.worklist;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.audit.AuditUnavailableException;
import io.bloodnet.audit.Outcome;
import io.bloodnet.server.http.JsonAnswers;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.pipeline.JobControl;
import io.bloodnet.server.pipeline.JobControl.Retry;
import io.bloodnet.server.pipeline.JobControl.Wish;
import io.bloodnet.server.signin.Visitor;
import io.helidon.http.Status;
import io.helidon.http.sse.SseEvent;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.sse.SseSink;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /api/worklist}, {@code GET /api/worklist/events} (the same object as server-sent events at each change) and {@code POST
 * /api/jobs/{id}/retry}, {@code /dismiss}, and both without an id for all jobs in a {@code state}. Runs in the request's virtual thread.
 */
public final class WorklistRoutes implements HttpService, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WorklistRoutes.class);

    /** Browsers that may follow the worklist at a time; more are told to poll. */
    static final int FOLLOWERS_MAX = 100;

    /** Silence after which a follower gets a comment: one that is gone gives its slot back then. */
    private static final Duration HEARTBEAT = Duration.ofSeconds(15);
    /** A follower is let go after that long and comes back: connections must not live for ever. */
    private static final Duration FOLLOW_MAX = Duration.ofMinutes(30);

    private final WorklistQuery worklist;
    private final JobControl control;
    private final AuditLog audit;
    private final InstantSource clock;
    private final Semaphore followers = new Semaphore(FOLLOWERS_MAX);
    private final WorklistFeed feed;

    /** Collaborators from the composition root. */
    public WorklistRoutes(WorklistQuery worklist, JobControl control, AuditLog audit, InstantSource clock) {
        this.worklist = worklist;
        this.control = control;
        this.audit = audit;
        this.clock = clock;
        this.feed = new WorklistFeed(worklist::version, worklist::read);
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get("/worklist", this::read)
                .get("/worklist/events", this::follow)
                .post(
                        "/jobs/{id}/retry",
                        (request, response) -> granted(response, () -> one(Wish.RETRY, request, response)))
                .post(
                        "/jobs/{id}/dismiss",
                        (request, response) -> granted(response, () -> one(Wish.DISMISS, request, response)))
                .post("/jobs/retry", (request, response) -> granted(response, () -> all(Wish.RETRY, request, response)))
                .post(
                        "/jobs/dismiss",
                        (request, response) -> granted(response, () -> all(Wish.DISMISS, request, response)));
    }

    private void read(ServerRequest request, ServerResponse response) {
        ObjectNode list = worklist.read();
        viewed(list, "http", request);
        JsonAnswers.send(response, Status.OK_200, list);
    }

    private void viewed(ObjectNode list, String channel, ServerRequest request) {
        audit.record(new AuditEvent.WorklistViewed(
                clock.instant(),
                About.user(Visitor.of(request).user()),
                Outcome.SUCCESS,
                channel,
                list.path("items").size()));
    }

    private void follow(ServerRequest request, ServerResponse response) throws InterruptedException {
        if (!followers.tryAcquire()) {
            JsonAnswers.problem(
                    response, Status.SERVICE_UNAVAILABLE_503, "too many followers, read /api/worklist instead");
            return;
        }
        long seen = feed.begin();
        try (SseSink sink = response.sink(SseSink.TYPE)) {
            ObjectNode first = worklist.read();
            viewed(first, "events", request);
            sink.emit(SseEvent.create(first.toString()));
            String said = first.toString();
            long until = System.nanoTime() + FOLLOW_MAX.toNanos();
            while (System.nanoTime() < until && !feed.isClosed()) {
                WorklistFeed.Reading reading = feed.after(seen, HEARTBEAT);
                boolean isNew = reading.number() > seen && !reading.text().equals(said);
                sink.emit(
                        isNew
                                ? SseEvent.create(reading.text())
                                : SseEvent.builder().comment("still here").build());
                seen = reading.number();
                said = isNew ? reading.text() : said;
            }
        } finally {
            feed.end();
            followers.release();
        }
    }

    /** What cannot be audited is not done: the person hears why, and may try again. */
    private static void granted(ServerResponse response, Runnable wish) {
        try {
            wish.run();
        } catch (AuditUnavailableException e) {
            LOG.error("a person's wish is not granted: the audit log cannot be written", e);
            JsonAnswers.problem(response, Status.SERVICE_UNAVAILABLE_503, "not now: the audit log cannot be written");
        }
    }

    private void one(Wish wish, ServerRequest request, ServerResponse response) {
        String id = request.path().pathParameters().get("id");
        switch (control.wish(wish, id, Visitor.of(request).user())) {
            case Retry.Going(JobState state) ->
                JsonAnswers.send(response, Status.OK_200, JsonAnswers.object().put("state", state.name()));
            case Retry.Unknown() -> JsonAnswers.problem(response, Status.NOT_FOUND_404, "there is no such job");
            case Retry.NotNow(JobState state) ->
                JsonAnswers.problem(
                        response, Status.CONFLICT_409, "not of a job that is " + state.sentence() + ": " + verb(wish));
        }
    }

    private void all(Wish wish, ServerRequest request, ServerResponse response) {
        Optional<JobState> state = Arrays.stream(JobState.values())
                .filter(s -> s.name().equals(request.query().first("state").orElse("")))
                .findFirst();
        if (state.isEmpty()) {
            JsonAnswers.problem(response, Status.BAD_REQUEST_400, "the query needs a state, such as FAILED");
            return;
        }
        int done = control.wishAll(wish, state.get(), Visitor.of(request).user());
        JsonAnswers.send(response, Status.OK_200, JsonAnswers.object().put("jobs", done));
    }

    private static String verb(Wish wish) {
        return switch (wish) {
            case RETRY -> "it cannot be tried again";
            case DISMISS -> "it cannot be dismissed";
        };
    }

    /** Lets all followers go. */
    @Override
    public void close() {
        feed.close();
    }
}
