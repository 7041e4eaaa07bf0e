package io.bloodnet.imaging.dicom;

import io.bloodnet.imaging.dicom.DicomException.Code;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Reads Part 10 files (PS3.10 section 7). Without state, safe to share between threads. */
public final class DicomReader {

    private static final int PREAMBLE_BYTES = 128;

    /** Shorter than the shortest instance that names itself. */
    private static final int BARE_BYTES_MIN = 64;

    private static final int INFLATE_STEP_BYTES = 64 << 10;

    private final DicomLimits limits;

    public DicomReader(DicomLimits limits) {
        this.limits = limits;
    }

    /**
     * One whole file. The stream is not closed.
     *
     * @throws DicomException when the bytes are no DICOM within the limits
     * @throws IOException from the stream
     */
    public DicomFile read(InputStream input) throws IOException {
        byte[] bytes = input.readNBytes(limits.maxInstanceBytes() + 1);
        return read(bytes);
    }

    /**
     * One whole file. The answer's values are views into the array, which must not change any more.
     *
     * @throws DicomException when the bytes are no DICOM within the limits
     */
    public DicomFile read(byte[] bytes) {
        if (bytes.length > limits.maxInstanceBytes()) {
            throw new DicomException(Code.TOO_LARGE, "instance of more than " + limits.maxInstanceBytes() + " bytes");
        }
        if (isBareDataSet(bytes)) {
            return readBareDataSet(bytes);
        }
        DataSetParser parser = new DataSetParser(bytes, metaStart(bytes), limits);
        DicomObject meta = parser.parseMeta();
        String transferSyntax = meta.requiredUid(Tag.TRANSFER_SYNTAX_UID);
        DicomObject dataSet = switch (transferSyntax) {
            case TransferSyntax.IMPLICIT_VR_LE -> parser.parseDataSet(false);
            case TransferSyntax.DEFLATED_EXPLICIT_VR_LE ->
                new DataSetParser(inflate(bytes, parser.position()), 0, limits).parseDataSet(true);
            case TransferSyntax.EXPLICIT_VR_BE ->
                new DataSetParser(BigEndian.toLittleEndian(bytes, parser.position(), limits), 0, limits)
                        .parseDataSet(true);
            // PS3.5 section A.4: every encapsulated transfer syntax has an Explicit VR Little Endian data set.
            default -> parser.parseDataSet(true);
        };
        requireSame(meta, Tag.MEDIA_STORAGE_SOP_CLASS_UID, dataSet, Tag.SOP_CLASS_UID);
        // The instance's own UID counts: scripts that take identities away forget the one in the meta information.
        return new DicomFile(meta, dataSet);
    }

    /** Old exports write the data set alone, without preamble and meta information (ACR-NEMA): it starts with group 0008. */
    private static boolean isBareDataSet(byte[] bytes) {
        return !matches(bytes, PREAMBLE_BYTES, 'D', 'I', 'C', 'M')
                && matches(bytes, 0, 8, 0)
                && bytes.length > BARE_BYTES_MIN
                && bytes[3] == 0;
    }

    /**
     * In one of the two transfer syntaxes that such files have: little endian, implicit or explicit VR, not compressed.
     *
     * @throws DicomException NOT_DICOM when nothing says that it is an instance
     */
    private DicomFile readBareDataSet(byte[] bytes) {
        boolean explicit = Vr.of(bytes[4], bytes[5]) != null;
        DicomObject dataSet = new DataSetParser(bytes, 0, limits).parseDataSet(explicit);
        if (!dataSet.contains(Tag.SOP_CLASS_UID) || !dataSet.contains(Tag.SOP_INSTANCE_UID)) {
            throw new DicomException(Code.NOT_DICOM, "a data set that names no instance");
        }
        return DicomFile.of(dataSet, explicit ? TransferSyntax.EXPLICIT_VR_LE : TransferSyntax.IMPLICIT_VR_LE);
    }

    /** The preamble's own bytes are never looked at or passed on: they may be an executable. */
    private static int metaStart(byte[] bytes) {
        if (matches(bytes, PREAMBLE_BYTES, 'D', 'I', 'C', 'M')) {
            return PREAMBLE_BYTES + 4;
        }
        // A file without preamble is taken only when it starts with group 0002 and a VR that group has.
        if (matches(bytes, 0, 2, 0)
                && (matches(bytes, 4, 'U', 'L') || matches(bytes, 4, 'O', 'B') || matches(bytes, 4, 'U', 'I'))) {
            return 0;
        }
        throw new DicomException(Code.NOT_DICOM, "neither the prefix DICM at byte 128 nor file meta information");
    }

    private static boolean matches(byte[] bytes, int at, int... expected) {
        if (bytes.length - at < expected.length) {
            return false;
        }
        for (int i = 0; i < expected.length; i++) {
            if (bytes[at + i] != expected[i]) {
                return false;
            }
        }
        return true;
    }

    /** PS3.5 section A.5: the data set as one raw deflate stream, without zlib header. */
    private byte[] inflate(byte[] bytes, int from) {
        Inflater inflater = new Inflater(true);
        try {
            inflater.setInput(bytes, from, bytes.length - from);
            ByteArrayOutputStream inflated = new ByteArrayOutputStream();
            byte[] step = new byte[INFLATE_STEP_BYTES];
            while (!inflater.finished()) {
                int count = inflater.inflate(step);
                if (count == 0 && !inflater.finished()) {
                    throw new DicomException(Code.TRUNCATED, "deflated data set ends early");
                }
                if (count > limits.maxInflatedBytes() - inflated.size()) {
                    throw new DicomException(
                            Code.TOO_LARGE, "deflated data set of more than " + limits.maxInflatedBytes() + " bytes");
                }
                inflated.write(step, 0, count);
            }
            return inflated.toByteArray();
        } catch (DataFormatException e) {
            throw new DicomException(Code.CORRUPT_COMPRESSION, "data set is no deflate stream", e);
        } finally {
            inflater.end();
        }
    }

    private static void requireSame(DicomObject meta, int metaTag, DicomObject dataSet, int tag) {
        Optional<String> stated = meta.uid(metaTag);
        Optional<String> actual = dataSet.uid(tag);
        if (stated.isPresent() && actual.isPresent() && !stated.equals(actual)) {
            throw new DicomException(
                    Code.INCONSISTENT,
                    Tag.text(metaTag) + " and " + Tag.text(tag) + " name different kinds of objects");
        }
    }
}
