package io.bloodnet.audit.ledger;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.jsontype.NamedType;
import com.fasterxml.jackson.databind.module.SimpleModule;
import io.bloodnet.audit.AuditEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;

/**
 * The line of one entry: {@code {"seq":N,"node":"...","event":{"type":"...","at":"...","about":{...},"outcome":"...",...}}}, in UTF-8,
 * without a line feed. These bytes are the leaf, are stored as they are, and are never written again from the parsed event. Safe for all
 * threads.
 */
public final class EntryLine {

    /** Longer lines are refused; the longest legal event, with 50 cards, is shorter. */
    public static final int CHARS_MAX = 60_000;

    private static final String SEQ = "{\"seq\":";
    private static final byte[] SEQ_BYTES = SEQ.getBytes(StandardCharsets.US_ASCII);

    private static final ObjectMapper JSON = mapper();
    private static final ObjectReader READER = JSON.readerFor(ParsedEntry.class);

    private EntryLine() {}

    /** The line without its place in the log, as it waits to be given one; {@code node} is the server that wrote it. */
    public static String body(String node, AuditEvent event) {
        try {
            String body = JSON.writeValueAsString(new Body(node, event));
            if (body.length() > CHARS_MAX) {
                throw new IllegalArgumentException(
                        "an event has at most " + CHARS_MAX + " characters, got " + body.length());
            }
            return body;
        } catch (JacksonException e) {
            throw new IllegalStateException("every event can be written", e);
        }
    }

    /** The line of the entry with this place. */
    public static String at(long seq, String body) {
        return SEQ + seq + ',' + body.substring(1);
    }

    /** What the line says. @throws MalformedNoteException when it is not the line of an entry that this version knows */
    public static ParsedEntry parse(String line) {
        try {
            ParsedEntry entry = READER.readValue(line);
            if (entry == null) {
                throw new MalformedNoteException("the line is not an entry");
            }
            return entry;
        } catch (JacksonException e) {
            throw new MalformedNoteException("the line is not an entry");
        }
    }

    /** True when the line starts as the one of the entry with this place does; cheap, and enough to find moved lines. */
    public static boolean hasSeq(byte[] buffer, int offset, int length, long seq) {
        int digits = 1;
        for (long rest = seq; rest >= 10; rest /= 10) {
            digits++;
        }
        int comma = offset + SEQ_BYTES.length + digits;
        if (length <= SEQ_BYTES.length + digits
                || buffer[comma] != ','
                || !Arrays.equals(buffer, offset, offset + SEQ_BYTES.length, SEQ_BYTES, 0, SEQ_BYTES.length)) {
            return false;
        }
        long rest = seq;
        for (int at = comma - 1; at >= offset + SEQ_BYTES.length; at--) {
            if (buffer[at] != '0' + rest % 10) {
                return false;
            }
            rest /= 10;
        }
        return true;
    }

    private record Body(String node, AuditEvent event) {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
    private interface EventJson {}

    private static ObjectMapper mapper() {
        SimpleModule times = new SimpleModule()
                .addSerializer(Instant.class, new InstantWriter())
                .addDeserializer(Instant.class, new InstantReader());
        JsonMapper.Builder builder = JsonMapper.builder()
                .addModule(times)
                .addMixIn(AuditEvent.class, EventJson.class)
                .defaultPropertyInclusion(
                        JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .enable(com.fasterxml.jackson.core.StreamReadFeature.STRICT_DUPLICATE_DETECTION);
        for (Class<?> kind : AuditEvent.class.getPermittedSubclasses()) {
            builder.registerSubtypes(new NamedType(kind, kind.getSimpleName()));
        }
        return builder.build();
    }

    private static final class InstantWriter extends JsonSerializer<Instant> {
        @Override
        public void serialize(Instant value, JsonGenerator json, SerializerProvider provider) throws IOException {
            json.writeString(value.toString());
        }
    }

    private static final class InstantReader extends JsonDeserializer<Instant> {
        @Override
        public Instant deserialize(JsonParser json, DeserializationContext context) throws IOException {
            try {
                return Instant.parse(json.getText());
            } catch (java.time.DateTimeException e) {
                throw context.weirdStringException(json.getText(), Instant.class, "not a time");
            }
        }
    }
}
