package io.bloodnet.server.worklist;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.server.job.JobState;
import io.bloodnet.server.store.Database;
import io.bloodnet.server.store.Json;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The worklist as people read it: each row with its group and, apart, what identifies the patient. An order is read again only when its job
 * was saved. Used by one thread at a time.
 */
final class PeopleList {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final WorklistQuery worklist;
    private final Database database;
    private final InstantSource clock;
    private Map<String, Known> known = new HashMap<>();

    private record Known(long version, ObjectNode patient) {}

    PeopleList(WorklistQuery worklist, Database database, InstantSource clock) {
        this.worklist = worklist;
        this.database = database;
        this.clock = clock;
    }

    /** {@code {"items":[{..., "group": "person"|"underway"|"ended", "patient": {...}}],"counts":{...}}}. */
    ObjectNode read() {
        ObjectNode list = worklist.read();
        List<ObjectNode> items = new ArrayList<>();
        list.withArray("items").forEach(item -> items.add((ObjectNode) item));
        learn(items);
        for (ObjectNode item : items) {
            item.put("group", group(item));
            Known of = known.get(item.path("jobId").asText());
            item.set("patient", of == null ? JSON.createObjectNode() : of.patient());
        }
        return list;
    }

    /** Suspected and unread, failed, held or overdue: a person. Else by whether the way has ended. */
    private static String group(ObjectNode item) {
        JobState state = JobState.valueOf(item.path("state").asText());
        boolean unread =
                item.path("suspected").asBoolean() && item.path("readAt").isNull();
        boolean late =
                state == JobState.WAITING_FOR_IMAGES && item.path("overdue").asBoolean();
        if (unread && state != JobState.CANCELLED || state == JobState.FAILED || state == JobState.ON_HOLD || late) {
            return "person";
        }
        return state.isTerminal() ? "ended" : "underway";
    }

    private void learn(List<ObjectNode> items) {
        Map<String, Known> next = new HashMap<>();
        Set<String> unknown = new HashSet<>();
        for (ObjectNode item : items) {
            String id = item.path("jobId").asText();
            Known before = known.get(id);
            if (before != null && before.version() == item.path("version").asLong()) {
                next.put(id, before);
            } else {
                unknown.add(id);
            }
        }
        if (!unknown.isEmpty()) {
            database.read(handle -> handle.createQuery("select id, version, order_json from job where id = any(:ids)")
                    .bindArray("ids", String.class, unknown.toArray())
                    .map((row, context) -> next.put(
                            row.getString("id"),
                            new Known(
                                    row.getLong("version"),
                                    patient(Json.read(row.getString("order_json"), ImagingOrder.class)))))
                    .list());
        }
        known = next;
    }

    private ObjectNode patient(ImagingOrder order) {
        Patient patient = order.patient();
        ObjectNode node = JSON.createObjectNode();
        node.put("name", name(patient));
        node.put("mrn", patient.id().value());
        node.put("sex", patient.sex().name().substring(0, 1).toLowerCase(Locale.ROOT));
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        node.put(
                "age",
                patient.birthDate() == null || patient.birthDate().isAfter(today)
                        ? null
                        : Period.between(patient.birthDate(), today).getYears());
        node.put("class", patientClass(order.patientClass()));
        return node;
    }

    private static @Nullable String name(Patient patient) {
        String name = Stream.of(patient.familyName(), patient.givenName())
                .filter(part -> part != null && !part.isBlank())
                .collect(Collectors.joining(", "));
        return name.isEmpty() ? null : name;
    }

    /** HL7 table 0004 in words. */
    private static @Nullable String patientClass(@Nullable String code) {
        return code == null
                ? null
                : switch (code) {
                    case "E", "EMER" -> "emergency";
                    case "I", "IMP" -> "inpatient";
                    case "O", "AMB" -> "outpatient";
                    default -> null;
                };
    }

    /** A reading taken apart: rows with and without patients by job, so that a follower is told only what is new to them. */
    record Rows(long number, Map<String, String> named, Map<String, String> nameless, String counts) {

        static Rows of(WorklistFeed.Reading reading, Rows before) {
            try {
                ObjectNode list = (ObjectNode) JSON.readTree(reading.text());
                Map<String, String> named = new java.util.LinkedHashMap<>();
                Map<String, String> nameless = new java.util.LinkedHashMap<>();
                for (var item : list.withArray("items")) {
                    String id = item.path("jobId").asText();
                    named.put(id, same(item.toString(), before.named().get(id)));
                    ((ObjectNode) item).remove("patient");
                    nameless.put(id, same(item.toString(), before.nameless().get(id)));
                }
                return new Rows(
                        reading.number(), named, nameless, list.path("counts").toString());
            } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
                throw new IllegalStateException("we wrote it", e);
            }
        }

        static Rows none() {
            return new Rows(0, Map.of(), Map.of(), "{}");
        }

        /** The text of before where it is the same: comparing many rows for many followers is cheap then. */
        private static String same(String now, @Nullable String before) {
            return before != null && now.equals(before) ? before : now;
        }

        Map<String, String> of(boolean withPatients) {
            return withPatients ? named : nameless;
        }

        /** What a follower who was told {@code before} must be told: rows that changed, and jobs that are gone. */
        String since(@Nullable Rows before, boolean withPatients) {
            Map<String, String> old = before == null ? Map.of() : before.of(withPatients);
            Map<String, String> now = of(withPatients);
            String changed = now.entrySet().stream()
                    .filter(row -> row.getValue() != old.get(row.getKey())
                            && !row.getValue().equals(old.get(row.getKey())))
                    .map(Map.Entry::getValue)
                    .collect(Collectors.joining(",", "[", "]"));
            String gone = old.keySet().stream()
                    .filter(id -> !now.containsKey(id))
                    .collect(Collectors.joining("\",\"", "[\"", "\"]"));
            return "{\"changed\":" + changed + ",\"gone\":" + (gone.equals("[\"\"]") ? "[]" : gone) + ",\"counts\":"
                    + counts + "}";
        }
    }
}
