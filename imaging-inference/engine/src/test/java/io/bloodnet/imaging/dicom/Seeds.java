package io.bloodnet.imaging.dicom;

import io.bloodnet.imaging.codec.Codecs;
import io.bloodnet.imaging.codec.FrameDecoder;
import io.bloodnet.imaging.dicom.json.DicomJson;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Small valid files of every kind to damage, and the one thing that may come of reading a damaged one. */
final class Seeds {

    /** Small limits, so that a size that slips through shows as time and memory soon. */
    private static final DicomLimits LIMITS = new DicomLimits(1 << 20, 1 << 20, 10_000, 16, 256 * 256, 1 << 20);

    private Seeds() {}

    static List<byte[]> files() throws IOException {
        short[] pixels = SyntheticSlice.noise(8 * 6, 3);
        List<byte[]> files = new ArrayList<>();
        for (String syntax : List.of(
                TransferSyntax.EXPLICIT_VR_LE, TransferSyntax.IMPLICIT_VR_LE, TransferSyntax.DEFLATED_EXPLICIT_VR_LE)) {
            files.add(DicomWriter.write(DicomFile.of(SyntheticSlice.dataSet(8, 6, pixels), syntax)));
        }
        for (String syntax : List.of(
                TransferSyntax.RLE_LOSSLESS, TransferSyntax.JPEG_LOSSLESS_SV1, TransferSyntax.JPEG_2000_LOSSLESS)) {
            files.add(DicomWriter.write(Codecs.compressed(syntax, 8, 6, pixels)));
        }
        return files;
    }

    /** Reads everything there is to read; ends normally or fails with something else than a {@link DicomException}. */
    static void readAndDecode(byte[] bytes) {
        try {
            DicomFile file = new DicomReader(LIMITS).read(bytes);
            touch(file.dataSet());
            new FrameDecoder(LIMITS).decode(file, 0);
            DicomWriter.write(file);
        } catch (DicomException expected) {
            // A refusal is a good end.
        }
    }

    static void readJson(byte[] bytes) throws IOException {
        try {
            new DicomJson(LIMITS).read(new ByteArrayInputStream(bytes)).forEach(Seeds::touch);
        } catch (DicomException expected) {
            // A refusal is a good end.
        }
    }

    private static void touch(DicomObject object) {
        object.header();
        for (DataElement element : object.elements()) {
            attempt(() -> object.strings(element.tag()));
            attempt(() -> object.uid(element.tag()));
            attempt(() -> object.integers(element.tag()));
            attempt(() -> object.decimals(element.tag()));
            attempt(() -> object.sequence(element.tag()).forEach(Seeds::touch));
        }
    }

    private static void attempt(Runnable read) {
        try {
            read.run();
        } catch (DicomException expected) {
            // A refusal is a good end.
        }
    }
}
