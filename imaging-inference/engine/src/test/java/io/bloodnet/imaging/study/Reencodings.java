package io.bloodnet.imaging.study;

import io.bloodnet.imaging.codec.Codecs;
import io.bloodnet.imaging.dicom.DicomFile;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.DicomObjectBuilder;
import io.bloodnet.imaging.dicom.DicomWriter;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.dicom.TransferSyntax;
import io.bloodnet.imaging.dicom.Vr;
import io.bloodnet.imaging.head.HuTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;

/** Ways to store one and the same series, all of them legal and seen in the field: a finding must not depend on which it is. */
final class Reencodings {

    /** One slice as a file. */
    interface Form {
        byte[] file(HuSlice slice);
    }

    /** Bytes of the preamble and the prefix. */
    private static final int PREAMBLE = 132;

    private final Map<String, Form> forms = new LinkedHashMap<>();

    private Reencodings() {}

    /** By name. */
    static Map<String, Form> all() {
        Reencodings reencodings = new Reencodings();
        reencodings.orientations();
        reencodings.numbers();
        reencodings.pixelFormats();
        reencodings.transferSyntaxes();
        reencodings.headers();
        reencodings.files();
        return reencodings.forms;
    }

    private void orientations() {
        for (int bits = 1; bits < 8; bits++) {
            boolean transposed = (bits & 4) != 0;
            boolean rows = (bits & 2) != 0;
            boolean columns = (bits & 1) != 0;
            String name = (transposed ? "rows along x" : "rows along y")
                    + (rows ? ", rows reversed" : "")
                    + (columns ? ", columns reversed" : "");
            forms.put(name, slice -> slice.turned(transposed, rows, columns).plain());
        }
        forms.put(
                "each slice with other signs",
                slice -> slice.turned(false, slice.index() % 2 == 1, slice.index() % 3 == 1)
                        .plain());
    }

    private void numbers() {
        form("without instance numbers", (_, header) -> header.remove(Tag.INSTANCE_NUMBER));
        form(
                "instance numbers from head to feet",
                (slice, header) -> header.integer(Tag.INSTANCE_NUMBER, Vr.IS, 1000 - slice.index()));
        form("one instance number for all", (_, header) -> header.integer(Tag.INSTANCE_NUMBER, Vr.IS, 1));
        form(
                "instance numbers at random",
                (slice, header) ->
                        header.integer(Tag.INSTANCE_NUMBER, Vr.IS, new Random(slice.index()).nextInt(1, 100_000)));
    }

    private void pixelFormats() {
        pixels("HU as signed values", true, 16, 1, 0, hu -> hu);
        pixels("13 signed bits", true, 13, 1, 0, hu -> hu);
        pixels("signed with an intercept", true, 16, 1, -1024, hu -> hu + 1024);
        pixels("12 bits", false, 12, 1, -1024, hu -> Math.min(hu, 3071) + 1024);
        pixels("12 bits with an overlay above them", false, 12, 1, -1024, hu -> hu + 1024 | 0xA000);
        pixels("slope one half", false, 16, 0.5, -1024, hu -> 2 * (hu + 1024));
        pixels("a falling slope", false, 12, -1, 3071, hu -> 3071 - hu);
        pixels("intercept -8192", false, 16, 1, -8192, hu -> hu + 8192);
        pixels("15 bits", false, 15, 1, -1024, hu -> hu + 1024);
        forms.put(
                "signed HU without rescale",
                slice -> HuSlice.file(
                        slice.format(true, 16, 1, 0).remove(Tag.RESCALE_SLOPE).remove(Tag.RESCALE_INTERCEPT),
                        slice.stored(hu -> hu),
                        TransferSyntax.EXPLICIT_VR_LE));
        forms.put("air as padding", slice -> padded(slice, -2000, 0));
        forms.put("air as a range of padding", slice -> padded(slice, -2000, -1900));
        form(
                "shown inverted, stored as HU",
                (_, header) -> header.string(Tag.PHOTOMETRIC_INTERPRETATION, Vr.CS, "MONOCHROME1"));
        forms.put(
                "stored inverted",
                slice -> HuSlice.file(
                        slice.format(false, 12, 1, -1024).string(Tag.PHOTOMETRIC_INTERPRETATION, Vr.CS, "MONOCHROME1"),
                        slice.stored(hu -> 4095 - (hu + 1024)),
                        TransferSyntax.EXPLICIT_VR_LE));
        forms.put(
                "each slice with its own rescale",
                slice -> HuSlice.file(
                        slice.format(false, 16, 1, -1024 - 8 * slice.index()),
                        slice.stored(hu -> hu + 1024 + 8 * slice.index()),
                        TransferSyntax.EXPLICIT_VR_LE));
    }

    private static byte[] padded(HuSlice slice, int value, int limit) {
        DicomObjectBuilder header = slice.format(true, 16, 1, 0).integer(Tag.PIXEL_PADDING_VALUE, Vr.SS, value);
        if (limit != 0) {
            header.integer(Tag.PIXEL_PADDING_RANGE_LIMIT, Vr.SS, limit);
        }
        return HuSlice.file(
                header, slice.stored(hu -> hu == HuTable.AIR_HU ? value : hu), TransferSyntax.EXPLICIT_VR_LE);
    }

    private void transferSyntaxes() {
        forms.put(
                "Implicit VR",
                slice -> HuSlice.file(slice.plainFormat(), slice.plainPixels(), TransferSyntax.IMPLICIT_VR_LE));
        forms.put(
                "deflated",
                slice ->
                        HuSlice.file(slice.plainFormat(), slice.plainPixels(), TransferSyntax.DEFLATED_EXPLICIT_VR_LE));
        compressed("RLE", TransferSyntax.RLE_LOSSLESS, (_, _, pixels) -> Codecs.rle(pixels));
        compressed("JPEG Lossless", TransferSyntax.JPEG_LOSSLESS_SV1, Codecs::jpegLossless);
        compressed("JPEG 2000", TransferSyntax.JPEG_2000_LOSSLESS, Codecs::jpeg2000);
    }

    private void headers() {
        form("another table position", (slice, header) -> moved(slice, header, 17.25, -1523.5));
        form("feet first", (_, header) -> header.string(0x0018_5100, Vr.CS, "FFP"));
        form(
                "a fourth image type and a private one",
                (_, header) -> header.string(Tag.IMAGE_TYPE, Vr.CS, "ORIGINAL", "PRIMARY", "AXIAL", "CT_SOM5 SEQ"));
        form(
                "nested private sequences",
                (_, header) -> header.string(0x0009_0010, Vr.LO, "TESTER")
                        .sequence(
                                0x0009_1001,
                                DicomObject.builder()
                                        .string(0x0009_0010, Vr.LO, "TESTER")
                                        .sequence(
                                                0x0009_1020,
                                                DicomObject.builder()
                                                        .bytes(0x0009_1011, Vr.OB, new byte[] {-2, -1, -35, -32})
                                                        .build())
                                        .build()));
        form("wrong group lengths", (_, header) -> header.integer(0x0008_0000, Vr.UL, 12_345));
        form("trailing padding", (_, header) -> header.bytes(0xFFFC_FFFC, Vr.OB, new byte[1000]));
        form(
                "a wrong spacing and thickness",
                (_, header) ->
                        header.decimal(Tag.SLICE_THICKNESS, Vr.DS, 0.6).decimal(Tag.SPACING_BETWEEN_SLICES, Vr.DS, -3));
        form(
                "a name in another script",
                (_, header) -> header.string(Tag.SPECIFIC_CHARACTER_SET, Vr.CS, "ISO_IR 192")
                        .string(Tag.PATIENT_NAME, Vr.PN, "Wang^XiaoDong=\u738B^\u5C0F\u4E1C"));
        form("no frame of reference", (_, header) -> header.remove(Tag.FRAME_OF_REFERENCE_UID));
        form("empty padding", (_, header) -> header.bytes(Tag.PIXEL_PADDING_VALUE, Vr.US, new byte[0]));
        form("directions that are too long", (slice, header) -> {
            double[] o = slice.header().requiredDecimals(Tag.IMAGE_ORIENTATION_PATIENT, 6);
            return header.decimal(
                    Tag.IMAGE_ORIENTATION_PATIENT, Vr.DS, o[0], o[1], o[2], 1.004 * o[3], 1.004 * o[4], 1.004 * o[5]);
        });
        form(
                "numbers of more than 16 characters",
                (slice, header) -> header.bytes(
                        Tag.PIXEL_SPACING, Vr.DS, longNumbers(slice.header().requiredDecimals(Tag.PIXEL_SPACING, 2))));
    }

    private static byte[] longNumbers(double... values) {
        String text = " " + new BigDecimal(values[0]).setScale(20, RoundingMode.HALF_EVEN) + " \\"
                + new BigDecimal(values[1]).setScale(20, RoundingMode.HALF_EVEN);
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private void files() {
        file("no preamble", file -> Arrays.copyOfRange(file, PREAMBLE, file.length));
        file("no preamble and no meta information", file -> Arrays.copyOfRange(file, dataSet(file), file.length));
        file("zeros behind the data set", file -> Arrays.copyOf(file, file.length + 512));
        file("one zero behind the data set", file -> Arrays.copyOf(file, file.length + 1));
        forms.put("Implicit VR without meta information", slice -> {
            byte[] file = HuSlice.file(slice.plainFormat(), slice.plainPixels(), TransferSyntax.IMPLICIT_VR_LE);
            return Arrays.copyOfRange(file, dataSet(file), file.length);
        });
        forms.put("64 bytes too many", slice -> {
            short[] pixels = slice.plainPixels();
            return HuSlice.file(
                    slice.plainFormat(), Arrays.copyOf(pixels, pixels.length + 32), TransferSyntax.EXPLICIT_VR_LE);
        });
        forms.put("the meta information of another instance", slice -> {
            DicomFile file = DicomFile.of(
                    slice.plainFormat()
                            .words(Tag.PIXEL_DATA, slice.plainPixels())
                            .build(),
                    TransferSyntax.EXPLICIT_VR_LE);
            DicomObject meta = file.meta().toBuilder()
                    .string(Tag.MEDIA_STORAGE_SOP_INSTANCE_UID, Vr.UI, "1.2.3.4." + slice.index())
                    .build();
            return DicomWriter.write(new DicomFile(meta, file.dataSet()));
        });
    }

    /** Where the data set begins, behind preamble, prefix and meta information. */
    private static int dataSet(byte[] file) {
        return PREAMBLE + 12 + (file[PREAMBLE + 8] & 0xFF | (file[PREAMBLE + 9] & 0xFF) << 8);
    }

    private void file(String name, UnaryOperator<byte[]> change) {
        forms.put(name, slice -> change.apply(slice.plain()));
    }

    private static DicomObjectBuilder moved(HuSlice slice, DicomObjectBuilder header, double x, double z) {
        double[] at = slice.header().requiredDecimals(Tag.IMAGE_POSITION_PATIENT, 3);
        return header.decimal(Tag.IMAGE_POSITION_PATIENT, Vr.DS, at[0] + x, at[1], at[2] + z);
    }

    /** A change of the header alone. */
    private interface HeaderChange {
        DicomObjectBuilder apply(HuSlice slice, DicomObjectBuilder header);
    }

    private void form(String name, HeaderChange change) {
        forms.put(
                name,
                slice -> HuSlice.file(
                        change.apply(slice, slice.plainFormat()), slice.plainPixels(), TransferSyntax.EXPLICIT_VR_LE));
    }

    private void pixels(
            String name, boolean signed, int bits, double slope, double intercept, HuSlice.Storing storing) {
        forms.put(
                name,
                slice -> HuSlice.file(
                        slice.format(signed, bits, slope, intercept),
                        slice.stored(storing),
                        TransferSyntax.EXPLICIT_VR_LE));
    }

    private interface Encoder {
        byte[] encode(int rows, int columns, short[] pixels) throws IOException;
    }

    private void compressed(String name, String transferSyntax, Encoder encoder) {
        forms.put(name, slice -> {
            try {
                byte[] frame = encoder.encode(slice.rows(), slice.columns(), slice.plainPixels());
                return DicomWriter.write(Codecs.encapsulated(transferSyntax, slice.plainFormat(), frame));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
