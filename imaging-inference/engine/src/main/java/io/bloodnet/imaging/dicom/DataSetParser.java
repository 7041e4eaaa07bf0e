package io.bloodnet.imaging.dicom;

import io.bloodnet.imaging.dicom.DicomException.Code;
import java.util.ArrayList;
import java.util.List;

/**
 * Little-endian data sets out of a byte array (PS3.5 section 7). Values are views: nothing is allocated by a length that the input
 * states, and every such length is compared with what is left of its container first.
 */
final class DataSetParser {

    private static final int UNDEFINED_LENGTH = 0xFFFF_FFFF;
    private static final int META_GROUP = 0x0002;
    private static final int DELIMITER_GROUP = 0xFFFE;

    private final byte[] input;
    private final DicomLimits limits;
    private int position;
    private int elementCount;

    DataSetParser(byte[] input, int position, DicomLimits limits) {
        this.input = input;
        this.position = position;
        this.limits = limits;
    }

    int position() {
        return position;
    }

    /** Group 0002, always Explicit VR Little Endian, up to the first tag of another group (PS3.10 section 7.1). */
    DicomObject parseMeta() {
        DicomObjectBuilder meta = new DicomObjectBuilder(TextEncoding.ASCII);
        while (input.length - position >= 2 && unsignedShort(position) == META_GROUP) {
            add(meta, element(tag(input.length), input.length, true, meta, 0));
        }
        return meta.build();
    }

    /** The rest of the input. */
    DicomObject parseDataSet(boolean explicit) {
        DicomObjectBuilder dataSet = new DicomObjectBuilder(TextEncoding.ASCII);
        while (position < input.length && !onlyZerosFollow()) {
            int tag = tag(input.length);
            requireDataSetTag(tag);
            add(dataSet, element(tag, input.length, explicit, dataSet, 0));
        }
        return dataSet.build();
    }

    private DataElement element(int tag, int end, boolean explicit, DicomObjectBuilder owner, int depth) {
        countElement();
        Vr vr;
        int length;
        if (explicit) {
            vr = explicitVr(tag, end);
            if (vr.hasLongLength()) {
                require(2, end, tag);
                position += 2;
                length = int32(end, tag);
            } else {
                require(2, end, tag);
                length = unsignedShort(position);
                position += 2;
            }
        } else {
            vr = Dictionary.vrOf(tag);
            length = int32(end, tag);
        }
        if (length == UNDEFINED_LENGTH) {
            return undefinedLength(tag, vr, end, explicit, owner, depth);
        }
        require(Integer.toUnsignedLong(length), end, tag);
        // PS3.5 section 6.2.2: UN of a known tag is that tag's VR, and a sequence within it is in Implicit VR.
        boolean unknown = vr == Vr.UN;
        Vr known = unknown ? Dictionary.vrOf(tag) : vr;
        if (known == Vr.SQ) {
            return sequence(tag, position + length, false, explicit && !unknown, owner, depth);
        }
        DataElement value =
                new DataElement.Value(tag, withSign(tag, known, owner), Bytes.view(input, position, length));
        position += length;
        return value;
    }

    private DataElement undefinedLength(
            int tag, Vr vr, int end, boolean explicit, DicomObjectBuilder owner, int depth) {
        return switch (vr) {
            case SQ -> sequence(tag, end, true, explicit, owner, depth);
            case UN -> sequence(tag, end, true, false, owner, depth);
            case OB, OW -> {
                if (tag != Tag.PIXEL_DATA || !explicit) {
                    throw structure(tag, "may not have an undefined length");
                }
                yield fragments(tag, vr, end);
            }
            case AE, AS, AT, CS, DA, DS, DT, FD, FL, IS, LO, LT, OD, OF, OL, OV, PN, SH, SL, SS, ST, SV, TM, UC, UI ->
                throw structure(tag, "may not have an undefined length");
            case UL, UR, US, UT, UV -> throw structure(tag, "may not have an undefined length");
        };
    }

    private DataElement.Sequence sequence(
            int tag, int end, boolean untilDelimiter, boolean explicit, DicomObjectBuilder owner, int depth) {
        if (depth >= limits.maxDepth()) {
            throw new DicomException(
                    Code.TOO_DEEP, Tag.text(tag) + " is nested deeper than " + limits.maxDepth() + " sequences");
        }
        List<DicomObject> items = new ArrayList<>();
        while (untilDelimiter || position < end) {
            int itemTag = tag(end);
            int length = int32(end, itemTag);
            if (itemTag == Tag.SEQUENCE_DELIMITATION && untilDelimiter) {
                return new DataElement.Sequence(tag, items);
            }
            if (itemTag != Tag.ITEM) {
                throw structure(tag, "holds something else than items");
            }
            countElement();
            items.add(item(tag, end, length, explicit, owner.text(), depth + 1));
        }
        return new DataElement.Sequence(tag, items);
    }

    private DicomObject item(int sequence, int end, int length, boolean explicit, TextEncoding inherited, int depth) {
        boolean untilDelimiter = length == UNDEFINED_LENGTH;
        if (!untilDelimiter) {
            require(Integer.toUnsignedLong(length), end, sequence);
        }
        int itemEnd = untilDelimiter ? end : position + length;
        DicomObjectBuilder item = new DicomObjectBuilder(inherited);
        while (untilDelimiter || position < itemEnd) {
            int tag = tag(itemEnd);
            if (tag == Tag.ITEM_DELIMITATION && untilDelimiter) {
                int32(itemEnd, tag);
                return item.build();
            }
            requireDataSetTag(tag);
            add(item, element(tag, itemEnd, explicit, item, depth));
        }
        return item.build();
    }

    /** Encapsulated Pixel Data: an offset table, fragments, a delimiter (PS3.5 section A.4). */
    private DataElement.Fragments fragments(int tag, Vr vr, int end) {
        List<Bytes> fragments = new ArrayList<>();
        while (fragments.isEmpty() || position == input.length || !onlyZerosFollow()) {
            int itemTag = tag(end);
            int length = int32(end, itemTag);
            if (itemTag == Tag.SEQUENCE_DELIMITATION) {
                break;
            }
            if (itemTag != Tag.ITEM || length == UNDEFINED_LENGTH) {
                throw structure(tag, "holds something else than fragments of a stated length");
            }
            countElement();
            require(Integer.toUnsignedLong(length), end, tag);
            fragments.add(Bytes.view(input, position, length));
            position += length;
        }
        if (fragments.isEmpty()) {
            throw structure(tag, "lacks the offset table");
        }
        return new DataElement.Fragments(tag, vr, fragments.getFirst(), fragments.subList(1, fragments.size()));
    }

    private Vr explicitVr(int tag, int end) {
        require(2, end, tag);
        Vr vr = Vr.of(input[position], input[position + 1]);
        if (vr == null) {
            throw structure(tag, "has no known VR, the transfer syntax may be another than stated");
        }
        position += 2;
        return vr;
    }

    /** Pixel padding has the sign of the pixels (PS3.3 C.7.5.1.1.2), which Implicit VR does not show. */
    private static Vr withSign(int tag, Vr vr, DicomObjectBuilder owner) {
        boolean padding = tag == Tag.PIXEL_PADDING_VALUE || tag == Tag.PIXEL_PADDING_RANGE_LIMIT;
        if (padding
                && vr == Vr.US
                && owner.get(Tag.PIXEL_REPRESENTATION) instanceof DataElement.Value(int _, Vr _, Bytes signed)
                && signed.length() > 0
                && signed.at(0) == 1) {
            return Vr.SS;
        }
        return vr;
    }

    private void add(DicomObjectBuilder owner, DataElement element) {
        if (owner.get(element.tag()) != null) {
            throw new DicomException(
                    Code.DUPLICATE_ELEMENT, Tag.text(element.tag()) + " appears twice in one data set");
        }
        owner.put(element);
    }

    private void requireDataSetTag(int tag) {
        int group = Tag.group(tag);
        if (group <= META_GROUP || group == DELIMITER_GROUP) {
            throw structure(tag, "does not belong into a data set");
        }
    }

    /** Storage media fill their last block with zeros, and writers cut the last delimiter: nothing is lost by stopping there. */
    private boolean onlyZerosFollow() {
        for (int at = position; at < input.length; at++) {
            if (input[at] != 0) {
                return false;
            }
        }
        return true;
    }

    private void countElement() {
        if (++elementCount > limits.maxElements()) {
            throw new DicomException(Code.TOO_MANY_ELEMENTS, "more than " + limits.maxElements() + " elements");
        }
    }

    private int tag(int end) {
        require(4, end, 0);
        int tag = unsignedShort(position) << 16 | unsignedShort(position + 2);
        position += 4;
        return tag;
    }

    private int int32(int end, int tag) {
        require(4, end, tag);
        int value = unsignedShort(position) | unsignedShort(position + 2) << 16;
        position += 4;
        return value;
    }

    private int unsignedShort(int at) {
        return input[at] & 0xFF | (input[at + 1] & 0xFF) << 8;
    }

    private void require(long length, int end, int tag) {
        if (length > end - position) {
            throw new DicomException(
                    Code.TRUNCATED,
                    Tag.text(tag) + " at byte " + position + " needs " + length + " bytes, " + (end - position)
                            + " are left");
        }
    }

    private DicomException structure(int tag, String problem) {
        return new DicomException(Code.INVALID_STRUCTURE, Tag.text(tag) + " at byte " + position + " " + problem);
    }
}
