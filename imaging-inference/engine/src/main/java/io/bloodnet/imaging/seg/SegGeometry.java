package io.bloodnet.imaging.seg;

import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.DicomObjectBuilder;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.dicom.Vr;
import io.bloodnet.imaging.peer.Sha256;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;

/** Frame of reference, dimensions and functional groups: where the mask lies. */
final class SegGeometry {

    private static final int DS_LENGTH_MAX = 16;

    private SegGeometry() {}

    static void write(DicomObjectBuilder seg, SegInput input, List<SegFrame> frames) {
        DicomObject source = input.sources().getFirst();
        seg.string(Tag.FRAME_OF_REFERENCE_UID, Vr.UI, frameOfReference(source))
                .empty(Tag.POSITION_REFERENCE_INDICATOR, Vr.LO)
                .copy(source, Tag.POSITION_REFERENCE_INDICATOR)
                .copy(source, Tag.BODY_PART_EXAMINED);
        dimensions(seg, input.sopInstanceUid());

        SliceDepths depths = SliceDepths.of(input.sources());
        boolean oneDepth = frames.stream()
                        .mapToDouble(frame -> depths.mm(frame.source()))
                        .distinct()
                        .count()
                == 1;
        DicomObjectBuilder shared = DicomObject.builder();
        if (oneDepth) {
            shared.sequence(Tag.PIXEL_MEASURES_SEQUENCE, pixelMeasures(frames.getFirst(), depths));
        }
        boolean oneOrientation =
                frames.stream().map(SegGeometry::orientation).distinct().count() == 1;
        if (oneOrientation) {
            shared.sequence(Tag.PLANE_ORIENTATION_SEQUENCE, orientation(frames.getFirst()));
        }
        seg.sequence(Tag.SHARED_FUNCTIONAL_GROUPS_SEQUENCE, shared.build());
        seg.sequence(
                Tag.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE,
                frames.stream()
                        .map(frame -> {
                            DicomObjectBuilder groups = frame.functionalGroups().toBuilder();
                            if (!oneOrientation) {
                                groups.sequence(Tag.PLANE_ORIENTATION_SEQUENCE, orientation(frame));
                            }
                            if (!oneDepth) {
                                groups.sequence(Tag.PIXEL_MEASURES_SEQUENCE, pixelMeasures(frame, depths));
                            }
                            return groups.build();
                        })
                        .toList());
    }

    /**
     * The source's, or one of its series' own where de-identification has taken it away (type 1 in a SEG, PS3.3 C.7.4.1): positions of one
     * series belong together anyway.
     */
    private static String frameOfReference(DicomObject source) {
        return source.uid(Tag.FRAME_OF_REFERENCE_UID)
                .orElseGet(() -> derivedUid(source.requiredUid(Tag.SERIES_INSTANCE_UID), "frame-of-reference"));
    }

    /** The source's own bytes, so that not even rounding moves the mask; numbers that are too long for DS are written shorter (PS3.5 6.2). */
    static DicomObjectBuilder copyDecimals(DicomObjectBuilder target, DicomObject source, int tag) {
        boolean fits = source.strings(tag).stream().allMatch(text -> text.length() <= DS_LENGTH_MAX);
        return fits ? target.copy(source, tag) : target.decimal(tag, Vr.DS, source.decimals(tag));
    }

    private static DicomObject orientation(SegFrame frame) {
        return copyDecimals(DicomObject.builder(), frame.source(), Tag.IMAGE_ORIENTATION_PATIENT)
                .build();
    }

    /** Frames are sorted by segment, then by position (PS3.3 C.7.6.17). */
    private static void dimensions(DicomObjectBuilder seg, String sopInstanceUid) {
        String organization = derivedUid(sopInstanceUid, "dimension-organization");
        seg.sequence(
                        Tag.DIMENSION_ORGANIZATION_SEQUENCE,
                        DicomObject.builder()
                                .string(Tag.DIMENSION_ORGANIZATION_UID, Vr.UI, organization)
                                .build())
                .sequence(
                        Tag.DIMENSION_INDEX_SEQUENCE,
                        dimension(
                                organization,
                                Tag.REFERENCED_SEGMENT_NUMBER,
                                Tag.SEGMENT_IDENTIFICATION_SEQUENCE,
                                "ReferencedSegmentNumber"),
                        dimension(
                                organization,
                                Tag.IMAGE_POSITION_PATIENT,
                                Tag.PLANE_POSITION_SEQUENCE,
                                "ImagePositionPatient"));
    }

    private static DicomObject dimension(String organization, int pointer, int group, String label) {
        return DicomObject.builder()
                .string(Tag.DIMENSION_ORGANIZATION_UID, Vr.UI, organization)
                .integer(Tag.DIMENSION_INDEX_POINTER, Vr.AT, Integer.toUnsignedLong(pointer))
                .integer(Tag.FUNCTIONAL_GROUP_POINTER, Vr.AT, Integer.toUnsignedLong(group))
                .string(Tag.DIMENSION_DESCRIPTION_LABEL, Vr.LO, label)
                .build();
    }

    /** Each frame is as thick as the slice stands for, so that voxels times thickness are the reported volume. */
    private static DicomObject pixelMeasures(SegFrame frame, SliceDepths depths) {
        double mm = depths.mm(frame.source());
        DicomObjectBuilder measures = DicomObject.builder()
                .decimal(Tag.SLICE_THICKNESS, Vr.DS, mm)
                .decimal(Tag.SPACING_BETWEEN_SLICES, Vr.DS, mm);
        return copyDecimals(measures, frame.source(), Tag.PIXEL_SPACING).build();
    }

    /** A UID under 2.25 (PS3.5 B.2), always the same for the same SEG. */
    private static String derivedUid(String sopInstanceUid, String purpose) {
        byte[] uuid = Arrays.copyOf(Sha256.of(purpose + "\n" + sopInstanceUid), 16);
        uuid[6] = (byte) (uuid[6] & 0x0F | 0x80); // RFC 9562 version 8: custom hash
        uuid[8] = (byte) (uuid[8] & 0x3F | 0x80); // RFC 9562 variant
        return "2.25." + new BigInteger(1, uuid);
    }
}
