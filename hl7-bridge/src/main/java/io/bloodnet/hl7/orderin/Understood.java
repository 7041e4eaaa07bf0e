package io.bloodnet.hl7.orderin;

import io.bloodnet.hl7.message.OrderControl;
import io.bloodnet.hl7.message.OrderGroup;
import io.bloodnet.imaging.order.OrderEvent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One thing that a message says, and where it says so.
 *
 * @param events what it means; the first one's outcome is what the sender is told
 * @param groups the orders of the message that say it; empty for ADT and reports
 * @param control what ORC-1 asked for; null for ADT and reports
 */
record Understood(
        List<OrderEvent> events,
        List<OrderGroup> groups,
        @Nullable OrderControl control) {

    Understood {
        events = List.copyOf(events);
        groups = List.copyOf(groups);
    }

    static Understood of(OrderEvent event) {
        return new Understood(List.of(event), List.of(), null);
    }
}
