package io.bloodnet.server.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bloodnet.imaging.order.IncomingMessage;
import io.bloodnet.imaging.order.OrderEvent;
import io.bloodnet.imaging.order.OrderInbox.Receipt;
import io.bloodnet.imaging.order.Origin;
import io.bloodnet.imaging.peer.Sha256;
import io.bloodnet.server.intake.InboxRow;
import io.bloodnet.server.store.Database;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database in which messages were known by a hash, opened by a server that knows them by what they say of themselves. */
class OldInboxTest {

    private static final Instant NOW = Instant.parse("2026-03-01T08:00:00Z");

    private static final IncomingMessage PLAIN = message("RIS|HOSP", "M1");
    private static final IncomingMessage WORDS_OF_ALL_LANGUAGES = message("RIS|Krankenhaus Süd", "注文-7\uD83C\uDFE5");
    private static final IncomingMessage WITHOUT_ID = message("RIS|HOSP", "");
    /** The columns hold neither of them whole. */
    private static final IncomingMessage LONG = message("R".repeat(300), "M2");

    private static final IncomingMessage CONTROLLED = message("RIS|HOSP", "M\t3");
    /** Says of itself what the columns say of the long one. */
    private static final IncomingMessage LOOKS_LIKE_LONG = message(InboxRow.fitted("R".repeat(300)), "M2");

    private static final List<IncomingMessage> OLD =
            List.of(PLAIN, WORDS_OF_ALL_LANGUAGES, WITHOUT_ID, LONG, CONTROLLED);

    @TempDir
    Path folder;

    @Test
    void repetitions_of_old_messages_are_known_on_h2() {
        repetitionsAreKnown("jdbc:h2:file:" + folder.resolve("bloodnet"), "sa", "blob");
    }

    @Test
    void repetitions_of_old_messages_are_known_on_postgres() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.builder()
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on")
                .start()) {
            repetitionsAreKnown(postgres.getJdbcUrl("postgres", "postgres"), "postgres", "bytea");
        }
    }

    private static void repetitionsAreKnown(String url, String user, String blob) {
        Jdbi old = Jdbi.create(url, user, "");
        Flyway.configure()
                .dataSource(url, user, "")
                .locations("classpath:db/audit", "classpath:db/server")
                .placeholders(Map.of("blob", blob, "event-ids-at-once", "1"))
                .target("220")
                .load()
                .migrate();
        old.useHandle(handle -> {
            OLD.forEach(message -> insert(handle, message, hash(message)));
            insert(handle, message("RIS|HOSP", "refused"), null);
        });
        try (OrderLife life = new OrderLife(Database.open(url, user, null))) {
            for (IncomingMessage message : OLD) {
                assertThat(receive(life, message)).isEqualTo(new Receipt.Repeated("stored reply"));
            }
            assertThat(life.jobCount()).isZero();
            assertThat(bodies(life))
                    .containsAll(OLD.stream().map(IncomingMessage::body).toList());
            assertThat(keys(life)).hasSize(OLD.size() + 1).contains("HL7\nRIS|HOSP\nM1", hash(LONG), hash(CONTROLLED));

            assertThat(receive(life, LOOKS_LIKE_LONG)).isInstanceOf(Receipt.Recorded.class);
            assertThat(receive(life, message("RIS|HOSP", "refused")))
                    .as("a refused message may come again")
                    .isInstanceOf(Receipt.Recorded.class);
        }
        assertThatThrownBy(() -> old.useHandle(handle -> insert(handle, PLAIN, hash(PLAIN))))
                .as("an older server that still runs cannot take one twice")
                .hasStackTraceContaining("dedupe_key");
    }

    private static IncomingMessage message(String sender, String id) {
        return new IncomingMessage(
                new Origin(Origin.Channel.HL7, sender, id),
                "ORM^O01",
                (sender + id).getBytes(StandardCharsets.UTF_8),
                NOW);
    }

    private static Receipt receive(OrderLife life, IncomingMessage message) {
        return life.intake.receive(
                message,
                List.of(new OrderEvent.Placed(OrderLife.order(null, "ACC1", OrderLife.ANN, 1), null)),
                outcomes -> "new reply");
    }

    /** As older servers made keys. */
    private static String hash(IncomingMessage message) {
        String all =
                "HL7\n" + message.origin().sender() + "\n" + message.origin().messageId();
        return Sha256.hex(all.getBytes(StandardCharsets.UTF_8));
    }

    private static void insert(Handle handle, IncomingMessage message, @Nullable String key) {
        handle.execute(
                "insert into inbox (dedupe_key, channel, sender, message_id, type, sha256, body, refusal, reply, received_at)"
                        + " values (?, 'HL7', ?, ?, 'ORM^O01', ?, ?, ?, 'stored reply', current_timestamp)",
                key,
                InboxRow.fitted(message.origin().sender()),
                InboxRow.fitted(message.origin().messageId()),
                message.sha256(),
                message.body(),
                key == null ? "why" : null);
    }

    private static List<String> keys(OrderLife life) {
        return life.database.read(handle -> handle.createQuery("select known_by from inbox")
                .mapTo(String.class)
                .list());
    }

    private static List<byte[]> bodies(OrderLife life) {
        return life.database.read(handle ->
                handle.createQuery("select body from inbox").mapTo(byte[].class).list());
    }
}
