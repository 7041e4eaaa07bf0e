package io.bloodnet.imaging.dicom;

import io.bloodnet.imaging.dicom.DicomException.Code;
import java.io.ByteArrayOutputStream;
import java.util.zip.Deflater;

/**
 * Writes Part 10 files: the same file always gives the same bytes, with a zeroed preamble, a group length for group 0002 only, and
 * sequences of stated lengths. Without state, safe to share between threads.
 */
public final class DicomWriter {

    private static final int SHORT_LENGTH_MAX = 0xFFFE;

    private DicomWriter() {}

    /**
     * The file in the transfer syntax that its meta information names. Pixels are written as they are: frames are not transcoded.
     *
     * @throws DicomException when an element does not fit the transfer syntax
     */
    public static byte[] write(DicomFile file) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[128]);
        out.writeBytes(new byte[] {'D', 'I', 'C', 'M'});
        DicomObject meta = file.meta().toBuilder()
                .remove(Tag.FILE_META_INFORMATION_GROUP_LENGTH)
                .build();
        byte[] metaBytes = dataSet(meta, true);
        byte[] groupLength = dataSet(
                DicomObject.builder()
                        .integer(Tag.FILE_META_INFORMATION_GROUP_LENGTH, Vr.UL, metaBytes.length)
                        .build(),
                true);
        out.writeBytes(groupLength);
        out.writeBytes(metaBytes);
        String transferSyntax = file.transferSyntaxUid();
        if (transferSyntax.equals(TransferSyntax.EXPLICIT_VR_BE)) {
            throw new DicomException(Code.UNSUPPORTED_TRANSFER_SYNTAX, "Explicit VR Big Endian is read, not written");
        }
        byte[] body = dataSet(file.dataSet(), !transferSyntax.equals(TransferSyntax.IMPLICIT_VR_LE));
        out.writeBytes(transferSyntax.equals(TransferSyntax.DEFLATED_EXPLICIT_VR_LE) ? deflate(body) : body);
        return out.toByteArray();
    }

    private static byte[] dataSet(DicomObject object, boolean explicit) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (DataElement element : object.elements()) {
            switch (element) {
                case DataElement.Value(int tag, Vr vr, Bytes bytes) -> {
                    int padding = bytes.length() & 1;
                    header(out, tag, vr, bytes.length() + padding, explicit);
                    out.write(bytes.array(), bytes.offset(), bytes.length());
                    if (padding == 1) {
                        out.write(vr.padding());
                    }
                }
                case DataElement.Sequence(int tag, var items) -> {
                    ByteArrayOutputStream content = new ByteArrayOutputStream();
                    for (DicomObject item : items) {
                        byte[] bytes = dataSet(item, explicit);
                        tagAndLength(content, Tag.ITEM, bytes.length);
                        content.writeBytes(bytes);
                    }
                    header(out, tag, Vr.SQ, content.size(), explicit);
                    out.writeBytes(content.toByteArray());
                }
                case DataElement.Fragments fragments -> fragments(out, fragments, explicit);
                case DataElement.BulkReference reference ->
                    throw new DicomException(
                            Code.MISSING_ELEMENT,
                            Tag.text(reference.tag()) + " is only a reference, its bytes are elsewhere");
                case DataElement.Unreadable unreadable ->
                    throw new DicomException(
                            Code.INVALID_VALUE, Tag.text(unreadable.tag()) + " " + unreadable.problem());
            }
        }
        return out.toByteArray();
    }

    private static void fragments(ByteArrayOutputStream out, DataElement.Fragments pixels, boolean explicit) {
        if (!explicit) {
            throw new DicomException(
                    Code.INVALID_STRUCTURE, Tag.text(pixels.tag()) + " cannot be encapsulated in Implicit VR");
        }
        header(out, pixels.tag(), pixels.vr(), -1, true);
        fragment(out, pixels.offsetTable());
        pixels.fragments().forEach(bytes -> fragment(out, bytes));
        tagAndLength(out, Tag.SEQUENCE_DELIMITATION, 0);
    }

    private static void fragment(ByteArrayOutputStream out, Bytes bytes) {
        int padding = bytes.length() & 1;
        tagAndLength(out, Tag.ITEM, bytes.length() + padding);
        out.write(bytes.array(), bytes.offset(), bytes.length());
        if (padding == 1) {
            out.write(0);
        }
    }

    private static void header(ByteArrayOutputStream out, int tag, Vr vr, int length, boolean explicit) {
        if (!explicit) {
            tagAndLength(out, tag, length);
            return;
        }
        int16(out, Tag.group(tag));
        int16(out, tag);
        out.write(vr.name().charAt(0));
        out.write(vr.name().charAt(1));
        if (vr.hasLongLength()) {
            int16(out, 0);
            int32(out, length);
        } else if (length <= SHORT_LENGTH_MAX) {
            int16(out, length);
        } else {
            throw new DicomException(
                    Code.TOO_LARGE, Tag.text(tag) + " with VR " + vr + " has more than " + SHORT_LENGTH_MAX + " bytes");
        }
    }

    private static void tagAndLength(ByteArrayOutputStream out, int tag, int length) {
        int16(out, Tag.group(tag));
        int16(out, tag);
        int32(out, length);
    }

    private static void int16(ByteArrayOutputStream out, int value) {
        out.write(value);
        out.write(value >>> 8);
    }

    private static void int32(ByteArrayOutputStream out, int value) {
        int16(out, value);
        int16(out, value >>> 16);
    }

    private static byte[] deflate(byte[] bytes) {
        Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
        try {
            deflater.setInput(bytes);
            deflater.finish();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            byte[] step = new byte[64 << 10];
            while (!deflater.finished()) {
                out.write(step, 0, deflater.deflate(step));
            }
            if ((out.size() & 1) == 1) {
                out.write(0);
            }
            return out.toByteArray();
        } finally {
            deflater.end();
        }
    }
}
