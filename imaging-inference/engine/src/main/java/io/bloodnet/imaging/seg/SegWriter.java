package io.bloodnet.imaging.seg;

import io.bloodnet.imaging.dicom.DicomFile;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.DicomObjectBuilder;
import io.bloodnet.imaging.dicom.DicomWriter;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.dicom.TransferSyntax;
import io.bloodnet.imaging.dicom.Vr;
import io.bloodnet.imaging.finding.Mask;
import io.bloodnet.imaging.finding.ModelId;
import java.util.List;

/**
 * Writes a DICOM Segmentation (PS3.3 A.51), BINARY, one frame for each slice with blood. The same input gives the same bytes. Without
 * state, runs in the caller's thread.
 */
public final class SegWriter {

    static final String SEGMENTATION_STORAGE = "1.2.840.10008.5.1.4.1.1.66.4";

    private static final String PRODUCT = "BloodNet CDS";

    /** Far above the numbers that scanners give, so that the SEG is listed after their series. */
    private static final int SERIES_NUMBER = 9_000;

    private static final String AI_NOTICE = "AI-made, preliminary, not for primary diagnosis";

    private SegWriter() {}

    /**
     * The SEG as a Part 10 file in Explicit VR Little Endian.
     *
     * @throws io.bloodnet.imaging.dicom.DicomException when a source slice lacks what a SEG must repeat, its frame of reference for example
     */
    public static byte[] write(SegInput input) {
        List<SegFrame> frames = SegFrame.of(input);
        DicomObjectBuilder seg = DicomObject.builder();
        SegPatientStudy.copy(input.sources().getFirst(), seg, input.at());
        series(seg, input);
        equipment(seg, input.model());
        image(seg, input);
        references(seg, frames);
        SegGeometry.write(seg, input, frames);
        seg.sequence(Tag.SEGMENT_SEQUENCE, segment(input.model()));
        seg.bytes(Tag.PIXEL_DATA, Vr.OB, pixels(input.mask()));
        return DicomWriter.write(DicomFile.of(seg.build(), TransferSyntax.EXPLICIT_VR_LE));
    }

    private static void series(DicomObjectBuilder seg, SegInput input) {
        seg.string(Tag.SOP_CLASS_UID, Vr.UI, SEGMENTATION_STORAGE)
                .string(Tag.SOP_INSTANCE_UID, Vr.UI, input.sopInstanceUid())
                .string(Tag.MODALITY, Vr.CS, "SEG")
                .string(Tag.SERIES_INSTANCE_UID, Vr.UI, input.seriesUid())
                .integer(Tag.SERIES_NUMBER, Vr.IS, SERIES_NUMBER)
                .integer(Tag.INSTANCE_NUMBER, Vr.IS, 1)
                .string(Tag.SERIES_DESCRIPTION, Vr.LO, "BloodNet ICH segmentation (AI)");
    }

    private static void equipment(DicomObjectBuilder seg, ModelId model) {
        seg.string(Tag.MANUFACTURER, Vr.LO, PRODUCT)
                .string(Tag.MANUFACTURER_MODEL_NAME, Vr.LO, model.id())
                // The network's own digest: which very device this was.
                .string(Tag.DEVICE_SERIAL_NUMBER, Vr.LO, model.sha256())
                .string(Tag.SOFTWARE_VERSIONS, Vr.LO, model.version());
    }

    /** PS3.3 C.8.20.2 and C.7.6.3. */
    private static void image(DicomObjectBuilder seg, SegInput input) {
        seg.string(Tag.IMAGE_TYPE, Vr.CS, "DERIVED", "PRIMARY")
                .string(Tag.CONTENT_LABEL, Vr.CS, "ICH")
                .string(Tag.CONTENT_DESCRIPTION, Vr.LO, AI_NOTICE)
                .string(Tag.CONTENT_CREATOR_NAME, Vr.PN, "BloodNet^CDS")
                .string(Tag.SEGMENTATION_TYPE, Vr.CS, "BINARY")
                .integer(Tag.SAMPLES_PER_PIXEL, Vr.US, 1)
                .string(Tag.PHOTOMETRIC_INTERPRETATION, Vr.CS, "MONOCHROME2")
                .integer(Tag.NUMBER_OF_FRAMES, Vr.IS, input.mask().frames().size())
                .integer(Tag.ROWS, Vr.US, input.mask().rows())
                .integer(Tag.COLUMNS, Vr.US, input.mask().columns())
                .integer(Tag.BITS_ALLOCATED, Vr.US, 1)
                .integer(Tag.BITS_STORED, Vr.US, 1)
                .integer(Tag.HIGH_BIT, Vr.US, 0)
                .integer(Tag.PIXEL_REPRESENTATION, Vr.US, 0);
        lossy(seg, input.sources());
    }

    /** PS3.3 C.7.6.1.1.5: what was once lossy stays marked, also in what is derived from it. */
    private static void lossy(DicomObjectBuilder seg, List<DicomObject> sources) {
        seg.string(Tag.LOSSY_IMAGE_COMPRESSION, Vr.CS, "00");
        sources.stream()
                .filter(source ->
                        source.string(Tag.LOSSY_IMAGE_COMPRESSION).orElse("00").equals("01"))
                .findFirst()
                .ifPresent(source -> seg.copy(source, Tag.LOSSY_IMAGE_COMPRESSION)
                        .copy(source, Tag.LOSSY_IMAGE_COMPRESSION_RATIO)
                        .copy(source, Tag.LOSSY_IMAGE_COMPRESSION_METHOD));
    }

    /** Common Instance Reference (PS3.3 C.12.2): every instance that a frame lies on, once. */
    private static void references(DicomObjectBuilder seg, List<SegFrame> frames) {
        List<DicomObject> instances =
                frames.stream().map(SegFrame::sourceReference).distinct().toList();
        String series = frames.getFirst().source().requiredUid(Tag.SERIES_INSTANCE_UID);
        seg.sequence(
                Tag.REFERENCED_SERIES_SEQUENCE,
                DicomObject.builder()
                        .string(Tag.SERIES_INSTANCE_UID, Vr.UI, series)
                        .sequence(Tag.REFERENCED_INSTANCE_SEQUENCE, instances)
                        .build());
    }

    /** PS3.3 C.8.20.4; codes of CID 7150, 7151 and 7159. */
    private static DicomObject segment(ModelId model) {
        return DicomObject.builder()
                .integer(Tag.SEGMENT_NUMBER, Vr.US, 1)
                .string(Tag.SEGMENT_LABEL, Vr.LO, "Intracranial hemorrhage")
                .string(Tag.SEGMENT_DESCRIPTION, Vr.ST, AI_NOTICE)
                .string(Tag.SEGMENT_ALGORITHM_TYPE, Vr.CS, "AUTOMATIC")
                .string(Tag.SEGMENT_ALGORITHM_NAME, Vr.LO, model.id())
                .sequence(Tag.ANATOMIC_REGION_SEQUENCE, SegCode.BRAIN.item())
                .sequence(Tag.SEGMENTED_PROPERTY_CATEGORY_CODE_SEQUENCE, SegCode.ABNORMAL_STRUCTURE.item())
                .sequence(Tag.SEGMENTED_PROPERTY_TYPE_CODE_SEQUENCE, SegCode.HEMORRHAGE.item())
                .sequence(
                        Tag.SEGMENTATION_ALGORITHM_IDENTIFICATION_SEQUENCE,
                        DicomObject.builder()
                                .sequence(Tag.ALGORITHM_FAMILY_CODE_SEQUENCE, SegCode.ARTIFICIAL_INTELLIGENCE.item())
                                .string(Tag.ALGORITHM_NAME, Vr.LO, model.id())
                                .string(Tag.ALGORITHM_VERSION, Vr.LO, model.version())
                                .string(Tag.ALGORITHM_SOURCE, Vr.LO, PRODUCT)
                                .build())
                // A strong red in CIELab, as viewers scale it (PS3.3 C.10.7.1.1).
                .integer(Tag.RECOMMENDED_DISPLAY_CIELAB_VALUE, Vr.US, 34_885, 53_485, 50_171)
                .build();
    }

    /** Frames back to back without padding between them, so that one may start within a byte (PS3.5 section 8.1.1). */
    private static byte[] pixels(Mask mask) {
        long framePixels = (long) mask.rows() * mask.columns();
        byte[] packed = new byte[Math.toIntExact((framePixels * mask.frames().size() + 7) / 8)];
        long position = 0;
        for (Mask.Frame frame : mask.frames()) {
            int at = (int) (position >> 3);
            int shift = (int) (position & 7);
            for (byte bits : frame.bits()) {
                int shifted = (bits & 0xFF) << shift;
                packed[at] |= (byte) shifted;
                at++;
                // What spills into a byte that is not there is only the frame's unused last bits, which are zero.
                if (shifted >>> 8 != 0) {
                    packed[at] |= (byte) (shifted >>> 8);
                }
            }
            position += framePixels;
        }
        return packed;
    }
}
