package io.bloodnet.imaging.dicom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bloodnet.imaging.codec.Codecs;
import io.bloodnet.imaging.codec.FrameDecoder;
import io.bloodnet.imaging.dicom.DicomException.Code;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Made files for the flaws that DICOM software of this kind has had: each must end as a refusal that says what was wrong. */
class HostileDicomTest {

    private final DicomReader reader = new DicomReader(DicomLimits.DEFAULT);
    private final FrameDecoder decoder = new FrameDecoder(DicomLimits.DEFAULT);

    @Test
    void refuses_rows_and_columns_with_another_vr() {
        for (int tag : new int[] {Tag.ROWS, Tag.COLUMNS, Tag.BITS_ALLOCATED}) {
            DicomObjectBuilder header = pixels(4, 4, 16).integer(tag, Vr.UL, 16);
            refuses(Code.WRONG_VR, () -> decode(header));
        }
    }

    @Test
    void refuses_frames_above_the_pixel_limit_before_allocating() {
        refuses(Code.TOO_LARGE, () -> decode(pixels(65535, 65535, 16)));
        refuses(Code.TOO_LARGE, () -> decode(pixels(32768, 65535, 0)));
    }

    @Test
    void refuses_pixel_data_that_is_short_or_long_or_absent() {
        refuses(Code.PIXEL_DATA_MISMATCH, () -> decode(pixels(4, 4, 15)));
        refuses(Code.PIXEL_DATA_MISMATCH, () -> decode(pixels(4, 4, 20)));
        refuses(Code.MISSING_ELEMENT, () -> decode(SyntheticSlice.header(4, 4)));
        // 2048 x 2048 x 2 x 10,000 overflows an int several times.
        refuses(
                Code.PIXEL_DATA_MISMATCH,
                () -> decode(pixels(2048, 2048, 16).integer(Tag.NUMBER_OF_FRAMES, Vr.IS, 10_000)));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 10_001, Integer.MAX_VALUE})
    void refuses_a_number_of_frames_outside_of_its_range(int frames) {
        refuses(
                Code.UNSUPPORTED_PIXEL_FORMAT,
                () -> decode(pixels(4, 4, 16).integer(Tag.NUMBER_OF_FRAMES, Vr.IS, frames)));
    }

    @Test
    void refuses_a_frame_that_does_not_exist() {
        DicomFile file = DicomFile.of(pixels(4, 4, 16).build(), TransferSyntax.EXPLICIT_VR_LE);
        refuses(Code.PIXEL_DATA_MISMATCH, () -> decoder.decode(file, 1));
        refuses(Code.PIXEL_DATA_MISMATCH, () -> decoder.decode(file, -1));
    }

    @Test
    void refuses_pixel_formats_that_are_no_grey_image() {
        refuses(Code.UNSUPPORTED_PIXEL_FORMAT, () -> decode(pixels(4, 4, 16).integer(Tag.SAMPLES_PER_PIXEL, Vr.US, 3)));
        refuses(
                Code.UNSUPPORTED_PIXEL_FORMAT,
                () -> decode(pixels(4, 4, 16).string(Tag.PHOTOMETRIC_INTERPRETATION, Vr.CS, "PALETTE COLOR")));
        refuses(Code.UNSUPPORTED_PIXEL_FORMAT, () -> decode(pixels(4, 4, 32).integer(Tag.BITS_ALLOCATED, Vr.US, 32)));
        refuses(Code.INVALID_VALUE, () -> decode(pixels(4, 4, 16).integer(Tag.BITS_STORED, Vr.US, 17)));
        refuses(Code.INVALID_VALUE, () -> decode(pixels(4, 4, 16).integer(Tag.HIGH_BIT, Vr.US, 11)));
        refuses(Code.INVALID_VALUE, () -> decode(pixels(4, 4, 16).integer(Tag.PIXEL_REPRESENTATION, Vr.US, 2)));
        refuses(Code.INVALID_VALUE, () -> decode(pixels(0, 4, 16)));
    }

    @Test
    void refuses_a_deflate_bomb() {
        DicomObject bomb = SyntheticSlice.header(1, 1)
                .bytes(0x0009_1001, Vr.UN, new byte[32 << 20])
                .build();
        byte[] bytes = DicomWriter.write(DicomFile.of(bomb, TransferSyntax.DEFLATED_EXPLICIT_VR_LE));

        assertThat(bytes.length).as("about 1000:1").isLessThan(64 << 10);
        refuses(Code.TOO_LARGE, () -> reader.read(bytes));
    }

    @Test
    void refuses_a_deflated_data_set_that_ends_early_or_is_no_deflate() {
        byte[] bytes = file(TransferSyntax.DEFLATED_EXPLICIT_VR_LE);
        refuses(Code.TRUNCATED, () -> reader.read(Arrays.copyOf(bytes, bytes.length - 20)));
        byte[] meta = Arrays.copyOf(bytes, metaEnd(bytes) + 8);
        Arrays.fill(meta, metaEnd(bytes), meta.length, (byte) 0xFF);
        refuses(Code.CORRUPT_COMPRESSION, () -> reader.read(meta));
    }

    @ParameterizedTest
    @ValueSource(ints = {0xFFFF_FFFE, 0x7FFF_FFFF, 0x8000_0000, 1 << 20})
    void refuses_a_length_beyond_the_end_without_allocating(int length) {
        byte[] element = ByteBuffer.allocate(12)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort((short) 0x7FE0)
                .putShort((short) 0x0010)
                .put((byte) 'O')
                .put((byte) 'W')
                .putShort((short) 0)
                .putInt(length)
                .array();
        refuses(Code.TRUNCATED, () -> reader.read(withDataSet(TransferSyntax.EXPLICIT_VR_LE, element)));
    }

    @Test
    void refuses_an_undefined_length_where_none_may_be() {
        byte[] text = {8, 0, 0x16, 0, 'U', 'T', 0, 0, -1, -1, -1, -1};
        refuses(Code.INVALID_STRUCTURE, () -> reader.read(withDataSet(TransferSyntax.EXPLICIT_VR_LE, text)));
        byte[] implicitPixels = {(byte) 0xE0, 0x7F, 0x10, 0, -1, -1, -1, -1};
        refuses(Code.INVALID_STRUCTURE, () -> reader.read(withDataSet(TransferSyntax.IMPLICIT_VR_LE, implicitPixels)));
    }

    @Test
    void refuses_a_nest_of_a_hundred_thousand_sequences() {
        byte[] explicit = {8, 0, 0x15, 0x11, 'S', 'Q', 0, 0, -1, -1, -1, -1, -2, -1, 0, -32, -1, -1, -1, -1};
        byte[] unknown = {9, 0, 0x15, 0x11, 'U', 'N', 0, 0, -1, -1, -1, -1, -2, -1, 0, -32, -1, -1, -1, -1};
        byte[] implicit = {8, 0, 0x15, 0x11, -1, -1, -1, -1, -2, -1, 0, -32, -1, -1, -1, -1};
        refuses(
                Code.TOO_DEEP,
                () -> reader.read(withDataSet(TransferSyntax.EXPLICIT_VR_LE, repeat(explicit, explicit))));
        refuses(
                Code.TOO_DEEP,
                () -> reader.read(withDataSet(TransferSyntax.EXPLICIT_VR_LE, repeat(unknown, implicit))));
        refuses(
                Code.TOO_DEEP,
                () -> reader.read(withDataSet(TransferSyntax.IMPLICIT_VR_LE, repeat(implicit, implicit))));
    }

    @Test
    void refuses_more_elements_or_items_or_fragments_than_the_limit() {
        byte[] items = {8, 0, 0x15, 0x11, 'S', 'Q', 0, 0, -1, -1, -1, -1};
        byte[] item = {-2, -1, 0, -32, 0, 0, 0, 0};
        refuses(
                Code.TOO_MANY_ELEMENTS,
                () -> reader.read(withDataSet(TransferSyntax.EXPLICIT_VR_LE, join(items, repeated(item, 200_001)))));
        byte[] fragments = {(byte) 0xE0, 0x7F, 0x10, 0, 'O', 'B', 0, 0, -1, -1, -1, -1};
        refuses(
                Code.TOO_MANY_ELEMENTS,
                () -> reader.read(withDataSet(TransferSyntax.RLE_LOSSLESS, join(fragments, repeated(item, 200_001)))));
    }

    @Test
    void refuses_values_that_their_vr_does_not_allow() {
        DicomObject lies = DicomObject.builder()
                .bytes(Tag.PIXEL_SPACING, Vr.DS, "NaN\\0x1p3".getBytes())
                .bytes(Tag.RESCALE_SLOPE, Vr.DS, "Infinity".getBytes())
                .bytes(Tag.RESCALE_INTERCEPT, Vr.DS, "1e999".getBytes())
                .bytes(Tag.INSTANCE_NUMBER, Vr.IS, "12x".getBytes())
                .bytes(Tag.SERIES_NUMBER, Vr.IS, "99999999999".getBytes())
                .bytes(Tag.ROWS, Vr.US, new byte[3])
                .bytes(Tag.SLICE_LOCATION, Vr.FD, new byte[] {0, 0, 0, 0, 0, 0, (byte) 0xF8, 0x7F})
                .bytes(Tag.REFERENCED_SERIES_SEQUENCE, Vr.LO, "text".getBytes())
                .bytes(Tag.PATIENT_ID, Vr.OB, "text".getBytes())
                .bytes(Tag.STUDY_DESCRIPTION, Vr.UT, new byte[DicomObject.TEXT_BYTES_MAX + 2])
                .build();
        refuses(Code.INVALID_VALUE, () -> lies.decimals(Tag.PIXEL_SPACING));
        refuses(Code.INVALID_VALUE, () -> lies.decimal(Tag.RESCALE_SLOPE));
        refuses(Code.INVALID_VALUE, () -> lies.decimal(Tag.RESCALE_INTERCEPT));
        refuses(Code.INVALID_VALUE, () -> lies.integer(Tag.INSTANCE_NUMBER));
        refuses(Code.INVALID_VALUE, () -> lies.integer(Tag.SERIES_NUMBER));
        refuses(Code.INVALID_VALUE, () -> lies.integer(Tag.ROWS));
        refuses(Code.INVALID_VALUE, () -> lies.decimal(Tag.SLICE_LOCATION));
        refuses(Code.WRONG_VR, () -> lies.sequence(Tag.REFERENCED_SERIES_SEQUENCE));
        refuses(Code.WRONG_VR, () -> lies.string(Tag.PATIENT_ID));
        refuses(Code.TOO_LARGE, () -> lies.string(Tag.STUDY_DESCRIPTION));
        refuses(Code.MISSING_ELEMENT, () -> lies.requiredInteger(Tag.COLUMNS));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../../x",
                "1.2.840.",
                ".1.2",
                "1..2",
                "1.2.a",
                "1.2/3",
                "１.2",
                "1.2.3456789012345678901234567890123456789012345678901234567890123"
            })
    void refuses_malformed_uids_without_repeating_them(String uid) {
        DicomObject object = DicomObject.builder()
                .bytes(Tag.STUDY_INSTANCE_UID, Vr.UI, uid.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .build();

        assertThatThrownBy(() -> object.uid(Tag.STUDY_INSTANCE_UID))
                .isInstanceOfSatisfying(
                        DicomException.class, e -> assertThat(e.code()).isEqualTo(Code.INVALID_UID))
                .hasMessageNotContaining(uid);
    }

    @Test
    void refuses_a_file_in_another_transfer_syntax_than_it_states() throws IOException {
        byte[] explicit = dataSetBytes(TransferSyntax.EXPLICIT_VR_LE);
        byte[] implicit = dataSetBytes(TransferSyntax.IMPLICIT_VR_LE);
        assertThatThrownBy(() -> reader.read(withDataSet(TransferSyntax.IMPLICIT_VR_LE, explicit)))
                .isInstanceOf(DicomException.class);
        refuses(Code.INVALID_STRUCTURE, () -> reader.read(withDataSet(TransferSyntax.EXPLICIT_VR_LE, implicit)));
        assertThatThrownBy(() -> reader.read(withDataSet(TransferSyntax.EXPLICIT_VR_BE, explicit)))
                .isInstanceOf(DicomException.class);
        DicomObject plain = pixels(4, 4, 16).build();
        refuses(Code.WRONG_VR, () -> decoder.decode(DicomFile.of(plain, TransferSyntax.RLE_LOSSLESS), 0));
        DicomFile rle = Codecs.compressed(TransferSyntax.RLE_LOSSLESS, 4, 4, new short[16]);
        refuses(Code.WRONG_VR, () -> decoder.decode(DicomFile.of(rle.dataSet(), TransferSyntax.EXPLICIT_VR_LE), 0));
        refuses(
                Code.CORRUPT_COMPRESSION,
                () -> decoder.decode(DicomFile.of(rle.dataSet(), TransferSyntax.JPEG_LOSSLESS_SV1), 0));
        refuses(
                Code.CORRUPT_COMPRESSION,
                () -> decoder.decode(DicomFile.of(rle.dataSet(), TransferSyntax.JPEG_2000_LOSSLESS), 0));
    }

    @Test
    void refuses_meta_information_of_another_class_and_believes_the_data_set_about_the_instance() {
        DicomFile file = DicomFile.of(pixels(4, 4, 16).build(), TransferSyntax.EXPLICIT_VR_LE);
        DicomObject otherClass = file.meta().toBuilder()
                .string(Tag.MEDIA_STORAGE_SOP_CLASS_UID, Vr.UI, "2.25.666")
                .build();
        refuses(Code.INCONSISTENT, () -> reader.read(DicomWriter.write(new DicomFile(otherClass, file.dataSet()))));
        DicomObject otherInstance = file.meta().toBuilder()
                .string(Tag.MEDIA_STORAGE_SOP_INSTANCE_UID, Vr.UI, "2.25.666")
                .build();
        byte[] tolerated = DicomWriter.write(new DicomFile(otherInstance, file.dataSet()));
        assertThat(reader.read(tolerated).dataSet().requiredUid(Tag.SOP_INSTANCE_UID))
                .isEqualTo(file.dataSet().requiredUid(Tag.SOP_INSTANCE_UID));
    }

    @Test
    void refuses_what_is_no_part_10_file() {
        refuses(Code.NOT_DICOM, () -> reader.read(new byte[0]));
        refuses(Code.NOT_DICOM, () -> reader.read(new byte[1000]));
        refuses(Code.NOT_DICOM, () -> reader.read("\u007FELF".repeat(100).getBytes()));
        byte[] withPreamble = file(TransferSyntax.EXPLICIT_VR_LE);
        byte[] bare = Arrays.copyOfRange(withPreamble, 132, withPreamble.length);
        assertThat(reader.read(bare)).isEqualTo(reader.read(withPreamble));
        // Old exports write the data set alone.
        byte[] dataSet = Arrays.copyOfRange(withPreamble, metaEnd(withPreamble), withPreamble.length);
        assertThat(reader.read(dataSet).dataSet())
                .isEqualTo(reader.read(withPreamble).dataSet());
        refuses(Code.NOT_DICOM, () -> reader.read(Arrays.copyOf(dataSet, 60)));
        refuses(Code.MISSING_ELEMENT, () -> reader.read(Arrays.copyOf(withPreamble, 132)));
    }

    @Test
    void refuses_duplicate_and_misplaced_elements() {
        byte[] modality = {8, 0, 0x60, 0, 'C', 'S', 2, 0, 'C', 'T'};
        refuses(
                Code.DUPLICATE_ELEMENT,
                () -> reader.read(withDataSet(TransferSyntax.EXPLICIT_VR_LE, join(modality, modality))));
        byte[] meta = {2, 0, 0x13, 0, 'S', 'H', 2, 0, 'X', ' '};
        refuses(
                Code.INVALID_STRUCTURE,
                () -> reader.read(withDataSet(TransferSyntax.EXPLICIT_VR_LE, join(modality, meta))));
        byte[] delimiter = {-2, -1, 0x0D, -32, 0, 0, 0, 0};
        refuses(
                Code.INVALID_STRUCTURE,
                () -> reader.read(withDataSet(TransferSyntax.EXPLICIT_VR_LE, join(modality, delimiter))));
    }

    @Test
    void refuses_an_instance_above_the_byte_limit() {
        DicomReader small = new DicomReader(new DicomLimits(500, 500, 10, 2, 100, 500));
        refuses(
                Code.TOO_LARGE,
                () -> small.read(new java.io.ByteArrayInputStream(file(TransferSyntax.EXPLICIT_VR_LE))));
    }

    @Test
    void refuses_codestreams_of_another_size_before_decoding_them() throws IOException {
        byte[] jpeg = Codecs.jpegLossless(64, 64, new short[64 * 64]);
        byte[] jpeg2000 = Codecs.jpeg2000(64, 64, new short[64 * 64]);
        refuses(Code.PIXEL_DATA_MISMATCH, () -> compressed(TransferSyntax.JPEG_LOSSLESS_SV1, jpeg));
        refuses(Code.PIXEL_DATA_MISMATCH, () -> compressed(TransferSyntax.JPEG_2000_LOSSLESS, jpeg2000));
        byte[] tiles = Codecs.jpeg2000(4, 4, new short[16]);
        ByteBuffer.wrap(tiles)
                .putInt(8, 0x7FFF_FFFF)
                .putInt(16, 0x7FFF_FFFB)
                .putInt(24, 1)
                .putInt(28, 1);
        refuses(Code.TOO_LARGE, () -> compressed(TransferSyntax.JPEG_2000_LOSSLESS, tiles));
        byte[] baseline = jpeg.clone();
        baseline[3] = (byte) 0xC0;
        refuses(Code.CORRUPT_COMPRESSION, () -> compressed(TransferSyntax.JPEG_LOSSLESS_SV1, baseline));
        refuses(Code.CORRUPT_COMPRESSION, () -> compressed(TransferSyntax.RLE_LOSSLESS, new byte[64]));
        refuses(Code.CORRUPT_COMPRESSION, () -> compressed(TransferSyntax.RLE_LOSSLESS, new byte[10]));
    }

    @Test
    void refuses_a_jpeg_2000_codestream_that_is_not_whole() throws IOException {
        byte[] whole = Codecs.jpeg2000(4, 4, new short[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
        compressed(TransferSyntax.JPEG_2000_LOSSLESS, whole);
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            refuses(Code.CORRUPT_COMPRESSION, () -> compressed(TransferSyntax.JPEG_2000_LOSSLESS, cut));
        }
        // Packet headers that are one bits to the end: the decoder must not count them for ever.
        byte[] ones = whole.clone();
        Arrays.fill(ones, indexOf(ones, 0xFF, 0x93) + 2, ones.length - 2, (byte) 0xFF);
        refuses(Code.CORRUPT_COMPRESSION, () -> compressed(TransferSyntax.JPEG_2000_LOSSLESS, ones));
        byte[] packed = whole.clone();
        packed[indexOf(packed, 0xFF, 0x5C) + 1] = 0x60;
        refuses(Code.CORRUPT_COMPRESSION, () -> compressed(TransferSyntax.JPEG_2000_LOSSLESS, packed));
    }

    @Test
    void every_truncation_is_a_parse_or_a_refusal() throws IOException {
        for (byte[] file : Seeds.files()) {
            for (int length = 0; length < file.length; length++) {
                Seeds.readAndDecode(Arrays.copyOf(file, length));
            }
        }
    }

    private static int indexOf(byte[] bytes, int first, int second) {
        for (int i = 0; i + 1 < bytes.length; i++) {
            if ((bytes[i] & 0xFF) == first && (bytes[i + 1] & 0xFF) == second) {
                return i;
            }
        }
        throw new AssertionError("no such marker");
    }

    private void compressed(String transferSyntax, byte[] frame) {
        decoder.decode(Codecs.encapsulated(transferSyntax, SyntheticSlice.header(4, 4), frame), 0);
    }

    private void decode(DicomObjectBuilder dataSet) {
        byte[] bytes = DicomWriter.write(DicomFile.of(dataSet.build(), TransferSyntax.EXPLICIT_VR_LE));
        decoder.decode(reader.read(bytes), 0);
    }

    private static DicomObjectBuilder pixels(int rows, int columns, int words) {
        return SyntheticSlice.header(rows, columns).words(Tag.PIXEL_DATA, new short[words]);
    }

    private static void refuses(Code code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        DicomException.class,
                        e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(code));
    }

    private static byte[] file(String transferSyntax) {
        return DicomWriter.write(DicomFile.of(pixels(4, 4, 16).build(), transferSyntax));
    }

    private static int metaEnd(byte[] file) {
        return 132 + 12 + ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt(140);
    }

    private static byte[] dataSetBytes(String transferSyntax) {
        byte[] file = file(transferSyntax);
        return Arrays.copyOfRange(file, metaEnd(file), file.length);
    }

    /** A file whose data set is just these bytes. */
    private static byte[] withDataSet(String transferSyntax, byte[] dataSet) {
        byte[] file = file(transferSyntax);
        return join(Arrays.copyOf(file, metaEnd(file)), dataSet);
    }

    private static byte[] repeat(byte[] first, byte[] level) {
        return join(first, repeated(level, 100_000));
    }

    private static byte[] repeated(byte[] bytes, int times) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < times; i++) {
            out.writeBytes(bytes);
        }
        return out.toByteArray();
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] joined = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, joined, first.length, second.length);
        return joined;
    }
}
