package io.bloodnet.server.compliance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.audit.Outcome;
import io.bloodnet.audit.atna.SyslogFeed;
import io.bloodnet.audit.ledger.SignedNote;
import io.bloodnet.audit.store.AuditEntry;
import io.bloodnet.audit.store.AuditQuery;
import io.bloodnet.audit.store.AuditSearch;
import io.bloodnet.audit.store.Ledger;
import io.bloodnet.audit.store.LedgerStatus;
import io.bloodnet.audit.verify.AuditProof;
import io.bloodnet.audit.verify.AuditProofs;
import io.bloodnet.server.http.JsonAnswers;
import io.bloodnet.server.signin.Visitor;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * {@code /api/audit}: search ({@code events}), the newest signed checkpoint, inclusion proofs, and the integrity status. Reading the log is
 * itself an event in the log, written before the answer leaves.
 */
public final class AuditRoutes implements HttpService {

    private static final int LIMIT_DEFAULT = 100;
    private static final int LIMIT_MAX = 1_000;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Ledger ledger;
    private final AuditSearch search;
    private final AuditProofs proofs;
    private final AuditLog audit;
    private final @Nullable SyslogFeed syslog;
    private final InstantSource clock;

    /** @param database where the log is @param syslog what sends it to an audit repository; null when nothing does */
    public AuditRoutes(Ledger ledger, DataSource database, @Nullable SyslogFeed syslog, InstantSource clock) {
        this.syslog = syslog;
        this.ledger = ledger;
        this.audit = ledger;
        this.search = new AuditSearch(database);
        this.proofs = new AuditProofs(database);
        this.clock = clock;
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get("/events", this::events)
                .get("/checkpoint", this::checkpoint)
                .get("/proof/{seq}", this::proof)
                .get("/record/{job}", this::record)
                .get("/status", this::status);
    }

    private void events(ServerRequest request, ServerResponse response) {
        AuditQuery query;
        try {
            query = query(request);
        } catch (IllegalArgumentException | DateTimeParseException e) {
            JsonAnswers.problem(
                    response,
                    Status.BAD_REQUEST_400,
                    "patient, study, user, job, type, outcome (SUCCESS, MINOR_FAILURE, ...), from and to (ISO"
                            + " instants), before (seq), limit 1.." + LIMIT_MAX);
            return;
        }
        read("events searched", request);
        List<AuditEntry> found = search.find(query);
        ObjectNode answer = JSON.createObjectNode();
        ArrayNode events = answer.putArray("events");
        found.forEach(entry -> events.add(tree(entry)));
        JsonAnswers.send(response, Status.OK_200, answer);
    }

    private static com.fasterxml.jackson.databind.JsonNode tree(AuditEntry entry) {
        try {
            return JSON.readTree(entry.line());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("entry " + entry.seq() + " is no JSON", e);
        }
    }

    private static AuditQuery query(ServerRequest request) {
        int limit = parameter(request, "limit") == null ? LIMIT_DEFAULT : Integer.parseInt(parameter(request, "limit"));
        if (limit < 1 || limit > LIMIT_MAX) {
            throw new IllegalArgumentException("limit");
        }
        String outcome = parameter(request, "outcome");
        String before = parameter(request, "before");
        String from = parameter(request, "from");
        String to = parameter(request, "to");
        return AuditQuery.newest(limit)
                .withPatientId(parameter(request, "patient"))
                .withStudyUid(parameter(request, "study"))
                .withUser(parameter(request, "user"))
                .withJobId(parameter(request, "job"))
                .withType(parameter(request, "type"))
                .withOutcome(outcome == null ? null : Outcome.valueOf(outcome))
                .withTime(from == null ? null : Instant.parse(from), to == null ? null : Instant.parse(to))
                .withBefore(before == null ? null : Long.valueOf(before));
    }

    private static @Nullable String parameter(ServerRequest request, String name) {
        return request.query().first(name).filter(value -> !value.isBlank()).orElse(null);
    }

    private void checkpoint(ServerRequest request, ServerResponse response) {
        Optional<SignedNote> note = ledger.checkpoint();
        if (note.isEmpty()) {
            JsonAnswers.problem(response, Status.NOT_FOUND_404, "there is no checkpoint yet");
            return;
        }
        read("checkpoint", request);
        response.header(HeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
                .send(note.get().format().getBytes(StandardCharsets.UTF_8));
    }

    private void proof(ServerRequest request, ServerResponse response) {
        try {
            long seq = Long.parseLong(request.path().pathParameters().get("seq"));
            send(request, response, proofs.entry(seq), "proof of entry " + seq);
        } catch (NumberFormatException e) {
            JsonAnswers.problem(response, Status.BAD_REQUEST_400, "seq must be a number");
        }
    }

    private void record(ServerRequest request, ServerResponse response) {
        send(request, response, proofs.job(request.path().pathParameters().get("job")), "record of a job");
    }

    private void send(ServerRequest request, ServerResponse response, Optional<AuditProof> proof, String what) {
        if (proof.isEmpty()) {
            JsonAnswers.problem(response, Status.NOT_FOUND_404, "there is no such entry under a checkpoint (yet)");
            return;
        }
        read(what, request);
        response.header(HeaderNames.CONTENT_TYPE, "application/json")
                .send(proof.get().toJson().getBytes(StandardCharsets.UTF_8));
    }

    private void status(ServerRequest request, ServerResponse response) {
        LedgerStatus status = ledger.status();
        ObjectNode answer = JSON.createObjectNode();
        answer.put("origin", status.origin());
        answer.put("entries", status.size());
        answer.put("signedEntries", status.signedSize());
        answer.put(
                "signedAt", status.signedAt() == null ? null : status.signedAt().toString());
        answer.put("fault", status.fault() == null ? null : status.fault().name());
        ArrayNode anchors = answer.putArray("anchors");
        status.anchors()
                .forEach(a -> anchors.addObject()
                        .put("name", a.name())
                        .put("keptEntries", a.keptSize())
                        .put("problem", a.problem()));
        ArrayNode feeds = answer.putArray("feeds");
        if (syslog != null) {
            SyslogFeed.FeedStatus feed = syslog.status();
            feeds.addObject()
                    .put("name", feed.name())
                    .put("sentEntries", feed.next())
                    .put("problem", feed.problem());
        }
        JsonAnswers.send(response, Status.OK_200, answer);
    }

    private void read(String what, ServerRequest request) {
        Visitor visitor = Visitor.of(request);
        audit.record(new AuditEvent.AuditRead(
                clock.instant(), About.user(visitor.user()), Outcome.SUCCESS, what, visitor.client()));
    }
}
