package io.bloodnet.imaging.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.imaging.dicom.DicomFile;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicom.DicomReader;
import io.bloodnet.imaging.dicom.FrameDecoding;
import io.bloodnet.imaging.dicom.SharedData;
import io.bloodnet.imaging.dicom.Tag;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same slice in every transfer syntax, written by other toolkits. */
class TransferSyntaxSamplesTest {

    private static final String FOLDER = "data/samples/transfer-syntaxes/";
    private static final Map<String, String> PLAIN = Map.of("c", "ct2.dcm", "n", "neg.dcm");

    @ParameterizedTest
    @ValueSource(strings = {"c_defl", "c_ivle", "c_j2k", "c_jpll", "c_rle", "n_j2k", "n_jpll", "n_rle"})
    void decodes_to_the_same_stored_values_as_the_plain_file(String name) throws IOException {
        FrameDecoding.Frame frame = frame(name + ".dcm");
        FrameDecoding.Frame plain = frame(PLAIN.get(name.substring(0, 1)));

        assertThat(frame.signed()).isEqualTo(plain.signed());
        assertThat(Arrays.mismatch(frame.storedValues(), plain.storedValues()))
                .as("first differing pixel")
                .isEqualTo(-1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"c_jls", "n_jls"})
    void jpeg_ls_decodes_to_the_same_where_the_machine_has_charls_and_is_named_elsewhere(String name)
            throws IOException {
        DicomFile file = read(name + ".dcm");
        FrameDecoding decoding = new FrameDecoder(DicomLimits.DEFAULT).decode(file, 0);

        if (CharLs.installed().isEmpty()) {
            assertThat(decoding).isEqualTo(new FrameDecoding.UndecodableTransferSyntax("1.2.840.10008.1.2.4.80"));
        } else {
            FrameDecoding.Frame plain = frame(PLAIN.get(name.substring(0, 1)));
            assertThat(((FrameDecoding.Frame) decoding).storedValues()).isEqualTo(plain.storedValues());
        }
        assertThat(FrameDecoder.decodes(file.transferSyntaxUid()))
                .isEqualTo(CharLs.installed().isPresent());
    }

    @Test
    void reads_negative_stored_values() throws IOException {
        FrameDecoding.Frame frame = frame("neg.dcm");

        assertThat(frame.signed()).isTrue();
        assertThat(frame.value(0)).isEqualTo((short) 0xF830);
    }

    @Test
    void implicit_vr_gives_the_same_tags_and_vrs_as_explicit_vr() throws IOException {
        Stream<String> implicit =
                read("c_ivle.dcm").dataSet().elements().stream().map(e -> Tag.text(e.tag()) + e.vr());
        Stream<String> explicit = read("ct2.dcm").dataSet().elements().stream().map(e -> Tag.text(e.tag()) + e.vr());

        assertThat(implicit.toList()).isEqualTo(explicit.toList());
    }

    private static FrameDecoding.Frame frame(String name) throws IOException {
        return (FrameDecoding.Frame) new FrameDecoder(DicomLimits.DEFAULT).decode(read(name), 0);
    }

    private static DicomFile read(String name) throws IOException {
        return new DicomReader(DicomLimits.DEFAULT).read(Files.readAllBytes(SharedData.require(FOLDER + name)));
    }
}
