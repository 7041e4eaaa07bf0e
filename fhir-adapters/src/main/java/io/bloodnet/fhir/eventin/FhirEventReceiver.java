package io.bloodnet.fhir.eventin;

import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.audit.Outcome;
import io.bloodnet.fhir.FhirAnswer;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.FhirJson;
import io.bloodnet.fhir.RefusalLimit;
import io.bloodnet.fhir.ehr.Deadline;
import io.bloodnet.fhir.ehr.EhrBase.ResourceId;
import io.bloodnet.fhir.ehr.EhrClient;
import io.bloodnet.fhir.ehr.EhrClient.Purpose;
import io.bloodnet.fhir.ehr.EhrException;
import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.imaging.order.IncomingMessage;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderInbox;
import io.bloodnet.imaging.order.OrderInbox.InboxUnavailableException;
import io.bloodnet.imaging.order.OrderInbox.Receipt;
import io.bloodnet.imaging.order.Origin;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.OperationOutcome.IssueType;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what the EHR tells us at {@code /fhir/events}: rest-hook pings and resources, topic notifications. Answers 2xx only after the inbox
 * has made it durable; 503 when the EHR or the inbox is away, so that the sender repeats (polling finds what a sender gave up on). Safe for
 * all threads; a call blocks its own for as long as reads from the EHR and the commit take.
 */
public final class FhirEventReceiver {

    /** Longest body that is looked at, bytes. An ImagingStudy of a CT with every instance listed has about 500 kB. */
    public static final int BODY_BYTES_MAX = 4 << 20;
    /** Where this receiver lives. */
    public static final String PATH = "/fhir/events";

    private static final Logger LOG = LoggerFactory.getLogger(FhirEventReceiver.class);
    private static final Pattern RESOURCE = Pattern.compile(PATH + "/([A-Za-z]{1,40})/([A-Za-z0-9\\-.]{1,64})");
    private static final Duration AGAIN = Duration.ofSeconds(5);

    private final FhirConfig config;
    private final EhrClient ehr;
    private final OrderInbox inbox;
    private final CatchUp catchUp;
    private final AuditLog audit;
    private final InstantSource clock;
    private final ResourceMapper mapper;
    private final SubscriptionWatch watch;
    private final RefusalLimit refusals = new RefusalLimit();

    /** All ports first, then the clock. @param watch is told what each subscription says */
    public FhirEventReceiver(
            FhirConfig config,
            EhrClient ehr,
            OrderInbox inbox,
            CatchUp catchUp,
            SubscriptionWatch watch,
            AuditLog audit,
            InstantSource clock) {
        this.config = config;
        this.ehr = ehr;
        this.inbox = inbox;
        this.catchUp = catchUp;
        this.watch = watch;
        this.audit = audit;
        this.clock = clock;
        this.mapper = new ResourceMapper(ehr, config, clock);
    }

    /**
     * Takes one request.
     *
     * @param method HTTP method in capitals
     * @param path path as sent, starting with {@value #PATH}, without query
     * @param contentType value of Content-Type, null when absent
     * @param headers all headers; names in any case
     * @param body at most {@link #BODY_BYTES_MAX} plus one byte: the server need not read further to learn that it is too long
     */
    public FhirAnswer receive(
            String method, String path, @Nullable String contentType, Map<String, String> headers, byte[] body) {
        Optional<FhirAnswer> refusal = refusal(headers);
        if (refusal.isPresent()) {
            return refusal.get();
        }
        String plain = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        Matcher resource = RESOURCE.matcher(plain);
        boolean base = plain.equals(PATH);
        if (!base && !resource.matches()) {
            return FhirAnswer.refused(404, IssueType.NOTFOUND, "There is nothing at this path");
        }
        if (!method.equals("POST") && !(method.equals("PUT") && !base)) {
            return FhirAnswer.refused(405, IssueType.NOTSUPPORTED, "Events are sent by POST, resources also by PUT");
        }
        if (body.length > BODY_BYTES_MAX) {
            return tooLong();
        }
        if (body.length > 0 && !isJson(contentType)) {
            return FhirAnswer.refused(415, IssueType.NOTSUPPORTED, "Events are read as application/fhir+json");
        }
        try {
            return Deadline.within(
                    config.limits().whole(),
                    () -> base ? event(body) : resource(resource.group(1), resource.group(2), body));
        } catch (EhrException e) {
            LOG.warn("event not taken, the EHR cannot be asked: {}; the sender is told to repeat", e.getMessage());
            return FhirAnswer.unavailable("The EHR cannot be asked now what this is about", AGAIN);
        } catch (InboxUnavailableException e) {
            LOG.error("event not taken, the inbox is not available; the sender is told to repeat");
            return FhirAnswer.unavailable("The event cannot be stored now", AGAIN);
        }
    }

    /** The refusal of a caller who does not know the secret, to be asked before any of the body is read; empty when there is none. */
    public Optional<FhirAnswer> refusal(Map<String, String> headers) {
        if (knowsSecret(headers)) {
            return Optional.empty();
        }
        String more = refusals.admit(clock.instant());
        if (more != null) {
            audit.record(new AuditEvent.AccessRefused(
                    clock.instant(),
                    About.nothing(),
                    Outcome.SERIOUS_FAILURE,
                    PATH,
                    "missing or wrong secret header" + more));
        }
        return Optional.of(FhirAnswer.refused(401, IssueType.LOGIN, "The shared secret is missing or wrong"));
    }

    /** The answer to a body over {@link #BODY_BYTES_MAX}. */
    public static FhirAnswer tooLong() {
        return FhirAnswer.refused(413, IssueType.TOOLONG, "An event has at most " + BODY_BYTES_MAX + " bytes");
    }

    private FhirAnswer resource(String type, String id, byte[] body) {
        if (!ResourceMapper.TYPES.contains(type)) {
            return refuse(body, type, 404, IssueType.NOTSUPPORTED, "This type of resource is not taken here");
        }
        Optional<Resource> resource = FhirJson.read(body, Resource.class);
        if (resource.isEmpty()) {
            return refuse(
                    body,
                    type,
                    400,
                    IssueType.STRUCTURE,
                    "The body is not a FHIR R4 resource in JSON within our limits");
        }
        if (!resource.get().fhirType().equals(type)) {
            return refuse(
                    body, type, 400, IssueType.INVALID, "The body holds another type of resource than the URL says");
        }
        String bodyId = resource.get().getIdElement().getIdPart();
        if (bodyId != null && !bodyId.equals(id)) {
            return refuse(body, type, 400, IssueType.INVALID, "The body's id is not that of the URL");
        }
        resource.get().setId(id);
        return announced(resource.get(), body);
    }

    /**
     * What was sent is a hint: whoever reaches this endpoint may have written it. The EHR is asked what it holds under that name, and that
     * is what counts. What the EHR does not hold may at most order a look at images, for a patient that the EHR knows; it changes nothing.
     */
    private FhirAnswer announced(Resource hint, byte[] body) {
        String type = hint.fhirType();
        String id = hint.getIdElement().getIdPart();
        Optional<? extends Resource> held = id == null ? Optional.empty() : read(new ResourceId(type, id));
        byte[] content = held.isPresent() ? FhirJson.write(held.get()) : body;
        Resource told = held.isPresent() ? held.get() : hint;
        IncomingMessage message = message(type, MessageIds.of(told, content), content);
        return switch (mapper.map(told, message.origin())) {
            case Mapped.Unusable(var sentence) -> refuse(content, type, 422, IssueType.BUSINESSRULE, sentence);
            case Mapped.Events(var events) -> {
                if (held.isPresent()) {
                    yield store(message, events);
                }
                yield events.stream().allMatch(FhirEventReceiver::changesNothing)
                        ? store(
                                message,
                                events.stream()
                                        .map(FhirEventReceiver::unpromised)
                                        .toList())
                        : refuse(
                                body,
                                type,
                                422,
                                IssueType.NOTFOUND,
                                "The EHR does not have what the event says, so nothing is changed");
            }
        };
    }

    private static boolean changesNothing(OrderEvent event) {
        return event instanceof OrderEvent.Placed || event instanceof OrderEvent.NotForUs;
    }

    /** An order without the number of images that it promises: the archive tells how many there are. */
    private static OrderEvent unpromised(OrderEvent event) {
        return event instanceof OrderEvent.Placed(ImagingOrder o, String hold)
                ? new OrderEvent.Placed(
                        new ImagingOrder(
                                o.key(),
                                o.patient(),
                                o.patientClass(),
                                o.visitNumber(),
                                o.procedure(),
                                o.priority(),
                                null,
                                o.orderedAt(),
                                o.production(),
                                o.ehr(),
                                o.origin()),
                        hold)
                : event;
    }

    private FhirAnswer event(byte[] body) {
        if (body.length == 0) {
            catchUp.soon(); // a ping: something matched, it does not say what
            return FhirAnswer.ok();
        }
        Optional<Resource> sent = FhirJson.read(body, Resource.class);
        if (sent.isPresent() && ResourceMapper.TYPES.contains(sent.get().fhirType())) {
            return announced(sent.get(), body); // some servers POST the resource to the endpoint itself
        }
        Optional<Notification> notification =
                sent.filter(Bundle.class::isInstance).map(Bundle.class::cast).flatMap(Notification::of);
        if (notification.isEmpty()) {
            return refuse(
                    body,
                    "Bundle",
                    400,
                    IssueType.STRUCTURE,
                    "The body is not a subscription notification within our limits");
        }
        return notified(notification.get(), body);
    }

    private FhirAnswer notified(Notification notification, byte[] body) {
        if (notification.events().size() > OrderInbox.EVENTS_MAX) {
            return refuse(
                    body,
                    "Bundle",
                    413,
                    IssueType.TOOLONG,
                    "A notification has at most " + OrderInbox.EVENTS_MAX + " events");
        }
        FhirAnswer answer = take(notification, body);
        boolean unsaid = notification.events().stream().anyMatch(event -> event.focus() == null);
        if (answer.isSuccess()) {
            Optional<CatchUp.Missed> missed = watch.missed(notification, clock.instant());
            if (unsaid || notification.status().equals("error")) {
                LOG.info("events may have been missed; the EHR is asked soon for what changed");
                catchUp.soon();
            } else if (missed.isPresent()) {
                LOG.info(
                        "{} events were missed; the EHR is asked for them soon",
                        missed.get().count());
                catchUp.soon(missed.get());
            }
        }
        return answer;
    }

    /** Makes a notification's events durable. Those that do not say what they are about are passed over. */
    private FhirAnswer take(Notification notification, byte[] body) {
        IncomingMessage message = message("Bundle/" + kind(notification), MessageIds.of(body), body);
        List<OrderEvent> events = new ArrayList<>();
        for (Notification.Event event : notification.events()) {
            String focus = event.focus();
            if (focus == null) {
                continue;
            }
            Optional<ResourceId> id = ehr.base().resourceOf(focus);
            if (id.isEmpty()) {
                return refuse(
                        body,
                        "Bundle",
                        422,
                        IssueType.SECURITY,
                        "A focus lies on another server than the configured EHR");
            }
            events.addAll(eventsOf(id.get(), message.origin()));
        }
        return events.isEmpty() ? FhirAnswer.ok() : store(message, cap(events));
    }

    /**
     * Asks the EHR for events that did not reach us ({@code $events} of the R4 backport), and takes them as if they had.
     *
     * @return whether every one of them is durable now; otherwise polling must find them
     */
    public boolean fetch(CatchUp.Missed missed) {
        Optional<ResourceId> id = ehr.base()
                .resourceOf(missed.subscription())
                .filter(s -> s.type().equals("Subscription"));
        if (id.isEmpty() || missed.count() > OrderInbox.EVENTS_MAX) {
            return false;
        }
        try {
            Purpose purpose = new Purpose(About.nothing(), "missed events");
            Optional<Bundle> answer = ehr.subscriptionEvents(id.get(), missed.from(), missed.to(), purpose);
            Optional<Notification> notification = answer.flatMap(Notification::ofEvents);
            return notification.isPresent()
                    && notification.get().tellsOf(missed)
                    && notification.get().events().size() <= OrderInbox.EVENTS_MAX
                    && take(notification.get(), FhirJson.write(answer.get())).isSuccess();
        } catch (EhrException | InboxUnavailableException e) {
            LOG.warn("missed events cannot be asked for, next: polling: {}", e.getMessage());
            return false;
        }
    }

    private List<OrderEvent> eventsOf(ResourceId id, Origin origin) {
        if (!ResourceMapper.TYPES.contains(id.type())) {
            return List.of(new OrderEvent.NotForUs("not a type of resource that we take"));
        }
        Optional<? extends Resource> resource = read(id); // whatever was sent along: it is a hint
        if (resource.isEmpty()) {
            return List.of(new OrderEvent.NotForUs("the EHR does not have what the event is about"));
        }
        return switch (mapper.map(resource.get(), origin)) {
            case Mapped.Unusable(var sentence) -> List.of(new OrderEvent.NotForUs(sentence));
            case Mapped.Events(var events) -> events;
        };
    }

    private Optional<? extends Resource> read(ResourceId id) {
        Class<? extends Resource> type =
                FhirJson.context().getResourceDefinition(id.type()).getImplementingClass(Resource.class);
        return ehr.read(type, id, new EhrClient.Purpose(About.nothing(), "a notification"));
    }

    private FhirAnswer store(IncomingMessage message, List<OrderEvent> events) {
        return switch (inbox.receive(OnlyOurs.kept(message, events), events, _ -> "")) {
            case Receipt.Recorded _, Receipt.Repeated _ -> FhirAnswer.ok();
            case Receipt.IdReused() ->
                FhirAnswer.refused(409, IssueType.CONFLICT, "Another event was sent under this id before");
        };
    }

    private FhirAnswer refuse(byte[] body, String type, int status, IssueType code, String sentence) {
        inbox.refuse(message(type, MessageIds.of(body), body), sentence, "HTTP " + status);
        return FhirAnswer.refused(status, code, sentence);
    }

    private IncomingMessage message(String type, String id, byte[] body) {
        Origin origin = new Origin(Origin.Channel.FHIR, ehr.base().origin(), id);
        return new IncomingMessage(origin, type, body, clock.instant());
    }

    /** The notification's kind when it is one of the guide's, so that no text of the sender's reaches the log. */
    private static String kind(Notification notification) {
        return switch (notification.kind()) {
            case "handshake", "heartbeat", "event-notification", "query-status", "query-event" -> notification.kind();
            default -> "other";
        };
    }

    private static List<OrderEvent> cap(List<OrderEvent> events) {
        return events.subList(0, Math.min(events.size(), OrderInbox.EVENTS_MAX));
    }

    private boolean knowsSecret(Map<String, String> headers) {
        FhirConfig.Secret secret = config.intake().secret();
        if (secret == null) {
            return true;
        }
        String shown = headers.entrySet().stream()
                .filter(h -> h.getKey().equalsIgnoreCase(secret.header()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("");
        return MessageDigest.isEqual(
                shown.getBytes(StandardCharsets.UTF_8), secret.value().getBytes(StandardCharsets.UTF_8));
    }

    private static boolean isJson(@Nullable String contentType) {
        if (contentType == null || contentType.isBlank()) {
            return true;
        }
        String type = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        return type.equals("application/fhir+json") || type.equals("application/json");
    }
}
