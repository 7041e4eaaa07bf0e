package io.bloodnet.server.pipeline;

import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.audit.AuditText;
import io.bloodnet.audit.Disposition;
import io.bloodnet.audit.Outcome;
import io.bloodnet.imaging.order.IncomingMessage;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderInbox.Receipt;
import io.bloodnet.server.store.GroupCommit;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/**
 * Writes messages that arrived together: each table gets its rows in one statement where the database can. Orders of which no job knows
 * anything are written all at once; every other message goes through the state machine, one after the other. Safe for all threads.
 */
final class Arrivals implements GroupCommit.Work<Arrivals.Arrival, Receipt> {

    /** A message that came in. */
    sealed interface Arrival {
        IncomingMessage message();

        String sha256();

        /** Taken: {@code key} knows it again, {@code reply} writes what is answered. */
        record Taken(
                IncomingMessage message, String sha256, String key, List<OrderEvent> events, OrderEvent.Reply reply)
                implements Arrival {}

        /** Refused: it may come again under its id, so that it has no key. */
        record Refused(IncomingMessage message, String sha256, String reason, String reply) implements Arrival {}
    }

    private record Known(String sha256, String reply) {}

    private final AuditLog audit;
    private final JobStore jobs;
    private final OrderEvents events;
    private final FaultPoint faults;
    private final InstantSource clock;

    Arrivals(AuditLog audit, JobStore jobs, OrderEvents events, FaultPoint faults, InstantSource clock) {
        this.audit = audit;
        this.jobs = jobs;
        this.events = events;
        this.faults = faults;
        this.clock = clock;
    }

    /** Channel, sender and id in one column of fixed length; the separator cannot occur in any of them. */
    static String key(IncomingMessage message) {
        String all = message.origin().channel() + "\n" + message.origin().sender() + "\n"
                + message.origin().messageId();
        return Outbox.sha256(all.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public List<Receipt> apply(Handle handle, List<Arrival> arrivals) {
        Group group = new Group(handle, arrivals);
        List<Receipt> receipts = arrivals.stream().map(group::receipt).toList();
        group.write();
        faults.reached("before-commit-of-order");
        return receipts;
    }

    /** The work on one group, in its transaction. */
    private final class Group {
        private final Handle handle;
        private final Map<String, Known> known;
        private final Set<String> namesTaken;
        private final List<Job> fresh = new ArrayList<>();
        private final List<AuditEvent> audited = new ArrayList<>();
        private final PreparedBatch inbox;

        Group(Handle handle, List<Arrival> arrivals) {
            this.handle = handle;
            List<Arrival.Taken> taken = arrivals.stream()
                    .filter(Arrival.Taken.class::isInstance)
                    .map(Arrival.Taken.class::cast)
                    .toList();
            this.known = known(taken.stream().map(Arrival.Taken::key).toList());
            Set<String> names = new HashSet<>();
            taken.forEach(message -> names.addAll(names(message)));
            this.namesTaken = new HashSet<>(jobs.known(handle, names).keySet());
            this.inbox = handle.prepareBatch(
                    "insert into inbox (dedupe_key, channel, sender, message_id, type, sha256, body, refusal, reply, received_at)"
                            + " values (:key, :channel, :sender, :id, :type, :sha, :body, :refusal, :reply, :at)");
        }

        private Map<String, Known> known(Collection<String> keys) {
            if (keys.isEmpty()) {
                return new HashMap<>();
            }
            return new HashMap<>(handle.createQuery(
                            "select dedupe_key, sha256, reply from inbox where dedupe_key = any(:keys)")
                    .bindArray("keys", String.class, keys)
                    .map((row, context) -> Map.entry(row.getString(1), new Known(row.getString(2), row.getString(3))))
                    .collectToMap(Map.Entry::getKey, Map.Entry::getValue));
        }

        Receipt receipt(Arrival arrival) {
            return switch (arrival) {
                case Arrival.Taken taken -> taken(taken);
                case Arrival.Refused refused -> refused(refused);
            };
        }

        private Receipt taken(Arrival.Taken taken) {
            Known before = known.get(taken.key());
            return before == null ? first(taken) : repeated(taken, before);
        }

        private Receipt first(Arrival.Taken taken) {
            List<OrderEvent.Outcome> outcomes = isNew(taken) ? placed(taken) : applied(taken);
            String reply = taken.reply().write(outcomes);
            known.put(taken.key(), new Known(taken.sha256(), reply));
            row(taken.message(), taken.sha256(), taken.key(), null, reply);
            boolean ignored = outcomes.stream().allMatch(o -> o instanceof OrderEvent.Outcome.Ignored);
            Disposition disposition = ignored ? Disposition.IGNORED : Disposition.ACCEPTED;
            note(taken, about(outcomes), Outcome.SUCCESS, disposition, null);
            return new Receipt.Recorded(reply, outcomes);
        }

        /** Whether it only places orders that no job knows, in the database or in this group. */
        private boolean isNew(Arrival.Taken taken) {
            List<String> names = names(taken);
            boolean onlyOrders = taken.events().stream().allMatch(Arrivals::placesOrNothing);
            return onlyOrders
                    && Set.copyOf(names).size() == names.size()
                    && names.stream().noneMatch(namesTaken::contains);
        }

        private List<OrderEvent.Outcome> placed(Arrival.Taken taken) {
            namesTaken.addAll(names(taken));
            List<OrderEvent.Outcome> outcomes = new ArrayList<>();
            for (OrderEvent event : taken.events()) {
                if (event instanceof OrderEvent.Placed(var order, String hold)) {
                    Job job = events.fresh(order, hold);
                    fresh.add(job);
                    outcomes.add(new OrderEvent.Outcome.Created(job.id()));
                } else {
                    outcomes.add(events.apply(handle, event));
                }
            }
            return List.copyOf(outcomes);
        }

        private List<OrderEvent.Outcome> applied(Arrival.Taken taken) {
            writeFresh(); // it may be about one of them
            List<OrderEvent.Outcome> outcomes = new ArrayList<>();
            for (OrderEvent event : taken.events()) {
                outcomes.add(events.apply(handle, event));
            }
            namesTaken.addAll(names(taken));
            return List.copyOf(outcomes);
        }

        private Receipt repeated(Arrival.Taken taken, Known before) {
            if (before.sha256().equals(taken.sha256())) {
                note(taken, About.nothing(), Outcome.SUCCESS, Disposition.REPEATED, null);
                return new Receipt.Repeated(before.reply());
            }
            String reason = "message id was used for another body";
            note(taken, About.nothing(), Outcome.SERIOUS_FAILURE, Disposition.REFUSED, reason);
            return new Receipt.IdReused();
        }

        private Receipt refused(Arrival.Refused refused) {
            row(refused.message(), refused.sha256(), null, refused.reason(), refused.reply());
            note(refused, About.nothing(), Outcome.MINOR_FAILURE, Disposition.REFUSED, refused.reason());
            return new Receipt.Recorded(refused.reply(), List.of());
        }

        private void row(
                IncomingMessage message, String sha256, @Nullable String key, @Nullable String refusal, String reply) {
            // A refused message is not an order: its hash names it, its body (which may be anything) is not kept.
            byte[] body = refusal == null ? message.body() : new byte[0];
            inbox.bind("key", key)
                    .bind("channel", message.origin().channel().name())
                    .bind("sender", AuditText.fit(message.origin().sender(), 250))
                    .bind("id", AuditText.fit(message.origin().messageId(), 250))
                    .bind("type", AuditText.fit(message.type(), 60))
                    .bind("sha", sha256)
                    .bind("body", body)
                    .bind("refusal", refusal == null ? null : AuditText.fit(refusal, 200))
                    .bind("reply", reply)
                    .bind("at", JobStore.utc(message.receivedAt()))
                    .add();
        }

        private void note(
                Arrival arrival, About about, Outcome outcome, Disposition disposition, @Nullable String reason) {
            var origin = arrival.message().origin();
            String id = origin.messageId();
            audited.add(new AuditEvent.MessageReceived(
                    clock.instant(),
                    about,
                    outcome,
                    origin.channel().name().toLowerCase(Locale.ROOT),
                    origin.sender().isBlank()
                            ? "unknown"
                            : AuditText.fit(origin.sender(), AuditText.IDENTIFIER_CHARS_MAX),
                    id.isBlank() ? null : AuditText.fit(id, AuditText.IDENTIFIER_CHARS_MAX),
                    arrival.sha256(),
                    disposition,
                    reason == null ? null : AuditText.fit(reason, AuditText.SENTENCE_CHARS_MAX)));
        }

        private void writeFresh() {
            events.create(handle, fresh);
            fresh.clear();
        }

        void write() {
            writeFresh();
            if (inbox.size() > 0) {
                inbox.execute();
            }
            audit.append(handle.getConnection(), audited);
        }
    }

    private static boolean placesOrNothing(OrderEvent event) {
        return event instanceof OrderEvent.Placed || event instanceof OrderEvent.NotForUs;
    }

    /** The names that the message's new orders would take. */
    private static List<String> names(Arrival.Taken taken) {
        List<String> names = new ArrayList<>();
        for (OrderEvent event : taken.events()) {
            if (event instanceof OrderEvent.Placed(var order, var _)) {
                names.addAll(JobStore.aliases(order.key()));
            }
        }
        return names;
    }

    private static About about(List<OrderEvent.Outcome> outcomes) {
        return outcomes.stream()
                .map(Arrivals::jobOf)
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
}
