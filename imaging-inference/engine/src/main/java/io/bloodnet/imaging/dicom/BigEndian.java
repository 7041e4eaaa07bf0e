package io.bloodnet.imaging.dicom;

import io.bloodnet.imaging.dicom.DicomException.Code;

/**
 * Turns a data set in Explicit VR Big Endian (PS3.5 section 7.3, retired; old archives still hold it) into Explicit VR Little Endian of the
 * same length, so that everything behind it knows one byte order. Every length is held against what is left. Used by one thread.
 */
final class BigEndian {

    private static final int UNDEFINED_LENGTH = 0xFFFF_FFFF;

    private final byte[] bytes;
    private final DicomLimits limits;
    private int position;

    private BigEndian(byte[] bytes, DicomLimits limits) {
        this.bytes = bytes;
        this.limits = limits;
    }

    /**
     * A copy of what stands behind {@code from}, in little endian.
     *
     * @throws DicomException TRUNCATED, INVALID_STRUCTURE or TOO_DEEP
     */
    static byte[] toLittleEndian(byte[] file, int from, DicomLimits limits) {
        byte[] copy = new byte[file.length - from];
        System.arraycopy(file, from, copy, 0, copy.length);
        new BigEndian(copy, limits).elements(copy.length, false, 0);
        return copy;
    }

    /** Elements up to an end, or up to the delimiter of the item that holds them. */
    private void elements(int end, boolean untilDelimiter, int depth) {
        while (position < end || untilDelimiter) {
            int tag = tag(end);
            if (untilDelimiter && tag == Tag.ITEM_DELIMITATION) {
                int32(end);
                return;
            }
            element(tag, end, depth);
        }
    }

    private void element(int tag, int end, int depth) {
        require(2, end);
        Vr vr = Vr.of(bytes[position], bytes[position + 1]);
        if (vr == null) {
            throw new DicomException(
                    Code.INVALID_STRUCTURE, Tag.text(tag) + " at byte " + position + " has no known VR");
        }
        position += 2;
        int length;
        if (vr.hasLongLength()) {
            require(2, end);
            position += 2;
            length = int32(end);
        } else {
            length = int16(end);
        }
        if (vr == Vr.SQ || length == UNDEFINED_LENGTH) {
            sequence(tag, length, end, depth + 1);
            return;
        }
        require(Integer.toUnsignedLong(length), end);
        swapValue(unit(tag, vr), length);
    }

    private void sequence(int tag, int length, int end, int depth) {
        if (depth > limits.maxDepth()) {
            throw new DicomException(
                    Code.TOO_DEEP, Tag.text(tag) + " is nested deeper than " + limits.maxDepth() + " sequences");
        }
        boolean untilDelimiter = length == UNDEFINED_LENGTH;
        if (!untilDelimiter) {
            require(Integer.toUnsignedLong(length), end);
        }
        int sequenceEnd = untilDelimiter ? end : position + length;
        while (position < sequenceEnd || untilDelimiter) {
            int itemTag = tag(sequenceEnd);
            int itemLength = int32(sequenceEnd);
            if (untilDelimiter && itemTag == Tag.SEQUENCE_DELIMITATION) {
                return;
            }
            if (itemTag != Tag.ITEM) {
                throw new DicomException(
                        Code.INVALID_STRUCTURE,
                        Tag.text(tag) + " at byte " + position + " holds something else than items");
            }
            if (itemLength == UNDEFINED_LENGTH) {
                elements(sequenceEnd, true, depth);
            } else {
                require(Integer.toUnsignedLong(itemLength), sequenceEnd);
                elements(position + itemLength, false, depth);
            }
        }
    }

    /** Bytes of one number; 1 for texts and bytes. */
    private static int unit(int tag, Vr vr) {
        return switch (vr) {
            case US, SS, OW, AT -> 2;
            case UL, SL, FL, OF, OL -> 4;
            case FD, OD, SV, UV, OV -> 8;
            case AE, AS, CS, DA, DS, DT, IS, LO, LT, OB, PN, SH, SQ, ST, TM, UC, UI, UN, UR, UT -> 1;
        };
    }

    private void swapValue(int unit, int length) {
        for (int at = position; unit > 1 && at + unit <= position + length; at += unit) {
            swap(at, unit);
        }
        position += length;
    }

    private void swap(int at, int count) {
        for (int i = 0; i < count / 2; i++) {
            byte first = bytes[at + i];
            bytes[at + i] = bytes[at + count - 1 - i];
            bytes[at + count - 1 - i] = first;
        }
    }

    private int tag(int end) {
        int group = int16(end);
        return group << 16 | int16(end);
    }

    private int int16(int end) {
        require(2, end);
        int value = (bytes[position] & 0xFF) << 8 | bytes[position + 1] & 0xFF;
        swap(position, 2);
        position += 2;
        return value;
    }

    private int int32(int end) {
        require(4, end);
        int value = (bytes[position] & 0xFF) << 24
                | (bytes[position + 1] & 0xFF) << 16
                | (bytes[position + 2] & 0xFF) << 8
                | bytes[position + 3] & 0xFF;
        swap(position, 4);
        position += 4;
        return value;
    }

    private void require(long length, int end) {
        if (length > end - position) {
            throw new DicomException(
                    Code.TRUNCATED,
                    "big endian data set: byte " + position + " needs " + length + " bytes, " + (end - position)
                            + " are left");
        }
    }
}
