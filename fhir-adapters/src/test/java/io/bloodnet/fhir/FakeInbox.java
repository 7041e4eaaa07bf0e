package io.bloodnet.fhir;

import io.bloodnet.imaging.order.IncomingMessage;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderInbox;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An inbox in memory that keeps the contract: same id and body again is repeated, another body is refused. */
public final class FakeInbox implements OrderInbox {

    public final List<OrderEvent> events = new ArrayList<>();
    public final List<String> refusals = new ArrayList<>();
    public final Map<String, IncomingMessage> messages = new LinkedHashMap<>();
    public boolean unavailable;

    @Override
    public synchronized Receipt receive(IncomingMessage message, List<OrderEvent> said, OrderEvent.Reply reply) {
        requireAvailable();
        String key = message.origin().channel() + "|" + message.origin().sender() + "|"
                + message.origin().messageId();
        IncomingMessage earlier = messages.putIfAbsent(key, message);
        if (earlier != null) {
            return earlier.sha256().equals(message.sha256()) ? new Receipt.Repeated("") : new Receipt.IdReused();
        }
        events.addAll(said);
        List<OrderEvent.Outcome> outcomes = new ArrayList<>();
        said.forEach(_ -> outcomes.add(new OrderEvent.Outcome.Created("job")));
        return new Receipt.Recorded(reply.write(outcomes), outcomes);
    }

    @Override
    public synchronized void refuse(IncomingMessage message, String reason, String reply) {
        requireAvailable();
        refusals.add(reason);
    }

    public synchronized List<OrderEvent.Placed> placed() {
        return events.stream()
                .filter(OrderEvent.Placed.class::isInstance)
                .map(OrderEvent.Placed.class::cast)
                .toList();
    }

    private void requireAvailable() {
        if (unavailable) {
            throw new InboxUnavailableException("told to be unavailable", new IllegalStateException());
        }
    }
}
