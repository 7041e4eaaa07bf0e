package io.bloodnet.imaging.dicom;

/**
 * Data sets without preamble and file meta information, as older archives and raw captures of network traffic leave them (no Part 10 files,
 * but often slices like their neighbours). They begin with an element of group 0008, in Implicit or Explicit VR Little Endian.
 */
final class BareDataSet {

    private static final int FIRST_GROUP = 0x0008;

    /** No first element of a data set is longer: a character set, a date, an image type or a group length. Unit: bytes. */
    private static final int FIRST_LENGTH_MAX = 256;

    private static final int ELEMENT_HEADER_BYTES = 8;

    private BareDataSet() {}

    /** Whether the first two elements read as such a data set; text and other files do not get so far. */
    static boolean startsLikeOne(byte[] bytes) {
        int length = firstLength(bytes, isExplicit(bytes));
        int next = ELEMENT_HEADER_BYTES + length;
        return length >= 0
                && bytes.length - next >= ELEMENT_HEADER_BYTES
                && int16(bytes, next) == FIRST_GROUP
                && int16(bytes, next + 2) > int16(bytes, 2);
    }

    /** @throws DicomException NOT_DICOM when it names no instance */
    static DicomFile read(byte[] bytes, DicomLimits limits) {
        boolean explicit = isExplicit(bytes);
        DicomObject dataSet = new DataSetParser(bytes, 0, limits).parseDataSet(explicit);
        if (!dataSet.contains(Tag.SOP_CLASS_UID) || !dataSet.contains(Tag.SOP_INSTANCE_UID)) {
            throw new DicomException(DicomException.Code.NOT_DICOM, "a bare data set that names no instance");
        }
        return DicomFile.of(dataSet, explicit ? TransferSyntax.EXPLICIT_VR_LE : TransferSyntax.IMPLICIT_VR_LE);
    }

    private static boolean isExplicit(byte[] bytes) {
        return bytes.length >= ELEMENT_HEADER_BYTES && Vr.of(bytes[4], bytes[5]) != null;
    }

    /** Length of the first value, -1 when it cannot be one. */
    private static int firstLength(byte[] bytes, boolean explicit) {
        if (bytes.length < ELEMENT_HEADER_BYTES || int16(bytes, 0) != FIRST_GROUP) {
            return -1;
        }
        int length = explicit ? int16(bytes, 6) : int16(bytes, 4) | int16(bytes, 6) << 16;
        return length >= 0 && length <= FIRST_LENGTH_MAX && (length & 1) == 0 ? length : -1;
    }

    private static int int16(byte[] bytes, int at) {
        return bytes[at] & 0xFF | (bytes[at + 1] & 0xFF) << 8;
    }
}
