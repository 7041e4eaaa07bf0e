package io.bloodnet.hl7.orderin;

import io.bloodnet.hl7.Hl7Config.AccessionField;
import io.bloodnet.hl7.er7.Condition;
import io.bloodnet.hl7.er7.EntityNumber;
import io.bloodnet.hl7.er7.Er7Segment;
import io.bloodnet.hl7.er7.MessageRefusedException;
import io.bloodnet.hl7.message.Fields;
import io.bloodnet.hl7.message.OrderGroup;
import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.imaging.order.StudyUid;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How one order is named, from all the fields that may name it.
 *
 * @param key all names
 * @param conflict which fields disagree, null when they agree
 */
record OrderIdentity(OrderKey key, @Nullable String conflict) {

    /**
     * Reads the names.
     *
     * @param accessionFields where the site keeps the accession number, best first
     * @param patient the numbers of whom the message is about, best first; empty when it does not say
     * @throws MessageRefusedException when nothing names the order
     */
    static OrderIdentity of(OrderGroup group, Set<AccessionField> accessionFields, List<PatientId> patient) {
        List<String> conflicts = new ArrayList<>();
        StudyUid study = study(group, conflicts);
        AccessionNumber accession = accession(group, accessionFields, conflicts);
        EntityNumber placer = number(group, 2, conflicts);
        EntityNumber filler = number(group, 3, conflicts);
        if (study == null && accession == null && placer == null && filler == null) {
            throw MessageRefusedException.of(
                    Condition.REQUIRED_FIELD_MISSING, "ORC-2", "no field names the order: ORC-2, ORC-3, OBR-18, IPC-1");
        }
        OrderKey key = Fields.make(
                "ORC-2",
                () -> new OrderKey(
                        study,
                        accession,
                        placer == null ? null : placer.number(),
                        placer == null ? null : placer.namespace(),
                        filler == null ? null : filler.number(),
                        filler == null ? null : filler.namespace(),
                        patient.isEmpty() ? null : patient.getFirst(),
                        patient.isEmpty() ? List.of() : patient.subList(1, patient.size())));
        return new OrderIdentity(key, conflicts.isEmpty() ? null : String.join("; ", conflicts));
    }

    /** Whether both mean the same study. */
    static boolean same(OrderKey a, OrderKey b) {
        if (a.studyUid() != null && b.studyUid() != null) {
            return a.studyUid().equals(b.studyUid());
        }
        if (a.accession() != null && b.accession() != null) {
            return a.accession().equals(b.accession());
        }
        return a.equals(b);
    }

    /** IPC-3, else ZDS-1.1. */
    private static @Nullable StudyUid study(OrderGroup group, List<String> conflicts) {
        Set<StudyUid> found = new LinkedHashSet<>();
        Set<String> fields = new TreeSet<>();
        for (Er7Segment ipc : group.ipc()) {
            add(found, fields, "IPC-3", Fields.value(ipc, 3, StudyUid::new));
        }
        add(found, fields, "ZDS-1", Fields.value(group.zds(), 1, StudyUid::new));
        if (found.size() > 1) {
            conflicts.add("Study Instance UIDs disagree: " + String.join(", ", fields));
        }
        return found.isEmpty() ? null : found.iterator().next();
    }

    private static @Nullable AccessionNumber accession(
            OrderGroup group, Set<AccessionField> accessionFields, List<String> conflicts) {
        Map<String, AccessionNumber> found = new LinkedHashMap<>();
        for (AccessionField field : accessionFields) {
            switch (field) {
                case IPC_1 -> {
                    for (Er7Segment ipc : group.ipc()) {
                        put(found, "IPC-1", Fields.value(ipc, 1, AccessionNumber::new));
                    }
                }
                case OBR_18 -> put(found, "OBR-18", tolerant(group.obr(), 18));
                case OBR_20 -> put(found, "OBR-20", tolerant(group.obr(), 20));
                case ORC_3 -> {
                    put(found, "ORC-3", tolerant(group.orc(), 3));
                    put(found, "OBR-3", tolerant(group.obr(), 3));
                }
            }
        }
        if (new LinkedHashSet<>(found.values()).size() > 1) {
            conflicts.add("accession numbers disagree: " + String.join(", ", found.keySet()));
        }
        return found.isEmpty() ? null : found.values().iterator().next();
    }

    /** Fields that many sites use for other things: what cannot be an accession number is none. */
    private static @Nullable AccessionNumber tolerant(@Nullable Er7Segment segment, int field) {
        String text = segment == null ? "" : segment.text(field);
        try {
            return text.isEmpty() ? null : new AccessionNumber(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** ORC's, else OBR's; who gave it may stand in either. */
    private static @Nullable EntityNumber number(OrderGroup group, int field, List<String> conflicts) {
        EntityNumber ofOrc = number(group.orc(), field);
        EntityNumber ofObr = number(group.obr(), field);
        if (ofOrc == null || ofObr == null) {
            return ofOrc != null ? ofOrc : ofObr;
        }
        boolean otherNumber = !ofOrc.number().equals(ofObr.number());
        boolean otherNamespace = ofOrc.namespace() != null
                && ofObr.namespace() != null
                && !ofOrc.namespace().equals(ofObr.namespace());
        if (field == 2 && (otherNumber || otherNamespace)) {
            conflicts.add("placer numbers disagree: ORC-2, OBR-2");
        }
        return otherNumber || ofOrc.namespace() != null ? ofOrc : ofObr;
    }

    private static @Nullable EntityNumber number(@Nullable Er7Segment segment, int field) {
        if (segment == null || Fields.text(segment, field, 1) == null) {
            return null;
        }
        return EntityNumber.of(segment, field);
    }

    private static void add(Set<StudyUid> found, Set<String> fields, String field, @Nullable StudyUid value) {
        if (value != null) {
            found.add(value);
            fields.add(field);
        }
    }

    private static void put(Map<String, AccessionNumber> found, String field, @Nullable AccessionNumber value) {
        if (value == null) {
            return;
        }
        AccessionNumber before = found.putIfAbsent(field, value);
        if (before != null && !before.equals(value)) {
            found.put(field + " again", value);
        }
    }
}
