package io.bloodnet.imaging.finding;

import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.DicomObjectBuilder;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.dicom.Vr;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;

/** Frame of reference, dimensions and functional groups: where the mask lies. */
final class SegGeometry {

    private SegGeometry() {}

    static void write(DicomObjectBuilder seg, SegInput input, List<SegFrame> frames) {
        DicomObject source = input.sources().getFirst();
        seg.string(Tag.FRAME_OF_REFERENCE_UID, Vr.UI, source.requiredUid(Tag.FRAME_OF_REFERENCE_UID))
                .empty(Tag.POSITION_REFERENCE_INDICATOR, Vr.LO)
                .copy(source, Tag.POSITION_REFERENCE_INDICATOR)
                .copy(source, Tag.BODY_PART_EXAMINED);
        dimensions(seg, input.sopInstanceUid());

        DicomObjectBuilder shared =
                DicomObject.builder().sequence(Tag.PIXEL_MEASURES_SEQUENCE, pixelMeasures(input.sources()));
        boolean oneOrientation =
                frames.stream().map(SegGeometry::orientation).distinct().count() == 1;
        if (oneOrientation) {
            shared.sequence(Tag.PLANE_ORIENTATION_SEQUENCE, orientation(frames.getFirst()));
        }
        seg.sequence(Tag.SHARED_FUNCTIONAL_GROUPS_SEQUENCE, shared.build());
        seg.sequence(
                Tag.PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE,
                frames.stream()
                        .map(frame -> functionalGroups(frame, oneOrientation))
                        .toList());
    }

    private static DicomObject functionalGroups(SegFrame frame, boolean orientationIsShared) {
        DicomObject groups = frame.functionalGroups();
        return orientationIsShared
                ? groups
                : groups.toBuilder()
                        .sequence(Tag.PLANE_ORIENTATION_SEQUENCE, orientation(frame))
                        .build();
    }

    private static DicomObject orientation(SegFrame frame) {
        return DicomObject.builder()
                .copy(frame.source(), Tag.IMAGE_ORIENTATION_PATIENT)
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

    private static DicomObject pixelMeasures(List<DicomObject> sources) {
        double distance = sliceDistanceMm(sources);
        return DicomObject.builder()
                .decimal(Tag.SLICE_THICKNESS, Vr.DS, distance)
                .decimal(Tag.SPACING_BETWEEN_SLICES, Vr.DS, distance)
                .copy(sources.getFirst(), Tag.PIXEL_SPACING)
                .build();
    }

    /** Median distance of neighbouring slices along their normal: headers' own spacing is often wrong, positions are not. Unit: mm. */
    private static double sliceDistanceMm(List<DicomObject> sources) {
        double[] normal = normal(sources.getFirst().requiredDecimals(Tag.IMAGE_ORIENTATION_PATIENT, 6));
        double[] positions = sources.stream()
                .map(source -> source.requiredDecimals(Tag.IMAGE_POSITION_PATIENT, 3))
                .mapToDouble(p -> p[0] * normal[0] + p[1] * normal[1] + p[2] * normal[2])
                .sorted()
                .toArray();
        if (positions.length == 1) {
            return sources.getFirst().requiredDecimals(Tag.SLICE_THICKNESS, 1)[0];
        }
        double[] distances = new double[positions.length - 1];
        for (int i = 0; i < distances.length; i++) {
            distances[i] = positions[i + 1] - positions[i];
        }
        Arrays.sort(distances);
        double median = (distances[(distances.length - 1) / 2] + distances[distances.length / 2]) / 2;
        if (median <= 0) {
            throw new DicomException(
                    DicomException.Code.INVALID_VALUE,
                    Tag.text(Tag.IMAGE_POSITION_PATIENT) + " puts most slices onto one place");
        }
        // Micrometres: below them are only the rounding errors of the positions.
        return Math.round(median * 1000) / 1000.0;
    }

    private static double[] normal(double[] o) {
        return new double[] {
            o[1] * o[5] - o[2] * o[4], o[2] * o[3] - o[0] * o[5], o[0] * o[4] - o[1] * o[3],
        };
    }

    /** A UID under 2.25 (PS3.5 B.2), always the same for the same SEG. */
    private static String derivedUid(String sopInstanceUid, String purpose) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest((purpose + "\n" + sopInstanceUid).getBytes(StandardCharsets.UTF_8));
            byte[] uuid = Arrays.copyOf(digest, 16);
            uuid[6] = (byte) (uuid[6] & 0x0F | 0x80); // RFC 9562 version 8: custom hash
            uuid[8] = (byte) (uuid[8] & 0x3F | 0x80); // RFC 9562 variant
            return "2.25." + new BigInteger(1, uuid);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
