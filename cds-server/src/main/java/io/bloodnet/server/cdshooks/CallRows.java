package io.bloodnet.server.cdshooks;

import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.audit.AuditUnavailableException;
import io.bloodnet.server.security.TokenUse;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/** The SQL of {@link JdbiCardStore}: plain enough for H2 and PostgreSQL alike. */
final class CallRows {

    private static final String INSERT_TOKEN = """
            insert into cds_token_use (issuer, token_id, forget_after)
            select v.issuer, v.token_id, v.forget_after
            from (select cast(:issuer as varchar(255)) as issuer, cast(:tokenId as varchar(255)) as token_id,
                         cast(:forgetAfter as timestamp(6) with time zone) as forget_after) v
            where not exists (select 1 from cds_token_use t where t.issuer = v.issuer and t.token_id = v.token_id)""";
    private static final String INSERT_CARD = """
            insert into cds_card (card_uuid, service, hook_instance, kind, job_id, ingredient, indicator, patient_hash, user_id,
                                  encounter_id, shown, answered_at)
            values (:uuid, :service, :hookInstance, :kind, :jobId, :ingredient, :indicator, :patientHash, :userId,
                    :encounterId, :shown, :at)""";
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
            where job_id in (<jobIds>) order by received_at limit :max""";

    private final AuditLog audit;

    CallRows(AuditLog audit) {
        this.audit = audit;
    }

    /** Writes all calls in the handle's transaction; the answers are in the order of the calls. */
    List<CardStore.Written> write(Handle handle, List<CardStore.Call> calls, Instant now) {
        Set<Integer> replayed = useTokens(handle, calls);
        insertCards(handle, calls, replayed);
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
            for (AuditEvent event : call.events()) {
                audit.append(handle.getConnection(), event);
            }
        }
        return written;
    }

    /** Marks all tokens as used; returns which calls bring a used one. */
    private static Set<Integer> useTokens(Handle handle, List<CardStore.Call> calls) {
        List<Integer> withToken = new ArrayList<>();
        Set<Integer> replayed = new HashSet<>();
        try (PreparedBatch batch = handle.prepareBatch(INSERT_TOKEN)) {
            for (int i = 0; i < calls.size(); i++) {
                TokenUse token = calls.get(i).token();
                if (token != null) {
                    withToken.add(i);
                    batch.bind("issuer", token.issuer())
                            .bind("tokenId", token.tokenId())
                            .bind("forgetAfter", time(token.forgetAfter()))
                            .add();
                }
            }
            int[] inserted = withToken.isEmpty() ? new int[0] : batch.execute();
            for (int i = 0; i < inserted.length; i++) {
                if (inserted[i] == 0) {
                    replayed.add(withToken.get(i));
                }
            }
        }
        return replayed;
    }

    private static void insertCards(Handle handle, List<CardStore.Call> calls, Set<Integer> replayed) {
        try (PreparedBatch batch = handle.prepareBatch(INSERT_CARD)) {
            for (int i = 0; i < calls.size(); i++) {
                if (!replayed.contains(i)) {
                    calls.get(i).cards().forEach(card -> add(batch, card));
                }
            }
            if (batch.size() > 0) {
                batch.execute();
            }
        }
    }

    private static void add(PreparedBatch batch, ShownCard card) {
        batch.bind("uuid", card.uuid())
                .bind("service", card.service())
                .bind("hookInstance", card.hookInstance().toString())
                .bind("kind", card.topic().kind().name())
                .bind("jobId", card.topic().jobId())
                .bind("ingredient", card.topic().ingredient())
                .bind("indicator", card.indicator().code())
                .bind("patientHash", card.patientHash())
                .bind("userId", card.userId())
                .bind("encounterId", card.encounterId())
                .bind("shown", card.shown())
                .bind("at", time(card.at()))
                .add();
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
        return handle.createQuery(SELECT_ACKNOWLEDGEMENTS)
                .bindList("jobIds", List.copyOf(jobIds))
                .bind("max", CardStore.ACKNOWLEDGEMENTS_MAX)
                .map((rs, ctx) -> new Acknowledgement(
                        topic(rs),
                        rs.getString("user_id"),
                        rs.getString("encounter_id"),
                        Feedback.Outcome.valueOf(rs.getString("outcome")),
                        instant(rs, "received_at")))
                .list();
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

    /** Returns how many there were. */
    static int forgetDeadTokens(Handle handle, Instant now) {
        return handle.createUpdate("delete from cds_token_use where forget_after < :now")
                .bind("now", time(now))
                .execute();
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
