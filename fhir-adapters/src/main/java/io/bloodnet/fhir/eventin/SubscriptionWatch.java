package io.bloodnet.fhir.eventin;

import io.bloodnet.fhir.eventin.CatchUp.Missed;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What each topic subscription has told us: how far its count of events is known, and when it was heard last. Kept in memory only: after a
 * restart the first notification counts as a hole, which costs one poll. Thread-safe.
 */
public final class SubscriptionWatch {

    /** Subscriptions remembered; the least recently heard is forgotten, which costs one poll when it speaks again. */
    private static final int SUBSCRIPTIONS_MAX = 100;

    /** @param highest number of the last event known, 0 for none @param at when it was heard last */
    private record Heard(long highest, Instant at) {}

    private final Map<String, Heard> heard = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Heard> eldest) {
            return size() > SUBSCRIPTIONS_MAX;
        }
    };

    /** Takes note of a notification or a status, and says which events up to it may not have reached us. */
    synchronized Optional<Missed> missed(Notification notification, Instant now) {
        Heard before = heard.get(notification.subscription());
        long known = before == null ? 0 : before.highest();
        long first = notification.events().stream()
                .mapToLong(Notification.Event::number)
                .filter(n -> n >= 0)
                .min()
                .orElse(known + 1);
        long last = notification.events().stream()
                .mapToLong(Notification.Event::number)
                .max()
                .orElse(known);
        long highest = Math.max(known, Math.max(last, notification.eventsSinceStart()));
        heard.put(notification.subscription(), new Heard(highest, now));
        boolean hole = first > known + 1;
        boolean countedMore = notification.eventsSinceStart() > Math.max(known, last);
        if (!hole && !countedMore) {
            return Optional.empty();
        }
        long from = hole ? known + 1 : Math.max(known, last) + 1;
        long to = countedMore ? notification.eventsSinceStart() : first - 1;
        return Optional.of(new Missed(notification.subscription(), from, to));
    }

    /** The subscriptions that have said something, but nothing since then; as their notifications name them. */
    synchronized List<String> silentSince(Instant then) {
        return heard.entrySet().stream()
                .filter(e -> e.getValue().at().isBefore(then))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The subscriptions that have said something since then. */
    synchronized List<String> heardSince(Instant then) {
        return heard.entrySet().stream()
                .filter(e -> !e.getValue().at().isBefore(then))
                .map(Map.Entry::getKey)
                .toList();
    }
}
