package io.bloodnet.sandbox.pacs;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.imaging.dicom.DataElement;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.Vr;
import java.util.List;

/** Data sets in the DICOM JSON Model (PS3.18 Annex F). */
final class DicomJsonWriter {

    private static final List<String> NAME_GROUPS = List.of("Alphabetic", "Ideographic", "Phonetic");

    private DicomJsonWriter() {}

    static String tag(int tag) {
        return "%08X".formatted(tag);
    }

    /** All elements but bulk data. */
    static ObjectNode write(DicomObject data) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        for (DataElement element : data.elements()) {
            copy(data, element, json);
        }
        return json;
    }

    /** The named elements; those without a value are written as such. */
    static ObjectNode write(DicomObject data, int... tags) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        for (int tag : tags) {
            data.element(tag).ifPresent(element -> copy(data, element, json));
        }
        return json;
    }

    /** Adds an element of texts. */
    static void put(ObjectNode json, int tag, Vr vr, String... values) {
        ArrayNode array = element(json, tag, vr).putArray("Value");
        List.of(values).forEach(array::add);
    }

    /** Adds an element of one number. */
    static void put(ObjectNode json, int tag, Vr vr, int value) {
        element(json, tag, vr).putArray("Value").add(value);
    }

    /** Adds a sequence. */
    static void put(ObjectNode json, int tag, List<ObjectNode> items) {
        ObjectNode element = element(json, tag, Vr.SQ);
        if (!items.isEmpty()) {
            element.putArray("Value").addAll(items);
        }
    }

    static ObjectNode element(ObjectNode json, int tag, Vr vr) {
        return json.putObject(tag(tag)).put("vr", vr.name());
    }

    private static void copy(DicomObject data, DataElement element, ObjectNode json) {
        int tag = element.tag();
        ObjectNode node = element(json, tag, element.vr());
        ArrayNode values = JsonNodeFactory.instance.arrayNode();
        switch (element.vr()) {
            case SQ -> data.sequence(tag).forEach(item -> values.add(write(item)));
            case PN -> data.strings(tag).forEach(name -> values.add(name(name)));
            case DS, FD, FL -> {
                for (double value : data.decimals(tag)) {
                    values.add(value);
                }
            }
            case IS, SL, SS, SV, UL, US, UV -> {
                for (long value : data.integers(tag)) {
                    values.add(value);
                }
            }
            case AT -> {
                for (long value : data.integers(tag)) {
                    values.add(tag((int) value));
                }
            }
            case OB, OD, OF, OL, OV, OW, UN ->
                data.bytes(tag)
                        .filter(bytes -> bytes.length() > 0)
                        .ifPresent(bytes -> node.put("InlineBinary", bytes.toArray()));
            case AE, AS, CS, DA, DT, LO, LT, SH, ST, TM, UC, UI, UR, UT ->
                data.strings(tag).forEach(values::add);
        }
        if (!values.isEmpty()) {
            node.set("Value", values);
        }
    }

    private static ObjectNode name(String name) {
        ObjectNode groups = JsonNodeFactory.instance.objectNode();
        String[] parts = name.split("=", -1);
        for (int i = 0; i < Math.min(parts.length, NAME_GROUPS.size()); i++) {
            if (!parts[i].isEmpty()) {
                groups.put(NAME_GROUPS.get(i), parts[i]);
            }
        }
        return groups;
    }
}
