package io.bloodnet.imaging.dicom;

import io.bloodnet.imaging.dicom.DicomException.Code;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A data set: elements in tag order, read by tag with the VR's rules. Unchanging, safe to share between threads. All readers throw
 * {@link DicomException} when the element has a VR that cannot give the asked kind of value (WRONG_VR) or a value that breaks its VR
 * (INVALID_VALUE, INVALID_UID); an absent or empty element is an empty answer.
 */
public final class DicomObject {

    /** Text above this is refused as TOO_LARGE: no element that we read as text comes near. Unit: bytes. */
    static final int TEXT_BYTES_MAX = 1 << 20;

    /** A header value above this is no header any more, see {@link #header()}. Unit: bytes. */
    private static final int HEADER_VALUE_BYTES_MAX = 64 << 10;

    private static final int UID_LENGTH_MAX = 64;

    private final NavigableMap<Integer, DataElement> elements;
    private final TextEncoding text;

    DicomObject(NavigableMap<Integer, DataElement> elements, TextEncoding text) {
        this.elements = Collections.unmodifiableNavigableMap(elements);
        this.text = text;
    }

    public static DicomObjectBuilder builder() {
        return new DicomObjectBuilder(TextEncoding.ASCII);
    }

    /** A builder that starts with all elements of this data set. */
    public DicomObjectBuilder toBuilder() {
        DicomObjectBuilder builder = new DicomObjectBuilder(text);
        elements.values().forEach(builder::put);
        return builder;
    }

    /** All elements, ascending by tag. */
    public Collection<DataElement> elements() {
        return elements.values();
    }

    public Optional<DataElement> element(int tag) {
        return Optional.ofNullable(elements.get(tag));
    }

    public boolean contains(int tag) {
        return elements.containsKey(tag);
    }

    /** The first value without padding; empty when absent or without a value. */
    public Optional<String> string(int tag) {
        List<String> values = strings(tag);
        return values.isEmpty() || values.getFirst().isEmpty() ? Optional.empty() : Optional.of(values.getFirst());
    }

    /** @throws DicomException MISSING_ELEMENT when absent or without a value */
    public String requiredString(int tag) {
        return string(tag).orElseThrow(() -> missing(tag));
    }

    /** All values without padding, empty ones in between kept as ""; no values at all is an empty list. */
    public List<String> strings(int tag) {
        DataElement.@Nullable Value value = value(tag);
        if (value == null) {
            return List.of();
        }
        if (!value.vr().isText()) {
            throw wrongVr(value);
        }
        if (value.bytes().length() > TEXT_BYTES_MAX) {
            throw new DicomException(
                    Code.TOO_LARGE, Tag.text(tag) + " has more than " + TEXT_BYTES_MAX + " bytes of text");
        }
        TextEncoding encoding = value.vr().kind() == Vr.Kind.LOCAL_TEXT ? text : TextEncoding.ASCII;
        return TextValues.split(encoding.decode(value.bytes()), value.vr());
    }

    /** The first value, a UID whose form was checked (PS3.5 section 9.1); empty when absent or without a value. */
    public Optional<String> uid(int tag) {
        Optional<String> uid = string(tag);
        if (uid.isPresent() && !isUid(uid.get())) {
            throw new DicomException(
                    Code.INVALID_UID,
                    Tag.text(tag) + " is no UID: digits and dots, at most " + UID_LENGTH_MAX + " characters");
        }
        return uid;
    }

    /** @throws DicomException MISSING_ELEMENT when absent or without a value, INVALID_UID when malformed */
    public String requiredUid(int tag) {
        return uid(tag).orElseThrow(() -> missing(tag));
    }

    /** The first value of US, SS, UL, SL, UV, SV, AT or IS. */
    public OptionalInt integer(int tag) {
        long[] values = integers(tag);
        if (values.length == 0) {
            return OptionalInt.empty();
        }
        if ((int) values[0] != values[0]) {
            throw new DicomException(Code.INVALID_VALUE, Tag.text(tag) + " exceeds 32 bits");
        }
        return OptionalInt.of((int) values[0]);
    }

    /** @throws DicomException MISSING_ELEMENT when absent or without a value */
    public int requiredInteger(int tag) {
        return integer(tag).orElseThrow(() -> missing(tag));
    }

    /** All values of US, SS, UL, SL, UV, SV, AT or IS. */
    public long[] integers(int tag) {
        DataElement.@Nullable Value value = value(tag);
        return value == null ? new long[0] : NumberValues.integers(value, this);
    }

    /** The first value of DS, FD, FL or an integer VR; always finite. */
    public OptionalDouble decimal(int tag) {
        double[] values = decimals(tag);
        return values.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(values[0]);
    }

    /** All values of DS, FD, FL or an integer VR; NaN and infinities are INVALID_VALUE. */
    public double[] decimals(int tag) {
        DataElement.@Nullable Value value = value(tag);
        return value == null ? new double[0] : NumberValues.decimals(value, this);
    }

    /** @throws DicomException MISSING_ELEMENT when absent, INVALID_VALUE when there are more or fewer values */
    public double[] requiredDecimals(int tag, int count) {
        double[] values = decimals(tag);
        if (values.length == 0) {
            throw missing(tag);
        }
        if (values.length != count) {
            throw new DicomException(
                    Code.INVALID_VALUE, Tag.text(tag) + " has " + values.length + " values instead of " + count);
        }
        return values;
    }

    /** The items of a sequence; empty when absent. */
    public List<DicomObject> sequence(int tag) {
        return switch (elements.get(tag)) {
            case null -> List.of();
            case DataElement.Sequence sequence -> sequence.items();
            case DataElement.Value value when value.bytes().length() == 0 -> List.of();
            case DataElement.Unreadable unreadable -> throw unreadable(unreadable);
            case DataElement other -> throw wrongVr(other);
        };
    }

    /** The value bytes as they stand, padding included; empty when absent. */
    public Optional<Bytes> bytes(int tag) {
        return Optional.ofNullable(value(tag)).map(DataElement.Value::bytes);
    }

    /**
     * A copy without Pixel Data and without values above 64 KiB, which holds on to none of the bytes that it was read from: what to
     * keep of a slice once its pixels are decoded.
     */
    public DicomObject header() {
        NavigableMap<Integer, DataElement> kept = new TreeMap<>(Integer::compareUnsigned);
        for (DataElement element : elements.values()) {
            switch (element) {
                case DataElement.Value(int tag, Vr vr, Bytes bytes) -> {
                    if (tag != Tag.PIXEL_DATA && bytes.length() <= HEADER_VALUE_BYTES_MAX) {
                        kept.put(tag, new DataElement.Value(tag, vr, bytes.detached()));
                    }
                }
                case DataElement.Sequence(int tag, List<DicomObject> items) -> {
                    List<DicomObject> headers = new ArrayList<>(items.size());
                    items.forEach(item -> headers.add(item.header()));
                    kept.put(tag, new DataElement.Sequence(tag, headers));
                }
                case DataElement.Fragments _ -> {}
                case DataElement.BulkReference reference -> kept.put(reference.tag(), reference);
                case DataElement.Unreadable unreadable -> kept.put(unreadable.tag(), unreadable);
            }
        }
        return new DicomObject(kept, text);
    }

    TextEncoding text() {
        return text;
    }

    /**
     * Whether the text has the form of a UID: components of digits, 64 characters at most. Leading zeros (PS3.5 9.1 forbids them) are
     * tolerated: real devices write them, and an instance is asked for, and referred to, by the UID that it has.
     */
    public static boolean isUid(String text) {
        if (text.isEmpty() || text.length() > UID_LENGTH_MAX || text.endsWith(".")) {
            return false;
        }
        return Arrays.stream(text.split("\\.", -1)).allMatch(DicomObject::isUidComponent);
    }

    private static boolean isUidComponent(String component) {
        return !component.isEmpty() && component.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private DataElement.@Nullable Value value(int tag) {
        return switch (elements.get(tag)) {
            case null -> null;
            case DataElement.Value value -> value.bytes().length() == 0 ? null : value;
            case DataElement.Unreadable unreadable -> throw unreadable(unreadable);
            case DataElement other -> throw wrongVr(other);
        };
    }

    public static DicomException wrongVr(DataElement element) {
        return new DicomException(
                Code.WRONG_VR,
                Tag.text(element.tag()) + " with VR " + element.vr() + " cannot hold what is asked of it");
    }

    private static DicomException unreadable(DataElement.Unreadable element) {
        return new DicomException(Code.INVALID_VALUE, Tag.text(element.tag()) + " " + element.problem());
    }

    public static DicomException missing(int tag) {
        return new DicomException(Code.MISSING_ELEMENT, Tag.text(tag) + " is absent or empty");
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DicomObject that && elements.equals(that.elements);
    }

    @Override
    public int hashCode() {
        return elements.hashCode();
    }

    /** The number of elements only: values may identify a patient. */
    @Override
    public String toString() {
        return elements.size() + " elements";
    }
}
