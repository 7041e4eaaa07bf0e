package io.bloodnet.imaging.study;

import io.bloodnet.imaging.codec.Codecs;
import io.bloodnet.imaging.dicom.DicomFile;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.DicomObjectBuilder;
import io.bloodnet.imaging.dicom.DicomWriter;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.dicom.TransferSyntax;
import io.bloodnet.imaging.dicom.Vr;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Puts classic slices into one Enhanced CT image (PS3.3 A.38), as a test wants it.
 *
 * @param sop its SOP Instance UID
 * @param slices in the order of the frames
 * @param sharedGroups whether what all frames have in common is shared; else each frame says it
 * @param transferSyntax how its frames are stored
 * @param fragments of each compressed frame
 * @param offsetTable whether compressed frames are listed
 * @param top what differs at the top
 * @param group what differs in the functional groups of a frame
 */
record EnhancedCt(
        String sop,
        List<HuSlice> slices,
        boolean sharedGroups,
        String transferSyntax,
        int fragments,
        boolean offsetTable,
        UnaryOperator<DicomObjectBuilder> top,
        GroupChange group) {

    static final String ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.2.1";
    static final String LEGACY_CONVERTED = "1.2.840.10008.5.1.4.1.1.2.2";

    private static final List<String> NATIVE = List.of(
            TransferSyntax.EXPLICIT_VR_LE, TransferSyntax.IMPLICIT_VR_LE, TransferSyntax.DEFLATED_EXPLICIT_VR_LE);

    private static final int[] OF_FRAMES = {
        Tag.IMAGE_POSITION_PATIENT,
        Tag.IMAGE_ORIENTATION_PATIENT,
        Tag.PIXEL_SPACING,
        Tag.RESCALE_INTERCEPT,
        Tag.RESCALE_SLOPE,
        Tag.CONVOLUTION_KERNEL,
        Tag.INSTANCE_NUMBER,
        Tag.PIXEL_DATA
    };

    /** A change of a frame's own functional groups. */
    interface GroupChange {
        DicomObjectBuilder apply(int frame, DicomObjectBuilder group);
    }

    static EnhancedCt of(String sop, List<HuSlice> slices) {
        return new EnhancedCt(
                sop, slices, true, TransferSyntax.EXPLICIT_VR_LE, 1, true, top -> top, (_, group) -> group);
    }

    EnhancedCt withOwnGroups() {
        return new EnhancedCt(sop, slices, false, transferSyntax, fragments, offsetTable, top, group);
    }

    EnhancedCt stored(String syntax, int inFragments, boolean listed) {
        return new EnhancedCt(sop, slices, sharedGroups, syntax, inFragments, listed, top, group);
    }

    EnhancedCt top(UnaryOperator<DicomObjectBuilder> change) {
        return new EnhancedCt(sop, slices, sharedGroups, transferSyntax, fragments, offsetTable, change, group);
    }

    EnhancedCt group(GroupChange change) {
        return new EnhancedCt(sop, slices, sharedGroups, transferSyntax, fragments, offsetTable, top, change);
    }

    byte[] file() {
        DicomObjectBuilder header = slices.getFirst().plainFormat();
        for (int tag : OF_FRAMES) {
            header.remove(tag);
        }
        header.string(Tag.SOP_CLASS_UID, Vr.UI, ENHANCED_CT)
                .string(Tag.SOP_INSTANCE_UID, Vr.UI, sop)
                .string(Tag.IMAGE_TYPE, Vr.CS, "ORIGINAL", "PRIMARY", "VOLUME", "NONE")
                .integer(Tag.INSTANCE_NUMBER, Vr.IS, 1)
                .integer(Tag.NUMBER_OF_FRAMES, Vr.IS, slices.size());
        DicomObjectBuilder shared = DicomObject.builder();
        if (sharedGroups) {
            common(shared, slices.getFirst());
        }
        header.sequence(Tag.SHARED_FUNCTIONAL_GROUPS_SEQUENCE, shared.build());
        List<DicomObject> own = new ArrayList<>();
        for (int i = 0; i < slices.size(); i++) {
            own.add(group.apply(i, own(i)).build());
        }
        header.sequence(Tag.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, own);
        return DicomWriter.write(pixels(top.apply(header)));
    }

    private DicomObjectBuilder own(int frame) {
        DicomObjectBuilder own = DicomObject.builder();
        HuSlice slice = slices.get(frame);
        if (!sharedGroups) {
            common(own, slice);
        }
        return own.sequence(
                        Tag.FRAME_CONTENT_SEQUENCE,
                        DicomObject.builder()
                                .string(Tag.STACK_ID, Vr.SH, "1")
                                .integer(Tag.FRAME_ACQUISITION_NUMBER, Vr.US, 1)
                                .build())
                .sequence(Tag.PLANE_POSITION_SEQUENCE, copied(slice, Tag.IMAGE_POSITION_PATIENT));
    }

    private static void common(DicomObjectBuilder group, HuSlice slice) {
        group.sequence(Tag.PIXEL_MEASURES_SEQUENCE, copied(slice, Tag.PIXEL_SPACING))
                .sequence(Tag.PLANE_ORIENTATION_SEQUENCE, copied(slice, Tag.IMAGE_ORIENTATION_PATIENT))
                .sequence(Tag.PIXEL_VALUE_TRANSFORMATION_SEQUENCE, rescale(1, -1024))
                .sequence(
                        Tag.CT_IMAGE_FRAME_TYPE_SEQUENCE,
                        DicomObject.builder()
                                .string(Tag.FRAME_TYPE, Vr.CS, "ORIGINAL", "PRIMARY", "VOLUME", "NONE")
                                .build());
    }

    static DicomObject rescale(double slope, double intercept) {
        return DicomObject.builder()
                .decimal(Tag.RESCALE_INTERCEPT, Vr.DS, intercept)
                .decimal(Tag.RESCALE_SLOPE, Vr.DS, slope)
                .string(Tag.RESCALE_TYPE, Vr.LO, "HU")
                .build();
    }

    static DicomObject frameType(String... values) {
        return DicomObject.builder().string(Tag.FRAME_TYPE, Vr.CS, values).build();
    }

    private static DicomObject copied(HuSlice slice, int tag) {
        return DicomObject.builder().copy(slice.header(), tag).build();
    }

    private DicomFile pixels(DicomObjectBuilder header) {
        if (NATIVE.contains(transferSyntax)) {
            int framePixels = slices.getFirst().hu().length;
            ByteBuffer all =
                    ByteBuffer.allocate(2 * framePixels * slices.size()).order(ByteOrder.LITTLE_ENDIAN);
            slices.forEach(slice -> {
                for (short pixel : slice.plainPixels()) {
                    all.putShort(pixel);
                }
            });
            short[] words = new short[framePixels * slices.size()];
            all.flip();
            all.asShortBuffer().get(words);
            return DicomFile.of(header.words(Tag.PIXEL_DATA, words).build(), transferSyntax);
        }
        List<byte[]> frames = slices.stream()
                .map(slice -> Codecs.frame(transferSyntax, slice.rows(), slice.columns(), slice.plainPixels()))
                .toList();
        return Codecs.encapsulated(transferSyntax, header, frames, fragments, offsetTable);
    }
}
