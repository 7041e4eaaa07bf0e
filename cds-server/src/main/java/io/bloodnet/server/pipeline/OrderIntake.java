package io.bloodnet.server.pipeline;

import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.audit.AuditText;
import io.bloodnet.audit.Disposition;
import io.bloodnet.audit.Outcome;
import io.bloodnet.imaging.order.IncomingMessage;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderInbox;
import io.bloodnet.server.store.Database;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * The inbox over the database: one transaction holds the message, what its events did to jobs, the audit entries, when those jobs run,
 * and the reply (promise 1). Safe for all threads.
 */
public final class OrderIntake implements OrderInbox {

    private final Database database;
    private final AuditLog audit;
    private final OrderEvents events;
    private final Runnable wake;
    private final FaultPoint faults;
    private final InstantSource clock;

    /** @param wake tells the queue of jobs that there is work */
    public OrderIntake(
            Database database,
            AuditLog audit,
            OrderEvents events,
            Runnable wake,
            FaultPoint faults,
            InstantSource clock) {
        this.database = database;
        this.audit = audit;
        this.events = events;
        this.wake = wake;
        this.faults = faults;
        this.clock = clock;
    }

    /** An inbox whose jobs nobody runs: for measuring intake alone. */
    public static OrderIntake alone(Database database, AuditLog audit, InstantSource clock) {
        OrderEvents events = new OrderEvents(new JobStore(), Results.nowhere(clock), audit, clock);
        return new OrderIntake(database, audit, events, () -> {}, name -> {}, clock);
    }

    private record Known(String sha256, String reply) {}

    @Override
    public Receipt receive(IncomingMessage message, List<OrderEvent> said, OrderEvent.Reply reply) {
        if (said.size() > EVENTS_MAX) {
            throw new IllegalArgumentException("a message with " + said.size() + " events, the limit is " + EVENTS_MAX);
        }
        try {
            String sha256 = message.sha256();
            Receipt receipt = database.inTransaction(handle -> record(handle, message, sha256, said, reply));
            faults.reached("after-commit-of-order");
            wake.run();
            return receipt;
        } catch (RuntimeException e) {
            throw new InboxUnavailableException("the message could not be made durable", e);
        }
    }

    private Receipt record(
            Handle handle, IncomingMessage message, String sha256, List<OrderEvent> said, OrderEvent.Reply reply) {
        String key = dedupeKey(message);
        Optional<Known> known = handle.createQuery("select sha256, reply from inbox where dedupe_key = :key")
                .bind("key", key)
                .map((row, context) -> new Known(row.getString("sha256"), row.getString("reply")))
                .findOne();
        if (known.isPresent()) {
            return repeated(handle, message, sha256, known.get());
        }
        List<OrderEvent.Outcome> outcomes = new ArrayList<>(said.size());
        for (OrderEvent event : said) {
            outcomes.add(events.apply(handle, event));
        }
        String text = reply.write(List.copyOf(outcomes));
        insert(handle, message, sha256, key, null, text);
        boolean ignored = outcomes.stream().allMatch(o -> o instanceof OrderEvent.Outcome.Ignored);
        Disposition disposition = ignored ? Disposition.IGNORED : Disposition.ACCEPTED;
        audited(handle, message, sha256, about(outcomes), Outcome.SUCCESS, disposition, null);
        faults.reached("before-commit-of-order");
        return new Receipt.Recorded(text, List.copyOf(outcomes));
    }

    private Receipt repeated(Handle handle, IncomingMessage message, String sha256, Known known) {
        if (known.sha256().equals(sha256)) {
            audited(handle, message, sha256, About.nothing(), Outcome.SUCCESS, Disposition.REPEATED, null);
            return new Receipt.Repeated(known.reply());
        }
        audited(
                handle,
                message,
                sha256,
                About.nothing(),
                Outcome.SERIOUS_FAILURE,
                Disposition.REFUSED,
                "message id was used for another body");
        return new Receipt.IdReused();
    }

    @Override
    public void refuse(IncomingMessage message, String reason, String reply) {
        try {
            String sha256 = message.sha256();
            database.inTransaction(handle -> {
                insert(handle, message, sha256, null, reason, reply);
                audited(handle, message, sha256, About.nothing(), Outcome.MINOR_FAILURE, Disposition.REFUSED, reason);
                return true;
            });
        } catch (RuntimeException e) {
            throw new InboxUnavailableException("the refusal could not be made durable", e);
        }
    }

    private void insert(
            Handle handle,
            IncomingMessage message,
            String sha256,
            @Nullable String key,
            @Nullable String refusal,
            String reply) {
        // A refused message is not an order: its hash names it, its body (which may be anything) is not kept.
        byte[] body = refusal == null ? message.body() : new byte[0];
        handle.createUpdate(
                        "insert into inbox (dedupe_key, channel, sender, message_id, type, sha256, body, refusal, reply, received_at)"
                                + " values (:key, :channel, :sender, :id, :type, :sha, :body, :refusal, :reply, :at)")
                .bind("key", key)
                .bind("channel", message.origin().channel().name())
                .bind("sender", AuditText.fit(message.origin().sender(), 250))
                .bind("id", AuditText.fit(message.origin().messageId(), 250))
                .bind("type", AuditText.fit(message.type(), 60))
                .bind("sha", sha256)
                .bind("body", body)
                .bind("refusal", refusal == null ? null : AuditText.fit(refusal, 200))
                .bind("reply", reply)
                .bind("at", JobStore.utc(message.receivedAt()))
                .execute();
    }

    private void audited(
            Handle handle,
            IncomingMessage message,
            String sha256,
            About about,
            Outcome outcome,
            Disposition disposition,
            @Nullable String reason) {
        String id = message.origin().messageId();
        audit.append(
                handle.getConnection(),
                new AuditEvent.MessageReceived(
                        clock.instant(),
                        about,
                        outcome,
                        message.origin().channel().name().toLowerCase(Locale.ROOT),
                        named(message.origin().sender()),
                        id.isBlank() ? null : AuditText.fit(id, AuditText.IDENTIFIER_CHARS_MAX),
                        sha256,
                        disposition,
                        reason == null ? null : AuditText.fit(reason, AuditText.SENTENCE_CHARS_MAX)));
    }

    private static String named(String sender) {
        return sender.isBlank() ? "unknown" : AuditText.fit(sender, AuditText.IDENTIFIER_CHARS_MAX);
    }

    private static About about(List<OrderEvent.Outcome> outcomes) {
        return outcomes.stream()
                .map(OrderIntake::jobOf)
                .filter(Objects::nonNull)
                .findFirst()
                .map(About::job)
                .orElse(About.nothing());
    }

    private static @Nullable String jobOf(OrderEvent.Outcome outcome) {
        return switch (outcome) {
            case OrderEvent.Outcome.Created(String job) -> job;
            case OrderEvent.Outcome.Applied(String job) -> job;
            case OrderEvent.Outcome.Unable(String job, String why) -> job;
            case OrderEvent.Outcome.Unknown() -> null;
            case OrderEvent.Outcome.Ignored(String why) -> null;
        };
    }

    /** Channel, sender and id in one column of fixed length; the separator cannot occur in any of them. */
    private static String dedupeKey(IncomingMessage message) {
        String all = message.origin().channel() + "\n" + message.origin().sender() + "\n"
                + message.origin().messageId();
        return Outbox.sha256(all.getBytes(StandardCharsets.UTF_8));
    }
}
