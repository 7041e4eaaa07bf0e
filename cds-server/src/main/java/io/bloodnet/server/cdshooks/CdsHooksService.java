package io.bloodnet.server.cdshooks;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.audit.AuditUnavailableException;
import io.bloodnet.server.cdshooks.card.Card;
import io.bloodnet.server.cdshooks.card.CardJson;
import io.bloodnet.server.cdshooks.memory.CardStore;
import io.bloodnet.server.cdshooks.memory.CardStoreException;
import io.bloodnet.server.cdshooks.request.HookService;
import io.bloodnet.server.cdshooks.request.RequestBody;
import io.bloodnet.server.cdshooks.request.RequestException;
import io.bloodnet.server.http.BodyBudget;
import io.bloodnet.server.security.TokenFault;
import io.bloodnet.server.security.TokenUse;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP edge of CDS Hooks, to be mounted at {@value #PATH}. A call of a service is answered within
 * {@link CdsHooksConfig.Operation#answerWithin()}, by no cards where nothing better is ready: we are never in the way of the EHR.
 */
public final class CdsHooksService implements HttpService, AutoCloseable {

    /** Where Main mounts it. */
    public static final String PATH = "/cds-services";

    private static final String OTHER = "none";
    private static final Duration FEEDBACK_WITHIN = Duration.ofSeconds(5);
    private static final int FEEDBACK_AT_ONCE_MAX = 16;
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Header JSON = HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "application/json");
    private static final Header NO_STORE = HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "no-store");
    private static final Header BEARER = HeaderValues.createCached(HeaderNames.WWW_AUTHENTICATE, "Bearer");
    private static final Header RETRY = HeaderValues.createCached(HeaderNames.RETRY_AFTER, "1");
    private static final Logger LOG = LoggerFactory.getLogger(CdsHooksService.class);

    private final BodyBudget bodies;
    private final HookCall calls;
    private final CdsMetrics metrics;
    private final TimeBudget budget;
    /** Feedback holds nobody up: rather later than sent again. */
    private final TimeBudget feedbackBudget = new TimeBudget(FEEDBACK_WITHIN, FEEDBACK_AT_ONCE_MAX);

    private final Cors cors;
    private final CardJson cardJson;
    private final byte[] discovery;
    private final byte[] noCards;

    /**
     * Does no I/O.
     *
     * @param findings our findings by patient
     * @param watch whether flags may be critical
     * @param store what is remembered of calls
     * @param bodies what the bodies of all requests together may take
     * @param audit told of refused calls; calls and feedback reach the audit log through the store
     */
    public CdsHooksService(
            CdsHooksConfig config,
            PatientFindings findings,
            FlagWatch watch,
            CardStore store,
            AuditLog audit,
            CdsMetrics metrics,
            BodyBudget bodies,
            InstantSource clock) {
        this(
                config,
                new HookCall(
                        config, findings, watch, store, new Callers(config, audit, metrics, clock), metrics, clock),
                metrics,
                new TimeBudget(
                        config.operation().answerWithin(), config.operation().callsAtOnceMax()),
                bodies);
    }

    CdsHooksService(CdsHooksConfig config, HookCall calls, CdsMetrics metrics, TimeBudget budget, BodyBudget bodies) {
        this.bodies = bodies;
        this.calls = calls;
        this.metrics = metrics;
        this.budget = budget;
        this.cors = new Cors(config.allowedOrigins());
        this.cardJson = new CardJson(config.baseUrl().toString());
        this.discovery = bytes(Discovery.answer());
        this.noCards = bytes(cardJson.answer(List.of()));
    }

    /** Called by the web server before it listens. */
    @Override
    public void beforeStart() {
        try {
            int size = bytes(cardJson.answer(calls.warmUp())).length;
            LOG.debug("CDS Hooks warm ({} bytes of cards about nobody), next: calls", size);
        } catch (CardStoreException e) {
            LOG.warn("CDS Hooks not warm ({}), next: calls, of which the first may be late", e.fault());
        }
    }

    /** Has clients' keys that are old read in the background; to be called every minute. Returns at once. */
    public void refreshKeys() {
        calls.refreshKeys();
    }

    @Override
    public void routing(HttpRules rules) {
        rules.any(cors)
                .get("/", this::discovery)
                .post("/{id}", this::hook)
                .post("/{id}/feedback", this::feedback)
                .any((request, response) -> problem(response, 404, "there is no such service or method here"));
    }

    private void discovery(ServerRequest request, ServerResponse response) {
        long began = System.nanoTime();
        String authorization = authorization(request);
        Verdict verdict = new Verdict();
        TimeBudget.Result<Answer> result = budget.run(() -> calls.discovery(authorization, verdict));
        answer(OTHER, result, verdict, discovery, response, began);
    }

    private void hook(ServerRequest request, ServerResponse response) {
        serve(request, response, "", calls::hook, true);
    }

    private void feedback(ServerRequest request, ServerResponse response) {
        serve(
                request,
                response,
                "/feedback",
                (service, use, body, verdict) -> calls.feedback(use, body, verdict),
                false);
    }

    /** What is to be done for a service. */
    private interface Work {
        Answer of(HookService service, @Nullable TokenUse use, byte[] body, Verdict verdict);
    }

    /** Who calls is asked before the body is read: nobody else's bytes are kept. */
    private void serve(ServerRequest request, ServerResponse response, String part, Work work, boolean wantsCards) {
        Optional<HookService> service =
                HookService.byId(request.path().pathParameters().get("id"));
        if (service.isEmpty()) {
            problem(response, 404, "there is no service of that id");
            BodyBudget.discard(request);
            return;
        }
        String name = service.get().id();
        long began = System.nanoTime();
        TimeBudget time = wantsCards ? budget : feedbackBudget;
        byte[] otherwise = wantsCards ? noCards : null;
        Verdict verdict = new Verdict();
        String authorization = authorization(request);
        TimeBudget.Result<HookCall.Admission> asked =
                time.run(() -> calls.admit("/" + name + part, authorization, verdict));
        TimeBudget.Result<Answer> refusal = refusal(asked, verdict);
        if (refusal != null) {
            answer(name, refusal, verdict, otherwise, response, began);
            BodyBudget.discard(request);
            return;
        }
        TokenUse use =
                ((TimeBudget.Result.Done<HookCall.Admission>) asked).value().use();
        try (BodyBudget.Body body = RequestBody.read(request, bodies)) {
            long complete = System.nanoTime(); // how long the caller takes to send is not our time
            answer(
                    name,
                    time.run(() -> work.of(service.get(), use, body.bytes(), verdict)),
                    verdict,
                    otherwise,
                    response,
                    complete);
        } catch (RequestException e) {
            problem(response, e.status(), e.what());
            BodyBudget.discard(request);
        }
    }

    /** Why the call goes no further; null when it does. */
    private static TimeBudget.@Nullable Result<Answer> refusal(
            TimeBudget.Result<HookCall.Admission> asked, Verdict verdict) {
        return switch (asked) {
            case TimeBudget.Result.Done<HookCall.Admission>(HookCall.Admission admission) -> {
                Answer refusal = admission.refusal();
                yield refusal == null ? null : new TimeBudget.Result.Done<>(refusal);
            }
            case TimeBudget.Result.Failed<HookCall.Admission>(Throwable cause) -> new TimeBudget.Result.Failed<>(cause);
            case TimeBudget.Result.Late<HookCall.Admission>() -> new TimeBudget.Result.Late<>();
            case TimeBudget.Result.Overloaded<HookCall.Admission>() -> new TimeBudget.Result.Overloaded<>();
        };
    }

    /**
     * Sends the answer, or what stands for it, and counts it first: who reads the answer finds it counted. A refusal that was decided is
     * given, however late what comes after it.
     *
     * @param otherwise the body where nothing better came in time; null: 503, so that the client sends again
     */
    private void answer(
            String service,
            TimeBudget.Result<Answer> result,
            Verdict verdict,
            byte @Nullable [] otherwise,
            ServerResponse response,
            long began) {
        TokenFault refusal = verdict.refusal();
        Reply reply = refusal != null ? reply(new Answer.Refused(refusal)) : reply(result, otherwise);
        metrics.call(service, reply.ended, Duration.ofNanos(System.nanoTime() - began));
        if (reply.header != null) {
            response.header(reply.header);
        }
        if (reply.body.length == 0) {
            response.status(Status.create(reply.status)).send();
        } else {
            json(response, reply.status, reply.body);
        }
    }

    private Reply reply(TimeBudget.Result<Answer> result, byte @Nullable [] otherwise) {
        return switch (result) {
            case TimeBudget.Result.Done<Answer>(Answer answer) -> reply(answer);
            case TimeBudget.Result.Failed<Answer>(RequestException e) -> reply(Answer.Bad.of(e));
            case TimeBudget.Result.Failed<Answer>(Throwable cause) -> fallback(failure(cause), otherwise);
            case TimeBudget.Result.Late<Answer>() -> fallback(CdsMetrics.Ended.LATE, otherwise);
            case TimeBudget.Result.Overloaded<Answer>() -> fallback(CdsMetrics.Ended.OVERLOADED, otherwise);
        };
    }

    /** An answer ready to be sent; without a body where {@code body} has no bytes. */
    private record Reply(
            CdsMetrics.Ended ended,
            int status,
            byte[] body,
            @Nullable Header header) {}

    private Reply reply(Answer answer) {
        return switch (answer) {
            case Answer.Cards(List<Card> cards, CdsMetrics.Ended ended) ->
                new Reply(ended, 200, cards.isEmpty() ? noCards : bytes(cardJson.answer(cards)), null);
            case Answer.Taken(CdsMetrics.Ended ended) ->
                new Reply(ended, 200, ended == CdsMetrics.Ended.DISCOVERY ? discovery : new byte[0], null);
            case Answer.Refused(TokenFault fault) ->
                new Reply(CdsMetrics.Ended.REFUSED, 401, outcome(401, fault.sentence()), BEARER);
            case Answer.Bad(int status, String message) ->
                new Reply(
                        status == 412 ? CdsMetrics.Ended.DATA_MISSING : CdsMetrics.Ended.BAD_REQUEST,
                        status,
                        outcome(status, message),
                        null);
        };
    }

    private static Reply fallback(CdsMetrics.Ended ended, byte @Nullable [] otherwise) {
        return otherwise != null
                ? new Reply(ended, 200, otherwise, null)
                : new Reply(ended, 503, outcome(503, "not possible now, send again"), RETRY);
    }

    /** What a failure counts as. Bugs end here too: they cost the caller its cards, not its time. */
    private static CdsMetrics.Ended failure(Throwable cause) {
        if (cause instanceof AuditUnavailableException
                || cause instanceof CardStoreException e && e.fault() == CardStoreException.Fault.AUDIT) {
            LOG.error("CDS Hooks call not audited: no card is shown until the audit log can be written");
            return CdsMetrics.Ended.AUDIT_UNAVAILABLE;
        }
        if (cause instanceof CardStoreException e) {
            LOG.warn("CDS Hooks call not remembered ({}): no card is shown", e.fault());
            return CdsMetrics.Ended.DATABASE_UNAVAILABLE;
        }
        LOG.error(
                "CDS Hooks call failed ({} at {}): no card is shown",
                cause.getClass().getName(),
                place(cause));
        return CdsMetrics.Ended.FAILED;
    }

    /** Where it broke, without the message: that may hold what came in. */
    private static String place(Throwable cause) {
        StackTraceElement[] trace = cause.getStackTrace();
        return trace.length == 0 ? "unknown" : trace[0].toString();
    }

    private static @Nullable String authorization(ServerRequest request) {
        return request.headers().first(HeaderNames.AUTHORIZATION).orElse(null);
    }

    private static void problem(ServerResponse response, int status, String what) {
        json(response, status, outcome(status, what));
    }

    private static byte[] outcome(int status, String what) {
        ObjectNode outcome = JsonNodeFactory.instance.objectNode().put("resourceType", "OperationOutcome");
        outcome.putArray("issue")
                .addObject()
                .put("severity", "error")
                .put("code", issueCode(status))
                .put("diagnostics", what);
        return bytes(outcome);
    }

    /** FHIR R4 issue-type. */
    private static String issueCode(int status) {
        return switch (status) {
            case 401 -> "login";
            case 404 -> "not-found";
            case 412 -> "required";
            case 413 -> "too-long";
            case 503 -> "transient";
            default -> "invalid";
        };
    }

    private static void json(ServerResponse response, int status, byte[] body) {
        response.status(Status.create(status)).header(JSON).header(NO_STORE).send(body);
    }

    private static byte[] bytes(JsonNode node) {
        try {
            return MAPPER.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of ours cannot be written", e);
        }
    }

    /** Gives up what is in work. */
    @Override
    public void close() {
        budget.close();
        feedbackBudget.close();
    }
}
