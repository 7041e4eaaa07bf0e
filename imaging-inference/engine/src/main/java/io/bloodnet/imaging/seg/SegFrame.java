package io.bloodnet.imaging.seg;

import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.dicom.Vr;
import io.bloodnet.imaging.finding.Mask;
import io.bloodnet.imaging.finding.SliceId;
import java.util.ArrayList;
import java.util.List;

/**
 * One frame of the SEG.
 *
 * @param source header of the slice that it lies on
 * @param number from 1, in the order of the mask
 */
record SegFrame(DicomObject source, int number) {

    /** @throws IllegalArgumentException when a frame lies on none of the sources */
    static List<SegFrame> of(SegInput input) {
        List<SegFrame> frames = new ArrayList<>();
        for (Mask.Frame frame : input.mask().frames()) {
            DicomObject source = input.sources().stream()
                    .filter(slice -> idOf(slice).equals(frame.slice()))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("mask frame without its source slice"));
            frames.add(new SegFrame(source, frames.size() + 1));
        }
        return frames;
    }

    /** Which slice a header describes: an instance, or one frame of it. */
    static SliceId idOf(DicomObject source) {
        return new SliceId(
                source.requiredUid(Tag.SOP_INSTANCE_UID),
                source.integer(Tag.REFERENCED_FRAME_NUMBER).orElse(0));
    }

    /** The source instance, without a word on its frames. */
    DicomObject sourceReference() {
        return DicomObject.builder()
                .string(Tag.REFERENCED_SOP_CLASS_UID, Vr.UI, source.requiredUid(Tag.SOP_CLASS_UID))
                .string(Tag.REFERENCED_SOP_INSTANCE_UID, Vr.UI, source.requiredUid(Tag.SOP_INSTANCE_UID))
                .build();
    }

    /** The per-frame functional groups (PS3.3 C.7.6.16.2), without plane orientation. */
    DicomObject functionalGroups() {
        DicomObject sourceImage = sourceReference().toBuilder()
                // PS3.3 table 10-3: which frame, where the instance has several.
                .copy(source, Tag.REFERENCED_FRAME_NUMBER)
                .string(Tag.SPATIAL_LOCATIONS_PRESERVED, Vr.CS, "YES")
                .sequence(Tag.PURPOSE_OF_REFERENCE_CODE_SEQUENCE, SegCode.SOURCE_IMAGE.item())
                .build();
        return DicomObject.builder()
                .sequence(
                        Tag.DERIVATION_IMAGE_SEQUENCE,
                        DicomObject.builder()
                                .sequence(Tag.SOURCE_IMAGE_SEQUENCE, sourceImage)
                                .sequence(Tag.DERIVATION_CODE_SEQUENCE, SegCode.SEGMENTATION.item())
                                .build())
                .sequence(
                        Tag.FRAME_CONTENT_SEQUENCE,
                        DicomObject.builder()
                                .integer(Tag.DIMENSION_INDEX_VALUES, Vr.UL, 1, number)
                                .build())
                // The source's own bytes, so that not even rounding moves the mask.
                .sequence(
                        Tag.PLANE_POSITION_SEQUENCE,
                        SegGeometry.copyDecimals(DicomObject.builder(), source, Tag.IMAGE_POSITION_PATIENT)
                                .build())
                .sequence(
                        Tag.SEGMENT_IDENTIFICATION_SEQUENCE,
                        DicomObject.builder()
                                .integer(Tag.REFERENCED_SEGMENT_NUMBER, Vr.US, 1)
                                .build())
                .build();
    }
}
