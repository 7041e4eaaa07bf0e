package io.bloodnet.server.intake;

import static io.bloodnet.server.store.Table.Kind.BYTES;
import static io.bloodnet.server.store.Table.Kind.TEXT;
import static io.bloodnet.server.store.Table.Kind.TIME;

import io.bloodnet.audit.AuditText;
import io.bloodnet.imaging.order.IncomingMessage;
import io.bloodnet.server.store.Table;
import io.bloodnet.server.store.Table.Column;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message as it is kept.
 *
 * @param key knows it again; null when it was refused: it may come again under its id
 * @param refusal why it was refused, else null
 * @param jobId the order of ours that it is about; null for a stranger's: of that only hash, sender, type and time are kept, and the reply by
 *     which a repetition is answered. Nobody here has a use for what it says of a patient
 */
public record InboxRow(
        @Nullable String key,
        IncomingMessage message,
        String sha256,
        @Nullable String refusal,
        String reply,
        @Nullable String jobId) {

    static final Table<InboxRow> TABLE = new Table<>(
            "inbox",
            List.of(
                    Column.of("known_by", TEXT, InboxRow::key),
                    Column.of(
                            "channel",
                            TEXT,
                            row -> row.message().origin().channel().name()),
                    Column.of(
                            "sender", TEXT, row -> fitted(row.message().origin().sender())),
                    Column.of(
                            "message_id",
                            TEXT,
                            row -> fitted(row.message().origin().messageId())),
                    Column.of("type", TEXT, row -> AuditText.fit(row.message().type(), 60)),
                    Column.of("sha256", TEXT, InboxRow::sha256),
                    Column.of("body", BYTES, InboxRow::body),
                    Column.of("refusal", TEXT, row -> row.refusal() == null ? null : AuditText.fit(row.refusal(), 200)),
                    Column.of("reply", TEXT, InboxRow::reply),
                    Column.of("received_at", TIME, row -> row.message().receivedAt()),
                    Column.of("job_id", TEXT, InboxRow::jobId)));

    /** The sender or id as their columns take them. */
    public static String fitted(String text) {
        return AuditText.fit(text, 250);
    }

    private byte[] body() {
        return jobId == null ? new byte[0] : message.body();
    }
}
