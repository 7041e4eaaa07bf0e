package io.bloodnet.hl7.orderin;

import io.bloodnet.hl7.Hl7Config.AccessionField;
import io.bloodnet.hl7.er7.Condition;
import io.bloodnet.hl7.er7.Er7Segment;
import io.bloodnet.hl7.er7.MessageRefusedException;
import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.OrderKey;
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
     * @throws MessageRefusedException when nothing names the order
     */
    static OrderIdentity of(OrderGroup group, Set<AccessionField> accessionFields) {
        List<String> conflicts = new ArrayList<>();
        StudyUid study = study(group, conflicts);
        AccessionNumber accession = accession(group, accessionFields, conflicts);
        String placer = number(group, 2, conflicts);
        String filler = number(group, 3, conflicts);
        if (study == null && accession == null && placer == null && filler == null) {
            throw MessageRefusedException.of(
                    Condition.REQUIRED_FIELD_MISSING, "ORC-2", "no field names the order: ORC-2, ORC-3, OBR-18, IPC-1");
        }
        return new OrderIdentity(
                new OrderKey(study, accession, placer, filler),
                conflicts.isEmpty() ? null : String.join("; ", conflicts));
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

    private static @Nullable String number(OrderGroup group, int field, List<String> conflicts) {
        String ofOrc = group.orc() == null ? null : Fields.text(group.orc(), field, 1);
        String ofObr = group.obr() == null ? null : Fields.text(group.obr(), field, 1);
        if (ofOrc != null && ofObr != null && !ofOrc.equals(ofObr) && field == 2) {
            conflicts.add("placer numbers disagree: ORC-2, OBR-2");
        }
        return ofOrc != null ? ofOrc : ofObr;
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
