package io.bloodnet.imaging.dicom.json;

import com.fasterxml.jackson.databind.JsonNode;
import io.bloodnet.imaging.dicom.DataElement;
import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomException.Code;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.DicomObjectBuilder;
import io.bloodnet.imaging.dicom.Dictionary;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.dicom.TextEncoding;
import io.bloodnet.imaging.dicom.Vr;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One data set of the DICOM JSON Model (PS3.18 F.2.2). */
final class DicomJsonObject {

    private static final Pattern TAG = Pattern.compile("[0-9A-Fa-f]{8}");

    private DicomJsonObject() {}

    static DicomObject read(@Nullable JsonNode object) {
        if (object == null || !object.isObject()) {
            throw new DicomException(Code.INVALID_JSON, "a data set is no JSON object");
        }
        DicomObjectBuilder builder = new DicomObjectBuilder(TextEncoding.UTF_8);
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            if (!TAG.matcher(field.getKey()).matches()) {
                continue; // archives add fields of their own beside the attributes
            }
            int tag = Integer.parseUnsignedInt(field.getKey(), 16);
            if (tag == Tag.SPECIFIC_CHARACTER_SET) {
                builder.string(tag, Vr.CS, "ISO_IR 192");
            } else {
                readableOrNot(builder, tag, field.getValue());
            }
        }
        return builder.build();
    }

    /** One broken attribute spoils itself only: whoever needs it is told, see {@link DataElement.Unreadable}. */
    private static void readableOrNot(DicomObjectBuilder builder, int tag, JsonNode element) {
        try {
            element(builder, tag, element);
        } catch (Invalid e) {
            builder.put(new DataElement.Unreadable(tag, e.vr, e.problem));
        } catch (DicomException e) {
            builder.put(new DataElement.Unreadable(tag, Dictionary.vrOf(tag), "has a value that its VR cannot hold"));
        }
    }

    private static void element(DicomObjectBuilder builder, int tag, JsonNode element) {
        Vr vr = vr(tag, element);
        if (element.has("BulkDataURI")) {
            builder.put(new DataElement.BulkReference(
                    tag, vr, element.get("BulkDataURI").asText()));
        } else if (element.has("InlineBinary")) {
            builder.bytes(tag, vr, base64(vr, element.get("InlineBinary").asText()));
        } else {
            values(builder, tag, vr, element.path("Value"));
        }
    }

    /** As it stands, else as the dictionary knows the attribute: some archives leave it out. */
    private static Vr vr(int tag, JsonNode element) {
        Vr usual = Dictionary.vrOf(tag);
        if (!element.isObject()) {
            throw new Invalid(usual, "is no JSON object");
        }
        String name = element.path("vr").asText("");
        Vr vr = name.length() == 2 ? Vr.of(name.charAt(0), name.charAt(1)) : null;
        if (vr == null && !name.isEmpty()) {
            throw new Invalid(usual, "has no known vr");
        }
        return vr == null ? usual : vr;
    }

    private static void values(DicomObjectBuilder builder, int tag, Vr vr, JsonNode values) {
        if (!values.isArray() && !values.isMissingNode()) {
            throw new Invalid(vr, "has a Value that is no array");
        }
        switch (vr.kind()) {
            case SEQUENCE -> {
                List<DicomObject> items = new ArrayList<>(values.size());
                // PS3.18 F.2.5: an empty item may be null.
                values.forEach(
                        item -> items.add(item.isNull() ? DicomObject.builder().build() : read(item)));
                builder.sequence(tag, items);
            }
            case TEXT, LOCAL_TEXT -> texts(builder, tag, vr, values);
            case NUMBER -> numbers(builder, tag, vr, values);
            case BINARY -> {
                if (!values.isEmpty()) {
                    throw new Invalid(vr, "has a Value, which VR " + vr + " cannot have");
                }
                builder.empty(tag, vr);
            }
        }
    }

    /** The lengths that a VR allows are not asked of servers: numbers in DS come with as many digits as a double has. */
    private static void texts(DicomObjectBuilder builder, int tag, Vr vr, JsonNode values) {
        List<String> texts = new ArrayList<>(values.size());
        for (JsonNode value : values) {
            if (vr == Vr.PN && value.isObject()) {
                texts.add(personName(value));
            } else if (value.isValueNode()) {
                texts.add(value.isNull() ? "" : value.asText());
            } else {
                throw new Invalid(vr, "has a value that is no text");
            }
        }
        builder.bytes(tag, vr, TextEncoding.UTF_8.encode(String.join("\\", texts), tag));
    }

    /** PS3.18 F.2.2: the three component groups by name; PS3.5 section 6.2.1.1: joined by "=", trailing empty ones left out. */
    private static String personName(JsonNode name) {
        String joined = Stream.of("Alphabetic", "Ideographic", "Phonetic")
                .map(group -> name.path(group).asText(""))
                .collect(Collectors.joining("="));
        return joined.replaceFirst("=+$", "");
    }

    private static void numbers(DicomObjectBuilder builder, int tag, Vr vr, JsonNode values) {
        BigDecimal[] numbers = new BigDecimal[values.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = number(vr, values.get(i));
        }
        try {
            if (vr == Vr.FD || vr == Vr.FL) {
                double[] decimals =
                        Stream.of(numbers).mapToDouble(BigDecimal::doubleValue).toArray();
                builder.decimal(tag, vr, decimals);
            } else {
                long[] integers =
                        Stream.of(numbers).mapToLong(BigDecimal::longValueExact).toArray();
                builder.integer(tag, vr, integers);
            }
        } catch (ArithmeticException e) {
            throw new Invalid(vr, "has a number that VR " + vr + " cannot hold");
        }
    }

    private static BigDecimal number(Vr vr, JsonNode value) {
        try {
            if (vr == Vr.AT && value.isTextual() && TAG.matcher(value.asText()).matches()) {
                return BigDecimal.valueOf(Long.parseLong(value.asText(), 16));
            }
            // 64-bit numbers may come as texts, which every JSON reader keeps exact (PS3.18 F.2.3).
            if (value.isTextual() || value.isNumber()) {
                return new BigDecimal(value.asText());
            }
        } catch (NumberFormatException e) {
            throw new Invalid(vr, "has a value that is no number");
        }
        throw new Invalid(vr, "has a value that is no number");
    }

    private static byte[] base64(Vr vr, String text) {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new Invalid(vr, "has an InlineBinary that is no base64");
        }
    }

    /** An attribute that cannot be read; never leaves this class. */
    private static final class Invalid extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final Vr vr;
        private final String problem;

        Invalid(Vr vr, String problem) {
            super(problem, null, false, false);
            this.vr = vr;
            this.problem = problem;
        }
    }
}
