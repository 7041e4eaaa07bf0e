package io.bloodnet.audit.ledger;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
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

    /** @throws MalformedNoteException when the line is not an entry */
    public static LineFields of(String line) {
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
                case "at" -> happenedAt = Instant.parse(json.getText());
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
