package io.bloodnet.fhir.eventin;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Notices holes in the count of events of each subscription. Kept in memory only: after a restart the first notification counts as a hole,
 * which costs one poll. Thread-safe.
 */
final class EventGaps {

    /** Subscriptions remembered; the least recently heard is forgotten, which costs one poll when it speaks again. */
    private static final int SUBSCRIPTIONS_MAX = 100;

    private final Map<String, Long> highest = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > SUBSCRIPTIONS_MAX;
        }
    };

    /** Takes note of a notification; whether events before it may not have reached us. */
    synchronized boolean missedSomething(Notification notification) {
        long known = highest.getOrDefault(notification.subscription(), 0L);
        long first = notification.events().stream()
                .mapToLong(Notification.Event::number)
                .filter(n -> n >= 0)
                .min()
                .orElse(known + 1);
        long last = notification.events().stream()
                .mapToLong(Notification.Event::number)
                .max()
                .orElse(known);
        highest.put(notification.subscription(), Math.max(known, Math.max(last, notification.eventsSinceStart())));
        boolean hole = first > known + 1;
        boolean countedMore = notification.eventsSinceStart() > Math.max(known, last);
        return hole || countedMore;
    }
}
