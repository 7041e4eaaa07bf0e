package io.bloodnet.imaging.seg;

import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.dicom.Vr;

/** The coded concepts of a SEG (PS3.16). */
enum SegCode {
    BRAIN("12738006", "SCT", "Brain"),
    ABNORMAL_STRUCTURE("49755003", "SCT", "Morphologically Abnormal Structure"),
    HEMORRHAGE("50960005", "SCT", "Hemorrhage"),
    ARTIFICIAL_INTELLIGENCE("123110", "DCM", "Artificial Intelligence"),
    SEGMENTATION("113076", "DCM", "Segmentation"),
    SOURCE_IMAGE("121322", "DCM", "Source image for image processing operation");

    private final DicomObject item;

    SegCode(String value, String scheme, String meaning) {
        this.item = DicomObject.builder()
                .string(Tag.CODE_VALUE, Vr.SH, value)
                .string(Tag.CODING_SCHEME_DESIGNATOR, Vr.SH, scheme)
                .string(Tag.CODE_MEANING, Vr.LO, meaning)
                .build();
    }

    DicomObject item() {
        return item;
    }
}
