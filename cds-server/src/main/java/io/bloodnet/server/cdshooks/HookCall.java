package io.bloodnet.server.cdshooks;

import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.Outcome;
import io.bloodnet.fhir.PatientNumber;
import io.bloodnet.imaging.peer.Sha256;
import io.bloodnet.server.cdshooks.card.Card;
import io.bloodnet.server.cdshooks.card.PatientFinding;
import io.bloodnet.server.cdshooks.drug.DrugTable;
import io.bloodnet.server.cdshooks.drug.MedicationOrders;
import io.bloodnet.server.cdshooks.memory.Acknowledgement;
import io.bloodnet.server.cdshooks.memory.CardStore;
import io.bloodnet.server.cdshooks.memory.ShownCard;
import io.bloodnet.server.cdshooks.request.EhrPatient;
import io.bloodnet.server.cdshooks.request.Feedback;
import io.bloodnet.server.cdshooks.request.HookRequest;
import io.bloodnet.server.cdshooks.request.HookService;
import io.bloodnet.server.cdshooks.request.RequestException;
import io.bloodnet.server.security.TokenFault;
import io.bloodnet.server.security.TokenUse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The three things that can be asked, each from the token to the answer. Nothing is answered before it is remembered and audited, in one
 * commit: where that fails, so does the call. Runs in a thread that is interrupted when its time is over.
 */
final class HookCall {

    private static final String ANYBODY = "anybody on loopback";

    private final CdsHooksConfig config;
    private final PatientFindings findings;
    private final CardStore store;
    private final Callers callers;
    private final CdsMetrics metrics;
    private final InstantSource clock;
    private final KillSwitch killSwitch;
    private final FlagCards flagCards;
    private final OrderCards orderCards;

    HookCall(
            CdsHooksConfig config,
            PatientFindings findings,
            FlagWatch watch,
            CardStore store,
            Callers callers,
            CdsMetrics metrics,
            InstantSource clock) {
        this.config = config;
        this.findings = findings;
        this.store = store;
        this.callers = callers;
        this.metrics = metrics;
        this.clock = clock;
        this.killSwitch = new KillSwitch(config.operation(), clock);
        MedicationOrders medications = new MedicationOrders(DrugTable.load());
        this.flagCards = new FlagCards(config, watch, medications);
        this.orderCards = new OrderCards(config, medications);
    }

    /**
     * Who calls, told by the headers alone, before any of the body is read.
     *
     * @param path what is called, below {@link CdsHooksService#PATH}
     * @return the refusal of a stranger, audited; or whose use of a token must be remembered with what comes of the call
     */
    Admission admit(String path, @Nullable String authorization, Verdict verdict) {
        return switch (callers.of(authorization, url(path))) {
            case Callers.Caller.Stranger(TokenFault fault) -> new Admission(null, callers.refuse(fault, verdict));
            case Callers.Caller.Client(TokenUse use) -> new Admission(use, null);
            case Callers.Caller.Anybody() -> new Admission(null, null);
        };
    }

    /** @param use null where no token is asked @param refusal null to go on */
    record Admission(@Nullable TokenUse use, @Nullable Answer refusal) {}

    /** A call of a service by somebody who was admitted. */
    Answer hook(HookService service, @Nullable TokenUse use, byte[] body, Verdict verdict) {
        Instant began = clock.instant();
        return cards(service, HookRequest.parse(service, body), use, verdict, began);
    }

    /** Feedback on cards by somebody who was admitted. */
    Answer feedback(@Nullable TokenUse use, byte[] body, Verdict verdict) {
        return take(Feedback.parse(body), use, verdict);
    }

    /** Whether discovery may be answered. */
    Answer discovery(@Nullable String authorization, Verdict verdict) {
        return switch (callers.of(authorization, url(""))) {
            case Callers.Caller.Stranger(TokenFault fault) -> callers.refuse(fault, verdict);
            case Callers.Caller.Client(TokenUse use) ->
                switch (store.write(new CardStore.Call(use, List.of(), List.of(), List.of()))) {
                    case CardStore.Written.Replayed() -> callers.refuse(TokenFault.REPLAYED, verdict);
                    case CardStore.Written.Stored _ -> new Answer.Taken(CdsMetrics.Ended.DISCOVERY);
                };
            case Callers.Caller.Anybody() -> new Answer.Taken(CdsMetrics.Ended.DISCOVERY);
        };
    }

    /** See {@link Callers#refreshKeys}. */
    void refreshKeys() {
        callers.refreshKeys();
    }

    /** Goes the way of a call about nobody, see {@link WarmUp}; the store keeps a dead token of it until it forgets dead tokens. */
    List<Card> warmUp() {
        Instant now = clock.instant();
        callers.warmUp();
        EhrPatient nobody = new EhrPatient(
                "warm-up", Set.of(), List.of(new PatientNumber(null, "warm-up", PatientNumber.Kind.MEDICAL_RECORD)));
        findings.forPatient(nobody);
        store.acknowledgements(List.of("warm-up"));
        TokenUse use = new TokenUse("warm-up", UUID.randomUUID().toString(), now);
        store.write(new CardStore.Call(use, List.of(), List.of(), List.of()));
        return WarmUp.cards(flagCards, orderCards, now);
    }

    private Answer cards(
            HookService service, HookRequest request, @Nullable TokenUse use, Verdict verdict, Instant began) {
        CdsHooksConfig.Mode mode = killSwitch.mode();
        Instant now = clock.instant();
        List<Card> cards = mode == CdsHooksConfig.Mode.OFF ? List.of() : find(service, request, now);
        boolean shown = mode == CdsHooksConfig.Mode.ON;
        List<ShownCard> remembered = cards.stream()
                .map(card -> remember(card, service, request, shown, now))
                .toList();
        AuditEvent event = event(service, request, use, shown ? cards : List.of(), began);
        return switch (store.write(new CardStore.Call(use, remembered, List.of(), List.of(event)))) {
            case CardStore.Written.Replayed() -> callers.refuse(TokenFault.REPLAYED, verdict);
            case CardStore.Written.Stored _ -> {
                cards.forEach(card -> metrics.card(service.id(), card.indicator(), shown));
                yield new Answer.Cards(shown ? cards : List.of(), ended(mode, cards));
            }
        };
    }

    private List<Card> find(HookService service, HookRequest request, Instant now) {
        List<PatientFinding> found = findings.forPatient(request.patient());
        if (found.isEmpty()) {
            if (!request.patientCameAlong()) {
                // orders from HL7 v2 name patients by MRN alone: without the Patient "no card" could be wrong
                throw RequestException.dataMissing("prefetch.patient is needed to tell which patient this is");
            }
            return List.of();
        }
        List<Acknowledgement> acknowledged =
                store.acknowledgements(found.stream().map(PatientFinding::jobId).toList());
        return service.flagsFindings()
                ? flagCards.cards(request, found, acknowledged, now)
                : orderCards.cards(service, request, found, acknowledged, now);
    }

    private Answer take(List<Feedback> feedback, @Nullable TokenUse use, Verdict verdict) {
        Map<String, ShownCard> cards = new HashMap<>();
        feedback.forEach(f -> store.card(f.cardUuid()).ifPresent(card -> cards.put(f.cardUuid(), card)));
        List<Feedback> known =
                feedback.stream().filter(f -> cards.containsKey(f.cardUuid())).toList();
        List<AuditEvent> events =
                known.stream().map(f -> event(f, card(cards, f), use)).toList();
        return switch (store.write(new CardStore.Call(use, List.of(), known, events))) {
            case CardStore.Written.Replayed() -> callers.refuse(TokenFault.REPLAYED, verdict);
            case CardStore.Written.Stored(List<Feedback> fresh) -> {
                fresh.forEach(f -> metrics.feedback(card(cards, f), f));
                metrics.feedbackOnUnknownCards(feedback.size() - known.size());
                yield new Answer.Taken(CdsMetrics.Ended.FEEDBACK);
            }
        };
    }

    private static ShownCard card(Map<String, ShownCard> cards, Feedback feedback) {
        return Objects.requireNonNull(cards.get(feedback.cardUuid()), "feedback on a card that was looked up");
    }

    private AuditEvent event(Feedback feedback, ShownCard card, @Nullable TokenUse use) {
        return new AuditEvent.CardFeedback(
                clock.instant(),
                About.job(card.topic().jobId()).withUser(card.userId()),
                Outcome.SUCCESS,
                caller(use),
                card.uuid(),
                feedback.outcome().code(),
                feedback.reasonCode());
    }

    private static ShownCard remember(Card card, HookService service, HookRequest request, boolean shown, Instant now) {
        return new ShownCard(
                card.uuid().toString(),
                service.id(),
                request.hookInstance(),
                card.topic(),
                card.indicator(),
                Sha256.hex(request.patientId()),
                request.userId(),
                request.encounterId(),
                shown,
                now);
    }

    private AuditEvent event(
            HookService service, HookRequest request, @Nullable TokenUse use, List<Card> shown, Instant began) {
        Instant now = clock.instant();
        About about = About.user(request.userId()).withPatientId(request.patientId());
        return new AuditEvent.CardsShown(
                now,
                shown.isEmpty()
                        ? about
                        : about.withJobId(shown.getFirst().topic().jobId()),
                Outcome.SUCCESS,
                caller(use),
                service.hook(),
                request.hookInstance().toString(),
                shown.stream()
                        .map(c -> new AuditEvent.CardShown(
                                c.uuid().toString(), c.indicator().code()))
                        .toList(),
                Math.max(0, Duration.between(began, now).toMillis()));
    }

    private static CdsMetrics.Ended ended(CdsHooksConfig.Mode mode, List<Card> cards) {
        return switch (mode) {
            case ON -> cards.isEmpty() ? CdsMetrics.Ended.NO_CARDS : CdsMetrics.Ended.CARDS;
            case SILENT -> CdsMetrics.Ended.SILENT;
            case OFF -> CdsMetrics.Ended.OFF;
        };
    }

    private static String caller(@Nullable TokenUse use) {
        return use == null ? ANYBODY : use.issuer();
    }

    /** The URL of an endpoint as clients must name it in {@code aud}. */
    private String url(String path) {
        return config.baseUrl() + CdsHooksService.PATH + path;
    }
}
