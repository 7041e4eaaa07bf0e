package io.bloodnet.audit.ledger;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/**
 * What a line can be searched by. Read without knowing the kind of event, so that lines of newer versions are kept and verified too.
 *
 * @param seq the place in the log
 * @param happenedAt when it happened, in microseconds
 * @param type the kind of event
 * @param outcome the name of its Outcome
 */
public record LineFields(
        long seq,
        Instant happenedAt,
        String type,
        String outcome,
        @Nullable String jobId,
        @Nullable String studyUid,
        @Nullable String patientId,
        @Nullable String user) {

    private static final JsonFactory JSON = new JsonFactory();

    /** What the line of this event says, at this place: the same as {@link #of(byte[])} reads from it, without reading. */
    public static LineFields of(long seq, AuditEvent event) {
        About about = event.about();
        return new LineFields(
                seq,
                event.at(),
                event.type(),
                event.outcome().name(),
                about.jobId(),
                about.studyUid(),
                about.patientId(),
                about.user());
    }

    /** @throws MalformedNoteException when the line is not an entry */
    public static LineFields of(String line) {
        return of(line.getBytes(StandardCharsets.UTF_8));
    }

    /** @throws MalformedNoteException when the line is not an entry */
    public static LineFields of(byte[] line) {
        try (JsonParser json = JSON.createParser(line)) {
            Reading reading = new Reading();
            json.nextToken();
            object(json, name -> reading.entryField(json, name));
            if (json.nextToken() != null) {
                throw new MalformedNoteException("the line goes on after the entry");
            }
            return reading.fields();
        } catch (IOException | DateTimeException e) {
            throw new MalformedNoteException("the line is not an entry");
        }
    }

    /** As {@link Instant#parse}, which takes much longer, for the form that our lines have; it reads all other forms. */
    private static Instant instant(String text) {
        int digits = text.length() - "2026-01-01T00:00:00.Z".length();
        boolean usual = (digits == -1 || digits == 3 || digits == 6)
                && text.charAt(4) == '-'
                && text.charAt(7) == '-'
                && text.charAt(10) == 'T'
                && text.charAt(13) == ':'
                && text.charAt(16) == ':'
                && (digits < 0 || text.charAt(19) == '.')
                && text.endsWith("Z");
        if (!usual) {
            return Instant.parse(text);
        }
        int nanos = digits < 0 ? 0 : number(text, 20, 20 + digits) * (digits == 3 ? 1_000_000 : 1_000);
        return LocalDateTime.of(
                        number(text, 0, 4),
                        number(text, 5, 7),
                        number(text, 8, 10),
                        number(text, 11, 13),
                        number(text, 14, 16),
                        number(text, 17, 19),
                        nanos)
                .toInstant(ZoneOffset.UTC);
    }

    private static int number(String text, int from, int to) {
        int number = 0;
        for (int i = from; i < to; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                throw new DateTimeException("not a time");
            }
            number = 10 * number + digit;
        }
        return number;
    }

    private interface Field {
        void read(String name) throws IOException;
    }

    /** Reads the object that the parser stands on, leaving the parser on its end. */
    private static void object(JsonParser json, Field field) throws IOException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw new MalformedNoteException("the line is not an entry");
        }
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            field.read(name);
        }
    }

    private static final class Reading {
        private long seq = -1;
        private @Nullable Instant happenedAt;
        private @Nullable String type;
        private @Nullable String outcome;
        private @Nullable String jobId;
        private @Nullable String studyUid;
        private @Nullable String patientId;
        private @Nullable String user;

        void entryField(JsonParser json, String name) throws IOException {
            switch (name) {
                case "seq" -> seq = json.getLongValue();
                case "event" -> object(json, field -> eventField(json, field));
                default -> json.skipChildren();
            }
        }

        private void eventField(JsonParser json, String name) throws IOException {
            switch (name) {
                case "type" -> type = json.getText();
                case "at" -> happenedAt = instant(json.getText());
                case "outcome" -> outcome = json.getText();
                case "about" -> object(json, field -> aboutField(json, field));
                default -> json.skipChildren();
            }
        }

        private void aboutField(JsonParser json, String name) throws IOException {
            switch (name) {
                case "jobId" -> jobId = json.getText();
                case "studyUid" -> studyUid = json.getText();
                case "patientId" -> patientId = json.getText();
                case "user" -> user = json.getText();
                default -> json.skipChildren();
            }
        }

        LineFields fields() {
            if (seq < 0 || happenedAt == null || type == null || outcome == null) {
                throw new MalformedNoteException("the line is not an entry");
            }
            return new LineFields(seq, happenedAt, type, outcome, jobId, studyUid, patientId, user);
        }
    }
}
