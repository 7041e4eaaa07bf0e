package io.bloodnet.server.worklist;

import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.audit.Outcome;
import io.bloodnet.server.config.WorklistKeys;
import io.bloodnet.server.http.JsonAnswers;
import io.bloodnet.server.signin.Visitor;
import io.bloodnet.server.store.Database;
import io.bloodnet.server.worklist.PeopleList.Rows;
import io.helidon.http.Status;
import io.helidon.http.sse.SseEvent;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.sse.SseSink;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;

/**
 * {@code GET /api/worklist/live}: the worklist for the page, as server-sent events. The first, {@code settings}, has the site's targets; each
 * {@code rows} has the rows that are new or changed ({@code changed}), the jobs that are not on the list any more ({@code gone}) and the
 * counts. Patients are in the rows for those who may see them only. Runs in the request's virtual thread.
 */
public final class LiveRoutes implements HttpService, AutoCloseable {

    /** Pages that may be open at a time. */
    static final int FOLLOWERS_MAX = 400;

    /** Silence after which a page gets a comment, and its session is looked at: a browser that is gone gives its place back then. */
    private static final Duration HEARTBEAT = Duration.ofSeconds(5);
    /** A page is let go after that long and comes back: connections must not live for ever. */
    private static final Duration FOLLOW_MAX = Duration.ofMinutes(30);

    private final WorklistKeys keys;
    private final Predicate<Visitor> goesOn;
    private final AuditLog audit;
    private final InstantSource clock;
    private final Semaphore places = new Semaphore(FOLLOWERS_MAX);
    private final WorklistFeed feed;
    /** Guarded by this: the newest reading taken apart. */
    private Rows rows = Rows.none();

    /** @param goesOn whether somebody's session has not ended */
    public LiveRoutes(
            WorklistQuery worklist,
            Database database,
            WorklistKeys keys,
            Predicate<Visitor> goesOn,
            AuditLog audit,
            InstantSource clock) {
        this.keys = keys;
        this.goesOn = goesOn;
        this.audit = audit;
        this.clock = clock;
        this.feed = new WorklistFeed(worklist::version, new PeopleList(worklist, database, clock)::read);
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get("/api/worklist/live", this::follow);
    }

    private void follow(ServerRequest request, ServerResponse response) {
        if (!places.tryAcquire()) {
            JsonAnswers.problem(response, Status.SERVICE_UNAVAILABLE_503, "too many pages are open, try again");
            return;
        }
        feed.begin();
        try (SseSink sink = response.sink(SseSink.TYPE)) {
            tell(Visitor.of(request), sink);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the server stops
        } finally {
            feed.end();
            places.release();
        }
    }

    private void tell(Visitor visitor, SseSink sink) throws InterruptedException {
        sink.emit(event("settings", settings(visitor)));
        Rows told = null;
        boolean named = visitor.seesPatients();
        long until = System.nanoTime() + FOLLOW_MAX.toNanos();
        while (System.nanoTime() < until && !feed.isClosed() && goesOn.test(visitor)) {
            // A page that opens is told the newest reading at once; it may be some seconds old when nobody followed.
            WorklistFeed.Reading reading = feed.after(told == null ? 0 : told.number(), HEARTBEAT);
            if (reading.number() == 0 || told != null && reading.number() == told.number()) {
                sink.emit(SseEvent.builder().comment("still here").build());
                continue;
            }
            Rows now = takenApart(reading);
            if (told == null) {
                audit.record(new AuditEvent.WorklistViewed(
                        clock.instant(),
                        About.user(visitor.user()),
                        Outcome.SUCCESS,
                        named ? "page with patients" : "page",
                        now.named().size()));
            }
            sink.emit(event("rows", now.since(told, named)));
            told = now;
        }
    }

    private synchronized Rows takenApart(WorklistFeed.Reading reading) {
        if (reading.number() > rows.number()) {
            rows = Rows.of(reading, rows);
        }
        return rows;
    }

    private String settings(Visitor visitor) {
        return JsonAnswers.object()
                .put("flagTargetMinutes", keys.flagTargetMinutes())
                .put("escalateMinutes", keys.escalateMinutes())
                .put("patients", visitor.seesPatients())
                .put("now", clock.instant().toString())
                .toString();
    }

    private static SseEvent event(String name, String data) {
        return SseEvent.builder().name(name).data(data).build();
    }

    /** Lets all pages go. */
    @Override
    public void close() {
        feed.close();
    }
}
