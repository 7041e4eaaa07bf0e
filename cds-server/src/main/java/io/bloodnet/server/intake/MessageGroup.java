package io.bloodnet.server.intake;

import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.audit.AuditText;
import io.bloodnet.audit.Disposition;
import io.bloodnet.audit.Outcome;
import io.bloodnet.imaging.order.IncomingMessage;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderInbox.Receipt;
import io.bloodnet.imaging.order.Origin;
import io.bloodnet.imaging.peer.Sha256;
import io.bloodnet.server.job.FaultPoint;
import io.bloodnet.server.job.Job;
import io.bloodnet.server.job.OrderNames;
import io.bloodnet.server.store.GroupCommit;
import io.bloodnet.server.store.Inserts;
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
import org.jspecify.annotations.Nullable;

/**
 * Writes messages that arrived together: each table gets its rows in one statement where the database can. Orders of which no job knows
 * anything are written all at once; every other message goes through the state machine, one after the other. Safe for all threads.
 */
final class MessageGroup implements GroupCommit.Work<MessageGroup.Arrival, Receipt> {

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

    /**
     * Which names jobs have (their second column is null), and which messages came before. A look for each: PostgreSQL takes a list's
     * rows by reading a whole table when the table was small as it planned the statement.
     */
    private static final String LOOK = "select * from (select n.name, cast(null as varchar),"
            + " (select min(job_id) from order_name where name = n.name)"
            + " from unnest(cast(:names as varchar array)) as n(name)"
            + " union all select m.message, (select sha256 from inbox where known_by = m.message),"
            + " (select reply from inbox where known_by = m.message)"
            + " from unnest(cast(:messages as varchar array)) as m(message)) as found(looked_for, sha256, what) where what is not null";

    private final AuditLog audit;
    private final OrderEvents events;
    private final FaultPoint faults;
    private final InstantSource clock;

    MessageGroup(AuditLog audit, OrderEvents events, FaultPoint faults, InstantSource clock) {
        this.audit = audit;
        this.events = events;
        this.faults = faults;
        this.clock = clock;
    }

    /**
     * Channel, sender and id as they are: senders count up, so that messages of one moment lie side by side in the index. When the columns
     * do not hold all of them (too long, or with control characters, of which the separator is one), their hash.
     */
    static String key(Origin origin) {
        String all = origin.channel() + "\n" + origin.sender() + "\n" + origin.messageId();
        boolean whole = InboxRow.fitted(origin.sender()).equals(origin.sender())
                && InboxRow.fitted(origin.messageId()).equals(origin.messageId());
        return whole ? all : Sha256.hex(all.getBytes(StandardCharsets.UTF_8));
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
        private final Map<String, Known> known = new HashMap<>();
        private final Set<String> namesTaken = new HashSet<>();
        private final List<Job> fresh = new ArrayList<>();
        private final List<AuditEvent> audited = new ArrayList<>();
        private final List<InboxRow> inbox = new ArrayList<>();

        Group(Handle handle, List<Arrival> arrivals) {
            this.handle = handle;
            List<Arrival.Taken> taken = arrivals.stream()
                    .filter(Arrival.Taken.class::isInstance)
                    .map(Arrival.Taken.class::cast)
                    .toList();
            Set<String> names = new HashSet<>();
            taken.forEach(message -> names.addAll(names(message)));
            look(names, taken.stream().map(Arrival.Taken::key).toList());
        }

        /** What the database knows of these names and messages, in one trip. */
        private void look(Collection<String> names, Collection<String> messages) {
            if (names.isEmpty() && messages.isEmpty()) {
                return;
            }
            handle.createQuery(LOOK)
                    .bindArray("names", String.class, names)
                    .bindArray("messages", String.class, messages)
                    .map((row, context) -> found(row.getString(1), row.getString(2), row.getString(3)))
                    .list();
        }

        private boolean found(String lookedFor, @Nullable String sha256, String what) {
            return sha256 == null ? namesTaken.add(lookedFor) : known.put(lookedFor, new Known(sha256, what)) == null;
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
            String ours = outcomes.stream()
                    .filter(outcome -> !OrderEvents.isOfAnotherPatient(outcome))
                    .map(MessageGroup::jobOf)
                    .filter(Objects::nonNull)
                    .findFirst()
                    .orElse(null);
            row(taken.message(), taken.sha256(), taken.key(), null, reply, ours);
            boolean ignored = outcomes.stream().allMatch(o -> o instanceof OrderEvent.Outcome.Ignored);
            Disposition disposition = ignored ? Disposition.IGNORED : Disposition.ACCEPTED;
            note(taken, about(outcomes), Outcome.SUCCESS, disposition, notDone(outcomes));
            return new Receipt.Recorded(reply, outcomes);
        }

        /** Whether it only places orders that no job knows, in the database or in this group. */
        private boolean isNew(Arrival.Taken taken) {
            List<String> names = names(taken);
            boolean onlyOrders = taken.events().stream().allMatch(MessageGroup::placesOrNothing);
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
            row(refused.message(), refused.sha256(), null, refused.reason(), refused.reply(), null);
            note(refused, About.nothing(), Outcome.MINOR_FAILURE, Disposition.REFUSED, refused.reason());
            return new Receipt.Recorded(refused.reply(), List.of());
        }

        private void row(
                IncomingMessage message,
                String sha256,
                @Nullable String key,
                @Nullable String refusal,
                String reply,
                @Nullable String jobId) {
            inbox.add(new InboxRow(key, message, sha256, refusal, reply, jobId));
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
            Inserts rows = new Inserts();
            List<AuditEvent> entries = addFresh(rows);
            rows.write(handle.getConnection());
            audit.append(handle.getConnection(), entries);
        }

        private List<AuditEvent> addFresh(Inserts rows) {
            List<AuditEvent> entries = events.create(rows, fresh);
            fresh.clear();
            return entries;
        }

        void write() {
            Inserts rows = new Inserts();
            List<AuditEvent> entries = new ArrayList<>(addFresh(rows));
            entries.addAll(audited);
            rows.add(InboxRow.TABLE, inbox).write(handle.getConnection());
            audit.append(handle.getConnection(), entries);
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
                names.addAll(OrderNames.texts(order.key()));
            }
        }
        return names;
    }

    /** Why something that a message asked for was not done; null when all was. */
    private static @Nullable String notDone(List<OrderEvent.Outcome> outcomes) {
        return outcomes.stream()
                .filter(OrderEvent.Outcome.Unable.class::isInstance)
                .map(outcome -> ((OrderEvent.Outcome.Unable) outcome).reason())
                .findFirst()
                .orElse(null);
    }

    private static About about(List<OrderEvent.Outcome> outcomes) {
        return outcomes.stream()
                .map(MessageGroup::jobOf)
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
