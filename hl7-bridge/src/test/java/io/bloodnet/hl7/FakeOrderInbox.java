package io.bloodnet.hl7;

import io.bloodnet.imaging.order.IncomingMessage;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderInbox;
import io.bloodnet.imaging.order.OrderKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** An inbox in memory that does what {@link OrderInbox} promises, but does not survive a crash. */
public final class FakeOrderInbox implements OrderInbox {

    private record Known(String sha256, String reply) {}

    /** A refusal as it was recorded. */
    public record Refused(IncomingMessage message, String reason, String reply) {}

    private final Map<String, Known> messages = new HashMap<>();
    private final List<IncomingMessage> received = new ArrayList<>();
    private final List<OrderEvent> events = new ArrayList<>();
    private final List<Refused> refused = new ArrayList<>();
    private boolean unavailable;
    private boolean tooLate;
    private volatile CountDownLatch gate = new CountDownLatch(0);

    @Override
    public Receipt receive(IncomingMessage message, List<OrderEvent> said, OrderEvent.Reply reply) {
        await();
        synchronized (this) {
            mustWork();
            String key = message.origin().sender() + "\n" + message.origin().messageId();
            Known known = messages.get(key);
            if (known != null) {
                return known.sha256().equals(message.sha256())
                        ? new Receipt.Repeated(known.reply())
                        : new Receipt.IdReused();
            }
            List<OrderEvent.Outcome> outcomes = said.stream().map(this::apply).toList();
            String text = reply.write(outcomes);
            if (!text.equals(reply.write(outcomes))) {
                throw new AssertionError("the reply must be pure");
            }
            messages.put(key, new Known(message.sha256(), text));
            received.add(message);
            events.addAll(said);
            return new Receipt.Recorded(text, outcomes);
        }
    }

    private OrderEvent.Outcome apply(OrderEvent event) {
        return switch (event) {
            case OrderEvent.NotForUs(String reason) -> new OrderEvent.Outcome.Ignored(reason);
            case OrderEvent.Placed(var order, var hold) -> new OrderEvent.Outcome.Created("job-" + named(order.key()));
            default ->
                tooLate
                        ? new OrderEvent.Outcome.Unable("job-1", "a result was filed")
                        : new OrderEvent.Outcome.Applied("job-1");
        };
    }

    private static String named(OrderKey key) {
        return String.valueOf(key.hashCode());
    }

    @Override
    public synchronized void refuse(IncomingMessage message, String reason, String reply) {
        mustWork();
        refused.add(new Refused(message, reason, reply));
    }

    private void mustWork() {
        if (unavailable) {
            throw new InboxUnavailableException("told to be unavailable", new IllegalStateException());
        }
    }

    private void await() {
        try {
            gate.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** From now on every call fails, or works again. */
    public synchronized void setUnavailable(boolean value) {
        unavailable = value;
    }

    /** From now on changes come too late. */
    public synchronized void setTooLate(boolean value) {
        tooLate = value;
    }

    /** Messages wait until the latch is open. */
    public void holdUntil(CountDownLatch latch) {
        gate = latch;
    }

    public synchronized List<OrderEvent> events() {
        return List.copyOf(events);
    }

    public synchronized List<IncomingMessage> received() {
        return List.copyOf(received);
    }

    public synchronized List<Refused> refused() {
        return List.copyOf(refused);
    }
}
