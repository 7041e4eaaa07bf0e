package io.bloodnet.server.cdshooks.memory;

import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.audit.AuditUnavailableException;
import io.bloodnet.server.cdshooks.card.CardTopic;
import io.bloodnet.server.cdshooks.card.Indicator;
import io.bloodnet.server.cdshooks.request.Feedback;
import io.bloodnet.server.store.Inserts;
import io.bloodnet.server.store.StoreException;
import io.bloodnet.server.store.Table;
import io.bloodnet.server.store.Table.Column;
import io.bloodnet.server.store.Table.Kind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The SQL of {@link JdbiCardStore}: plain enough for H2 and PostgreSQL alike. */
final class CallRows {

    private static final Table<ShownCard> CARDS = new Table<>(
            "cds_card",
            List.of(
                    Column.of("card_uuid", Kind.TEXT, ShownCard::uuid),
                    Column.of("service", Kind.TEXT, ShownCard::service),
                    Column.of(
                            "hook_instance",
                            Kind.TEXT,
                            card -> card.hookInstance().toString()),
                    Column.of("kind", Kind.TEXT, card -> card.topic().kind().name()),
                    Column.of("job_id", Kind.TEXT, card -> card.topic().jobId()),
                    Column.of("ingredient", Kind.TEXT, card -> card.topic().ingredient()),
                    Column.of("indicator", Kind.TEXT, card -> card.indicator().code()),
                    Column.of("patient_hash", Kind.TEXT, ShownCard::patientHash),
                    Column.of("user_id", Kind.TEXT, ShownCard::userId),
                    Column.of("encounter_id", Kind.TEXT, ShownCard::encounterId),
                    Column.of("shown", Kind.BOOLEAN, ShownCard::shown),
                    Column.of("answered_at", Kind.TIME, ShownCard::at)));
    private static final String INSERT_FEEDBACK = """
            insert into cds_feedback (card_uuid, outcome, reason_code, user_comment, outcome_at, received_at, kind, job_id,
                                      ingredient, user_id, encounter_id)
            select c.card_uuid, cast(:outcome as varchar(16)), cast(:reason as varchar(64)), cast(:comment as varchar(1000)),
                   cast(:outcomeAt as timestamp(6) with time zone), cast(:receivedAt as timestamp(6) with time zone),
                   c.kind, c.job_id, c.ingredient, c.user_id, c.encounter_id
            from cds_card c
            where c.card_uuid = :card
              and not exists (select 1 from cds_feedback f where f.card_uuid = c.card_uuid and f.outcome = :outcome)""";
    private static final String SELECT_ACKNOWLEDGEMENTS = """
            select kind, job_id, ingredient, user_id, encounter_id, outcome, received_at from cds_feedback
            where job_id = any(?) order by received_at limit ?""";

    private final AuditLog audit;

    CallRows(AuditLog audit) {
        this.audit = audit;
    }

    /** Writes all calls in the handle's transaction; the answers are in the order of the calls. */
    List<CardStore.Written> write(Handle handle, List<CardStore.Call> calls, Instant now) {
        Set<Integer> replayed = plain(handle, connection -> UsedTokens.use(connection, calls));
        List<ShownCard> cards = new ArrayList<>();
        List<AuditEvent> events = new ArrayList<>();
        List<CardStore.Written> written = new ArrayList<>();
        for (int i = 0; i < calls.size(); i++) {
            if (replayed.contains(i)) {
                written.add(new CardStore.Written.Replayed());
                continue;
            }
            CardStore.Call call = calls.get(i);
            written.add(new CardStore.Written.Stored(call.feedback().stream()
                    .filter(f -> insertFeedback(handle, f, now))
                    .toList()));
            cards.addAll(call.cards());
            events.addAll(call.events());
        }
        new Inserts().add(CARDS, cards).write(handle.getConnection());
        audit.append(handle.getConnection(), events);
        return written;
    }

    private static boolean insertFeedback(Handle handle, Feedback feedback, Instant now) {
        return handle.createUpdate(INSERT_FEEDBACK)
                        .bind("card", feedback.cardUuid())
                        .bind("outcome", feedback.outcome().name())
                        .bind("reason", feedback.reasonCode())
                        .bind("comment", feedback.comment())
                        .bind("outcomeAt", time(feedback.at()))
                        .bind("receivedAt", time(now))
                        .execute()
                == 1;
    }

    static List<Acknowledgement> acknowledgements(Handle handle, Collection<String> jobIds) {
        return plain(handle, connection -> acknowledgements(connection, jobIds));
    }

    // Plain JDBC: every call goes through it, and named parameters took a third of the time.
    private static List<Acknowledgement> acknowledgements(Connection connection, Collection<String> jobIds)
            throws SQLException {
        List<Acknowledgement> found = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(SELECT_ACKNOWLEDGEMENTS)) {
            select.setArray(1, connection.createArrayOf("varchar", jobIds.toArray()));
            select.setInt(2, CardStore.ACKNOWLEDGEMENTS_MAX);
            try (ResultSet rs = select.executeQuery()) {
                while (rs.next()) {
                    found.add(new Acknowledgement(
                            topic(rs),
                            rs.getString("user_id"),
                            rs.getString("encounter_id"),
                            Feedback.Outcome.valueOf(rs.getString("outcome")),
                            instant(rs, "received_at")));
                }
            }
        }
        return found;
    }

    static Optional<ShownCard> card(Handle handle, String uuid) {
        return handle.createQuery("select * from cds_card where card_uuid = :uuid")
                .bind("uuid", uuid)
                .map((rs, ctx) -> new ShownCard(
                        rs.getString("card_uuid"),
                        rs.getString("service"),
                        UUID.fromString(rs.getString("hook_instance")),
                        topic(rs),
                        Indicator.valueOf(rs.getString("indicator").toUpperCase(Locale.ROOT)),
                        rs.getString("patient_hash"),
                        rs.getString("user_id"),
                        rs.getString("encounter_id"),
                        rs.getBoolean("shown"),
                        instant(rs, "answered_at")))
                .findOne();
    }

    /** Statements without Jdbi. */
    interface Plain<T> {
        T over(Connection connection) throws SQLException;
    }

    /** @throws StoreException for what the database says */
    static <T> T plain(Handle handle, Plain<T> statements) {
        try {
            return statements.over(handle.getConnection());
        } catch (SQLException e) {
            throw new StoreException("the database refused a statement of CDS Hooks", e);
        }
    }

    /** Our exception for whatever broke below. */
    static CardStoreException translated(@Nullable Throwable e) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (t instanceof CardStoreException ours) {
                return ours;
            }
            if (t instanceof AuditUnavailableException) {
                return new CardStoreException(CardStoreException.Fault.AUDIT, "the audit log cannot be written", t);
            }
        }
        String message = "the database refused or is away";
        return e == null
                ? new CardStoreException(CardStoreException.Fault.DATABASE, message)
                : new CardStoreException(CardStoreException.Fault.DATABASE, message, e);
    }

    private static CardTopic topic(ResultSet rs) throws SQLException {
        return new CardTopic(
                CardTopic.Kind.valueOf(rs.getString("kind")), rs.getString("job_id"), rs.getString("ingredient"));
    }

    private static OffsetDateTime time(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }

    private static Instant instant(ResultSet rs, String column) throws SQLException {
        return rs.getObject(column, OffsetDateTime.class).toInstant();
    }
}
