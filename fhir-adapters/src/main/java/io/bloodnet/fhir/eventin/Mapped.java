package io.bloodnet.fhir.eventin;

import io.bloodnet.imaging.order.OrderEvent;
import java.util.List;

/** What a resource means to us. */
sealed interface Mapped {
    /** These events; one of them may be that it is not for us. */
    record Events(List<OrderEvent> events) implements Mapped {
        /** Copies the list. */
        public Events {
            events = List.copyOf(events);
        }

        static Events of(OrderEvent event) {
            return new Events(List.of(event));
        }

        static Events notForUs(String reason) {
            return of(new OrderEvent.NotForUs(reason));
        }
    }

    /** It should mean something but cannot: a fixed sentence for the sender, without patient data. */
    record Unusable(String sentence) implements Mapped {}
}
