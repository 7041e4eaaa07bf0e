package io.bloodnet.imaging.dicom;

import io.bloodnet.imaging.dicom.DicomException.Code;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes a {@link DicomObject}; a tag set twice keeps its last value. Not for sharing between threads. Set Specific Character Set
 * before any text that needs it; without it texts are ASCII.
 */
public final class DicomObjectBuilder {

    private final NavigableMap<Integer, DataElement> elements = new TreeMap<>(Integer::compareUnsigned);
    private TextEncoding text;

    public DicomObjectBuilder(TextEncoding inherited) {
        this.text = inherited;
    }

    /** The element as it is, for copying from another data set. */
    public DicomObjectBuilder put(DataElement element) {
        elements.put(element.tag(), element);
        if (element.tag() == Tag.SPECIFIC_CHARACTER_SET && element instanceof DataElement.Value value) {
            text = TextEncoding.of(TextValues.split(TextEncoding.ASCII.decode(value.bytes()), Vr.CS));
        }
        return this;
    }

    /** Copies the element when the source has it, else does nothing. Nested data sets keep their own character set. */
    public DicomObjectBuilder copy(DicomObject source, int tag) {
        source.element(tag).ifPresent(this::put);
        return this;
    }

    public DicomObjectBuilder remove(int tag) {
        elements.remove(tag);
        return this;
    }

    /** An element without a value (type 2). */
    public DicomObjectBuilder empty(int tag, Vr vr) {
        return vr == Vr.SQ ? sequence(tag, List.of()) : bytes(tag, vr, new byte[0]);
    }

    /**
     * Texts of any text VR, joined by backslashes.
     *
     * @throws DicomException INVALID_VALUE when a value is longer than its VR allows or has characters outside of the character set
     */
    public DicomObjectBuilder string(int tag, Vr vr, String... values) {
        if (!vr.isText()) {
            throw new IllegalArgumentException(Tag.text(tag) + ": " + vr + " is no text VR");
        }
        for (String value : values) {
            if (value.length() > vr.size()) {
                throw new DicomException(
                        Code.INVALID_VALUE, Tag.text(tag) + " is longer than " + vr.size() + " characters");
            }
            if (!vr.isSingleText() && value.indexOf('\\') >= 0) {
                throw new DicomException(Code.INVALID_VALUE, Tag.text(tag) + " holds a backslash");
            }
        }
        TextEncoding encoding = vr.kind() == Vr.Kind.LOCAL_TEXT ? text : TextEncoding.ASCII;
        return bytes(tag, vr, encoding.encode(String.join("\\", values), tag));
    }

    /** Integers of US, SS, UL, SL, UV, SV, AT or IS. */
    public DicomObjectBuilder integer(int tag, Vr vr, long... values) {
        if (vr == Vr.IS) {
            return string(
                    tag, vr, Arrays.stream(values).mapToObj(Long::toString).toArray(String[]::new));
        }
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, vr.size()))
                .order(ByteOrder.LITTLE_ENDIAN);
        for (long value : values) {
            putInteger(bytes, tag, vr, value);
        }
        return bytes(tag, vr, bytes.array());
    }

    /** Decimals of DS (rounded to what its 16 characters can hold), FD or FL. */
    public DicomObjectBuilder decimal(int tag, Vr vr, double... values) {
        if (vr == Vr.DS) {
            return string(
                    tag,
                    vr,
                    Arrays.stream(values)
                            .mapToObj(value -> NumberValues.decimalString(tag, value))
                            .toArray(String[]::new));
        }
        if (vr != Vr.FD && vr != Vr.FL) {
            throw new IllegalArgumentException(Tag.text(tag) + ": " + vr + " holds no decimals");
        }
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, vr.size()))
                .order(ByteOrder.LITTLE_ENDIAN);
        for (double value : values) {
            if (vr == Vr.FD) {
                bytes.putDouble(value);
            } else {
                bytes.putFloat((float) value);
            }
        }
        return bytes(tag, vr, bytes.array());
    }

    /** Value bytes in little endian; the array is copied. */
    public DicomObjectBuilder bytes(int tag, Vr vr, byte[] value) {
        return put(new DataElement.Value(tag, vr, Bytes.copyOf(value)));
    }

    /** 16-bit words as OW, the usual form of Pixel Data. */
    public DicomObjectBuilder words(int tag, short[] words) {
        ByteBuffer bytes =
                ByteBuffer.allocate(Math.multiplyExact(words.length, 2)).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asShortBuffer().put(words);
        return put(new DataElement.Value(tag, Vr.OW, Bytes.view(bytes.array(), 0, bytes.capacity())));
    }

    public DicomObjectBuilder sequence(int tag, List<DicomObject> items) {
        return put(new DataElement.Sequence(tag, items));
    }

    public DicomObjectBuilder sequence(int tag, DicomObject... items) {
        return sequence(tag, List.of(items));
    }

    public DicomObject build() {
        return new DicomObject(new TreeMap<>(elements), text);
    }

    @Nullable
    DataElement get(int tag) {
        return elements.get(tag);
    }

    TextEncoding text() {
        return text;
    }

    private static void putInteger(ByteBuffer bytes, int tag, Vr vr, long value) {
        boolean fits = switch (vr) {
            case US -> value == (value & 0xFFFF);
            case SS -> value == (short) value;
            case UL, AT -> value == (value & 0xFFFF_FFFFL);
            case SL -> value == (int) value;
            case UV, SV -> true;
            case AE, AS, CS, DA, DS, DT, FD, FL, IS, LO, LT, OB, OD, OF, OL, OV, OW, PN, SH, SQ, ST, TM, UC, UI, UN ->
                throw new IllegalArgumentException(Tag.text(tag) + ": " + vr + " holds no integers");
            case UR, UT -> throw new IllegalArgumentException(Tag.text(tag) + ": " + vr + " holds no integers");
        };
        if (!fits) {
            throw new DicomException(Code.INVALID_VALUE, Tag.text(tag) + " does not fit into " + vr);
        }
        if (vr == Vr.AT) {
            bytes.putShort((short) (value >>> 16)).putShort((short) value);
        } else if (vr.size() == 2) {
            bytes.putShort((short) value);
        } else if (vr.size() == 4) {
            bytes.putInt((int) value);
        } else {
            bytes.putLong(value);
        }
    }
}
