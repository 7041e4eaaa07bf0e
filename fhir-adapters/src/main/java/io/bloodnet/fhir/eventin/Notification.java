package io.bloodnet.fhir.eventin;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.hl7.fhir.r4.model.Base;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Parameters;
import org.hl7.fhir.r4.model.Parameters.ParametersParameterComponent;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;

/**
 * A topic notification in the R4 form of the Subscriptions Backport guide: a history Bundle whose first entry is a Parameters resource
 * with the subscription's state.
 *
 * @param subscription who it comes from, as its reference says
 * @param kind handshake, heartbeat, event-notification, or what else was written
 * @param status the subscription's status, {@code active} or {@code error}
 * @param eventsSinceStart count of events since the subscription began, -1 when not said
 * @param events in the order of the Bundle
 */
record Notification(String subscription, String kind, String status, long eventsSinceStart, List<Event> events) {

    Notification {
        events = List.copyOf(events);
    }

    /**
     * One event.
     *
     * @param number its count since the subscription began, -1 when not said
     * @param focus reference to what it is about, null in empty notifications
     * @param resource the focus itself, where it was sent along
     */
    record Event(
            long number, @Nullable String focus, @Nullable Resource resource) {}

    /** Reads a Bundle; empty when it is no notification. */
    static Optional<Notification> of(Bundle bundle) {
        return bundle.getType() == Bundle.BundleType.HISTORY ? read(bundle) : Optional.empty();
    }

    /** Reads the answer to {@code $status}, a search set; empty when it says nothing. */
    static Optional<Notification> ofStatus(Bundle bundle) {
        return bundle.getType() == Bundle.BundleType.SEARCHSET ? read(bundle) : Optional.empty();
    }

    /** Reads the answer to {@code $events}, which is written like a notification; empty when it says nothing. */
    static Optional<Notification> ofEvents(Bundle bundle) {
        return of(bundle).or(() -> ofStatus(bundle));
    }

    /** Whether all of these events are here, each with what it is about. */
    boolean tellsOf(CatchUp.Missed missed) {
        return events.stream()
                        .filter(event -> event.focus() != null)
                        .mapToLong(Event::number)
                        .filter(number -> number >= missed.from() && number <= missed.to())
                        .distinct()
                        .count()
                == missed.count();
    }

    private static Optional<Notification> read(Bundle bundle) {
        if (!bundle.hasEntry() || !(bundle.getEntryFirstRep().getResource() instanceof Parameters state)) {
            return Optional.empty();
        }
        String kind = text(state.getParameter(), "type");
        String subscription = reference(state.getParameter(), "subscription");
        if (kind == null || subscription == null) {
            return Optional.empty();
        }
        Map<String, Resource> sent = new HashMap<>();
        bundle.getEntry().stream()
                .skip(1)
                .filter(e -> e.getResource() != null && e.hasFullUrl())
                .forEach(e -> sent.put(e.getFullUrl(), e.getResource()));
        List<Event> events = new ArrayList<>();
        for (ParametersParameterComponent p : state.getParameter()) {
            if ("notification-event".equals(p.getName())) {
                String focus = reference(p.getPart(), "focus");
                events.add(
                        new Event(number(p.getPart(), "event-number"), focus, focus == null ? null : sent.get(focus)));
            }
        }
        String status = text(state.getParameter(), "status");
        return Optional.of(new Notification(
                subscription,
                kind,
                status == null ? "" : status,
                number(state.getParameter(), "events-since-subscription-start"),
                events));
    }

    private static @Nullable String text(List<ParametersParameterComponent> parts, String name) {
        return parts.stream()
                .filter(p -> name.equals(p.getName())
                        && p.getValue() != null
                        && p.getValue().isPrimitive())
                .map(p -> p.getValue().primitiveValue())
                .findFirst()
                .orElse(null);
    }

    private static @Nullable String reference(List<ParametersParameterComponent> parts, String name) {
        for (ParametersParameterComponent p : parts) {
            Base value = p.getValue();
            if (name.equals(p.getName()) && value instanceof Reference r && r.hasReference()) {
                return r.getReference();
            }
        }
        return null;
    }

    private static long number(List<ParametersParameterComponent> parts, String name) {
        String text = text(parts, name);
        return text != null && text.matches("\\d{1,18}") ? Long.parseLong(text) : -1;
    }
}
