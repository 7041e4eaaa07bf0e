package io.bloodnet.server.intake;

import io.bloodnet.audit.AuditLog;
import io.bloodnet.imaging.order.IncomingMessage;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderInbox;
import io.bloodnet.imaging.order.Origin;
import io.bloodnet.server.intake.MessageGroup.Arrival;
import io.bloodnet.server.job.FaultPoint;
import io.bloodnet.server.job.JobStore;
import io.bloodnet.server.result.Results;
import io.bloodnet.server.store.Database;
import io.bloodnet.server.store.GroupCommit;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * The inbox over the database: one transaction holds the message, what its events did to jobs, the audit entries, when those jobs run,
 * and the reply (promise 1). Messages that come at the same time share that transaction and its sync. Safe for all threads.
 */
public final class OrderIntake implements OrderInbox {

    private final GroupCommit<Arrival, Receipt> commits;
    private final Runnable wake;
    private final FaultPoint faults;
    private final LongAdder accepted = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final Refusals refusals = new Refusals();
    private final LongAdder failed = new LongAdder();

    /** @param wake tells the queue of jobs that there is work */
    public OrderIntake(
            Database database,
            AuditLog audit,
            OrderEvents events,
            Runnable wake,
            FaultPoint faults,
            InstantSource clock) {
        this.commits = new GroupCommit<>(database, new MessageGroup(audit, events, faults, clock));
        this.wake = wake;
        this.faults = faults;
    }

    /** An inbox whose jobs nobody runs: for measuring intake alone. */
    public static OrderIntake alone(Database database, AuditLog audit, InstantSource clock) {
        OrderEvents events = new OrderEvents(new JobStore(), Results.nowhere(clock), audit, clock);
        return new OrderIntake(database, audit, events, () -> {}, name -> {}, clock);
    }

    /** This inbox with a transaction for each message, as a plain application has it: to measure what sharing brings. */
    public OrderInbox oneByOne() {
        return new OrderInbox() {
            @Override
            public Receipt receive(IncomingMessage message, List<OrderEvent> said, OrderEvent.Reply reply) {
                return commits.alone(taken(message, said, reply));
            }

            @Override
            public void refuse(IncomingMessage message, String reason, String reply) {
                commits.alone(new Arrival.Refused(message, message.sha256(), reason, reply));
            }
        };
    }

    @Override
    public Receipt receive(IncomingMessage message, List<OrderEvent> said, OrderEvent.Reply reply) {
        if (said.size() > EVENTS_MAX) {
            throw new IllegalArgumentException("a message with " + said.size() + " events, the limit is " + EVENTS_MAX);
        }
        try {
            Receipt receipt = commits.run(taken(message, said, reply));
            accepted.increment();
            faults.reached("after-commit-of-order");
            wake.run();
            return receipt;
        } catch (RuntimeException e) {
            failed.increment();
            throw new InboxUnavailableException("the message could not be made durable", e);
        }
    }

    /** What became of messages since the start, by word: {@code accepted}, {@code refused}, {@code failed} (not durable, sent again). */
    public Map<String, LongSupplier> outcomes() {
        return Map.of("accepted", accepted::sum, "refused", refused::sum, "failed", failed::sum);
    }

    /** Refused messages since the start, by channel and reason. */
    public Refusals refusals() {
        return refusals;
    }

    /** How long the message has waited that came first of those which are not durable yet; zero when there is none. */
    public Duration oldest() {
        return commits.oldest();
    }

    /** What {@code inbox.known_by} holds of a message with this origin. */
    public static String knownBy(Origin origin) {
        return MessageGroup.key(origin);
    }

    private static Arrival.Taken taken(IncomingMessage message, List<OrderEvent> said, OrderEvent.Reply reply) {
        return new Arrival.Taken(
                message, message.sha256(), MessageGroup.key(message.origin()), List.copyOf(said), reply);
    }

    @Override
    public void refuse(IncomingMessage message, String reason, String reply) {
        try {
            commits.run(new Arrival.Refused(message, message.sha256(), reason, reply));
            refused.increment();
            refusals.count(message.origin().channel(), reason);
        } catch (RuntimeException e) {
            throw new InboxUnavailableException("the refusal could not be made durable", e);
        }
    }
}
