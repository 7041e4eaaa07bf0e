package io.bloodnet.imaging.dicom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.bloodnet.imaging.codec.Codecs;
import io.bloodnet.imaging.codec.FrameDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Slices that other toolkits wrote come back value by value. */
class ForeignSamplesTest {

    private static final short[] PIXELS = ForeignSamples.pixels();

    private final DicomReader reader = new DicomReader(DicomLimits.DEFAULT);
    private final FrameDecoder decoder = new FrameDecoder(DicomLimits.DEFAULT);

    private FrameDecoding.Frame decode(String transferSyntax, int bits, byte[] codestream) {
        DicomObjectBuilder header = SyntheticSlice.header(ForeignSamples.ROWS, ForeignSamples.COLUMNS)
                .integer(Tag.BITS_ALLOCATED, Vr.US, bits > 8 ? 16 : 8)
                .integer(Tag.BITS_STORED, Vr.US, bits)
                .integer(Tag.HIGH_BIT, Vr.US, bits - 1)
                .integer(Tag.PIXEL_REPRESENTATION, Vr.US, 0);
        FrameDecoding decoding = decoder.decode(Codecs.encapsulated(transferSyntax, header, codestream), 0);
        Assumptions.assumeFalse(
                decoding instanceof FrameDecoding.UndecodableTransferSyntax,
                "skipped: no library for " + transferSyntax + " on this machine (libcharls2, libopenjp2-7)");
        return (FrameDecoding.Frame) decoding;
    }

    @ParameterizedTest
    @ValueSource(strings = {ForeignSamples.BIG_ENDIAN, ForeignSamples.BIG_ENDIAN_UNDEFINED_LENGTHS})
    void big_endian_files_are_read_down_to_numbers_within_nested_items(String base64) {
        DicomFile file = reader.read(ForeignSamples.bytes(base64));
        DicomObject dataSet = file.dataSet();
        assertThat(dataSet.requiredInteger(Tag.ROWS)).isEqualTo(ForeignSamples.ROWS);
        assertThat(dataSet.decimal(0x0018_9327)).hasValue(3.25);
        DicomObject item = dataSet.sequence(0x0008_1140).getFirst();
        assertThat(item.uid(Tag.REFERENCED_SOP_INSTANCE_UID)).contains("2.25.77");
        assertThat(item.sequence(Tag.DERIVATION_IMAGE_SEQUENCE).getFirst().requiredInteger(Tag.ROWS))
                .isEqualTo(513);
        assertThat(((FrameDecoding.Frame) decoder.decode(file, 0)).storedValues())
                .isEqualTo(PIXELS);
    }

    @Test
    void big_endian_files_that_break_off_or_lie_are_refused() {
        byte[] whole = ForeignSamples.bytes(ForeignSamples.BIG_ENDIAN_UNDEFINED_LENGTHS);
        for (int length = 400; length < whole.length; length += 7) {
            byte[] cut = Arrays.copyOf(whole, length);
            try {
                reader.read(cut);
            } catch (DicomException e) {
                continue; // any other exception fails the test
            }
        }
        for (int at = 340; at < whole.length; at++) {
            byte[] bent = whole.clone();
            bent[at] = (byte) 0xFF;
            try {
                reader.read(bent);
            } catch (DicomException e) {
                continue;
            }
        }
        assertThatExceptionOfType(DicomException.class)
                .isThrownBy(() -> DicomWriter.write(
                        DicomFile.of(SyntheticSlice.header(2, 2).build(), TransferSyntax.EXPLICIT_VR_BE)));
    }

    @Test
    void jpeg_ls_is_decoded_by_the_machines_charls() {
        byte[] lossless = ForeignSamples.bytes(ForeignSamples.JPEG_LS);
        assertThat(decode(TransferSyntax.JPEG_LS_LOSSLESS, 12, lossless).storedValues())
                .isEqualTo(PIXELS);
        short[] near = decode(TransferSyntax.JPEG_LS, 12, ForeignSamples.bytes(ForeignSamples.JPEG_LS_NEAR_LOSSLESS))
                .storedValues();
        assertThat(IntStream.range(0, near.length)
                        .map(i -> Math.abs(near[i] - PIXELS[i]))
                        .max())
                .hasValue(2);
    }

    @Test
    void high_throughput_jpeg_2000_is_decoded_by_the_machines_openjpeg() {
        byte[] codestream = ForeignSamples.bytes(ForeignSamples.HTJ2K);
        for (String syntax :
                new String[] {TransferSyntax.HTJ2K_LOSSLESS, TransferSyntax.HTJ2K_LOSSLESS_RPCL, TransferSyntax.HTJ2K
                }) {
            assertThat(decode(syntax, 12, codestream).storedValues()).isEqualTo(PIXELS);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TransferSyntax.JPEG_LS_LOSSLESS, TransferSyntax.HTJ2K_LOSSLESS})
    void native_codecs_refuse_what_is_cut_or_of_another_size(String syntax) {
        byte[] whole = ForeignSamples.bytes(
                syntax.equals(TransferSyntax.JPEG_LS_LOSSLESS) ? ForeignSamples.JPEG_LS : ForeignSamples.HTJ2K);
        decode(syntax, 12, whole);
        assertThatExceptionOfType(DicomException.class).isThrownBy(() -> decode(syntax, 12, Arrays.copyOf(whole, 40)));
        assertThatExceptionOfType(DicomException.class).isThrownBy(() -> decode(syntax, 12, new byte[0]));
        assertThatExceptionOfType(DicomException.class)
                .isThrownBy(() -> decoder.decode(
                        Codecs.encapsulated(syntax, SyntheticSlice.header(ForeignSamples.ROWS, 21), whole), 0));
    }

    @Test
    void baseline_jpeg_is_decoded_nearly() {
        short[] decoded = decode(TransferSyntax.JPEG_BASELINE, 8, ForeignSamples.bytes(ForeignSamples.JPEG_BASELINE))
                .storedValues();
        double mean = IntStream.range(0, decoded.length)
                .map(i -> Math.abs(decoded[i] - (PIXELS[i] >> 4)))
                .average()
                .orElseThrow();
        assertThat(mean).isLessThan(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 50})
    void fill_bytes_before_a_marker_change_no_pixel(int fill) throws IOException {
        byte[] one = ForeignSamples.bytes(ForeignSamples.JPEG_LOSSLESS);
        byte[] codestream = new byte[one.length - 1 + fill];
        Arrays.fill(codestream, (byte) 0xFF);
        System.arraycopy(one, 0, codestream, 0, one.length - 3);
        codestream[codestream.length - 1] = (byte) 0xD9;
        short[] pixels =
                decode(TransferSyntax.JPEG_LOSSLESS_SV1, 12, codestream).storedValues();
        assertThat(pixels).isEqualTo(PIXELS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"06-fill1", "15-fill1", "15-fill2", "15-fill3", "20-fill1", "20-fill2", "20-fill3"})
    void fill_bytes_from_the_field_change_no_pixel(String name) throws IOException {
        String plain = name.replaceAll("fill.", "fill0");
        assertThat(field(name)).isEqualTo(field(plain));
    }

    private short[] field(String name) throws IOException {
        byte[] file = Files.readAllBytes(SharedData.require("field/dicom/jpll/" + name + ".dcm"));
        return ((FrameDecoding.Frame) decoder.decode(reader.read(file), 0)).storedValues();
    }
}
