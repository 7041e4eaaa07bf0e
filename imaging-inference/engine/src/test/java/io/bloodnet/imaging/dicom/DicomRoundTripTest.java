package io.bloodnet.imaging.dicom;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.imaging.codec.FrameDecoder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DicomRoundTripTest {

    private final DicomReader reader = new DicomReader(DicomLimits.DEFAULT);
    private final FrameDecoder decoder = new FrameDecoder(DicomLimits.DEFAULT);

    @ParameterizedTest
    @ValueSource(
            strings = {
                TransferSyntax.EXPLICIT_VR_LE,
                TransferSyntax.IMPLICIT_VR_LE,
                TransferSyntax.DEFLATED_EXPLICIT_VR_LE
            })
    void reads_back_what_it_wrote(String transferSyntax) {
        short[] pixels = SyntheticSlice.noise(16 * 24, 5);
        DicomObject dataSet = SyntheticSlice.dataSet(16, 24, pixels);

        DicomFile read = reader.read(DicomWriter.write(DicomFile.of(dataSet, transferSyntax)));

        assertThat(read.transferSyntaxUid()).isEqualTo(transferSyntax);
        assertThat(read.dataSet().string(Tag.PATIENT_NAME)).contains("Möller^Åse");
        assertThat(read.dataSet().strings(Tag.IMAGE_TYPE)).containsExactly("ORIGINAL", "PRIMARY", "AXIAL");
        assertThat(read.dataSet().requiredDecimals(Tag.IMAGE_POSITION_PATIENT, 3))
                .containsExactly(-125.5, -110.25, 42);
        assertThat(read.dataSet().requiredInteger(Tag.INSTANCE_NUMBER)).isEqualTo(7);
        assertThat(read.dataSet().sequence(Tag.OTHER_PATIENT_IDS_SEQUENCE))
                .singleElement()
                .extracting(item -> item.requiredString(Tag.PATIENT_ID))
                .isEqualTo("SYN-1-OTHER");
        FrameDecoding.Frame frame = (FrameDecoding.Frame) decoder.decode(read, 0);
        assertThat(frame.rows()).isEqualTo(16);
        assertThat(frame.columns()).isEqualTo(24);
        assertThat(frame.storedValues()).isEqualTo(pixels);
    }

    @Test
    void writes_the_same_bytes_for_the_same_file_and_again_after_reading() throws IOException {
        DicomFile file =
                DicomFile.of(SyntheticSlice.dataSet(4, 4, SyntheticSlice.noise(16, 1)), TransferSyntax.EXPLICIT_VR_LE);
        byte[] bytes = DicomWriter.write(file);

        assertThat(DicomWriter.write(file)).isEqualTo(bytes);
        assertThat(DicomWriter.write(reader.read(new ByteArrayInputStream(bytes))))
                .isEqualTo(bytes);
    }

    @Test
    void keeps_private_elements_and_never_the_preamble() {
        DicomObject dataSet = SyntheticSlice.header(1, 1)
                .string(0x0009_0010, Vr.LO, "ACME")
                .bytes(0x0009_1001, Vr.UN, new byte[] {1, 2, 3, 4})
                .build();
        byte[] bytes = DicomWriter.write(DicomFile.of(dataSet, TransferSyntax.IMPLICIT_VR_LE));
        System.arraycopy(new byte[] {0x7F, 'E', 'L', 'F'}, 0, bytes, 0, 4);

        DicomFile read = reader.read(bytes);

        assertThat(read.dataSet().string(0x0009_0010)).contains("ACME");
        assertThat(read.dataSet().bytes(0x0009_1001)).contains(Bytes.copyOf(new byte[] {1, 2, 3, 4}));
        assertThat(DicomWriter.write(read)).startsWith(new byte[128]);
    }

    @Test
    void header_is_without_pixels_and_holds_none_of_the_file() {
        byte[] bytes = DicomWriter.write(
                DicomFile.of(SyntheticSlice.dataSet(4, 4, SyntheticSlice.noise(16, 1)), TransferSyntax.EXPLICIT_VR_LE));

        DicomObject header = reader.read(bytes).dataSet().header();
        java.util.Arrays.fill(bytes, (byte) 0);

        assertThat(header.contains(Tag.PIXEL_DATA)).isFalse();
        assertThat(header.string(Tag.PATIENT_ID)).contains("SYN-1");
        assertThat(header.sequence(Tag.OTHER_PATIENT_IDS_SEQUENCE).getFirst().string(Tag.PATIENT_ID))
                .contains("SYN-1-OTHER");
    }

    @Test
    void decimal_strings_fit_sixteen_characters_and_stay_nearest() {
        DicomObject object = DicomObject.builder()
                .decimal(Tag.PIXEL_SPACING, Vr.DS, 5.0, 1.0 / 3, -123.45678901234567, 1e-9, -1.0 / 3e7, 0)
                .build();

        assertThat(object.strings(Tag.PIXEL_SPACING))
                .allSatisfy(text -> assertThat(text).hasSizeLessThanOrEqualTo(16))
                .startsWith("5");
        assertThat(object.decimals(Tag.PIXEL_SPACING)[1])
                .isEqualTo(1.0 / 3, org.assertj.core.data.Offset.offset(1e-13));
        assertThat(object.decimals(Tag.PIXEL_SPACING)[5]).isZero();
    }

    @Test
    void masks_and_sign_extends_from_bits_stored() {
        DicomObjectBuilder twelveBits = SyntheticSlice.header(1, 2)
                .integer(Tag.BITS_STORED, Vr.US, 12)
                .integer(Tag.HIGH_BIT, Vr.US, 11)
                .words(Tag.PIXEL_DATA, new short[] {(short) 0xFFFF, (short) 0xF7FF});

        assertThat(decode(twelveBits.build()).storedValues()).containsExactly((short) -1, (short) 2047);
        DicomObject unsigned =
                twelveBits.integer(Tag.PIXEL_REPRESENTATION, Vr.US, 0).build();
        assertThat(decode(unsigned).storedValues()).containsExactly((short) 4095, (short) 2047);
    }

    @Test
    void reads_unsigned_sixteen_bits_and_eight_bits_and_the_asked_frame() {
        DicomObject unsigned = SyntheticSlice.header(1, 1)
                .integer(Tag.PIXEL_REPRESENTATION, Vr.US, 0)
                .words(Tag.PIXEL_DATA, new short[] {(short) 0xFFFF})
                .build();
        assertThat(decode(unsigned).value(0)).isEqualTo(65535);

        DicomObject eightBits = SyntheticSlice.header(1, 3)
                .integer(Tag.BITS_ALLOCATED, Vr.US, 8)
                .integer(Tag.BITS_STORED, Vr.US, 8)
                .integer(Tag.HIGH_BIT, Vr.US, 7)
                .integer(Tag.PIXEL_REPRESENTATION, Vr.US, 0)
                .integer(Tag.NUMBER_OF_FRAMES, Vr.IS, 2)
                .bytes(Tag.PIXEL_DATA, Vr.OB, new byte[] {1, 2, 3, (byte) 200, 5, 6})
                .build();
        FrameDecoding.Frame second =
                (FrameDecoding.Frame) decoder.decode(DicomFile.of(eightBits, TransferSyntax.EXPLICIT_VR_LE), 1);
        assertThat(second.storedValues()).containsExactly((short) 200, (short) 5, (short) 6);
    }

    @Test
    void finds_frames_spread_over_fragments_by_the_offset_table() {
        byte[] first = rle(new byte[] {0, 0}, new byte[] {7, 8});
        byte[] second = rle(new byte[] {1, 1}, new byte[] {9, 10});
        Bytes half = Bytes.view(first, 0, 40);
        Bytes rest = Bytes.view(first, 40, first.length - 40);
        int secondOffset = 8 + 40 + 8 + first.length - 40;
        byte[] table = {0, 0, 0, 0, (byte) secondOffset, 0, 0, 0};
        DicomObject dataSet = SyntheticSlice.header(1, 2)
                .integer(Tag.NUMBER_OF_FRAMES, Vr.IS, 2)
                .put(new DataElement.Fragments(
                        Tag.PIXEL_DATA, Vr.OB, Bytes.copyOf(table), List.of(half, rest, Bytes.copyOf(second))))
                .build();
        DicomFile file = reader.read(DicomWriter.write(DicomFile.of(dataSet, TransferSyntax.RLE_LOSSLESS)));

        assertThat(((FrameDecoding.Frame) decoder.decode(file, 0)).storedValues())
                .containsExactly((short) 7, (short) 8);
        assertThat(((FrameDecoding.Frame) decoder.decode(file, 1)).storedValues())
                .containsExactly((short) 0x0109, (short) 0x010A);
    }

    /** Two literal segments of two bytes each, padded to an even length. */
    private static byte[] rle(byte[] high, byte[] low) {
        byte[] frame = new byte[72];
        frame[0] = 2;
        frame[4] = 64;
        frame[8] = 68;
        frame[64] = 1;
        System.arraycopy(high, 0, frame, 65, 2);
        frame[67] = (byte) 128;
        frame[68] = 1;
        System.arraycopy(low, 0, frame, 69, 2);
        return frame;
    }

    private FrameDecoding.Frame decode(DicomObject dataSet) {
        return (FrameDecoding.Frame) decoder.decode(DicomFile.of(dataSet, TransferSyntax.EXPLICIT_VR_LE), 0);
    }
}
