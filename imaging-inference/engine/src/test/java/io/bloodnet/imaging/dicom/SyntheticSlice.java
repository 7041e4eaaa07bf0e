package io.bloodnet.imaging.dicom;

import java.util.Random;

/** A made-up CT slice, no patient's. */
public final class SyntheticSlice {

    static final String CT_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.2";

    private SyntheticSlice() {}

    static DicomObject dataSet(int rows, int columns, short[] pixels) {
        return header(rows, columns).words(Tag.PIXEL_DATA, pixels).build();
    }

    public static DicomObjectBuilder header(int rows, int columns) {
        return DicomObject.builder()
                .string(Tag.SPECIFIC_CHARACTER_SET, Vr.CS, "ISO_IR 192")
                .string(Tag.IMAGE_TYPE, Vr.CS, "ORIGINAL", "PRIMARY", "AXIAL")
                .string(Tag.SOP_CLASS_UID, Vr.UI, CT_IMAGE_STORAGE)
                .string(Tag.SOP_INSTANCE_UID, Vr.UI, "2.25.1001")
                .string(Tag.STUDY_DATE, Vr.DA, "20260102")
                .string(Tag.MODALITY, Vr.CS, "CT")
                .string(Tag.PATIENT_NAME, Vr.PN, "Möller^Åse")
                .string(Tag.PATIENT_ID, Vr.LO, "SYN-1")
                .string(Tag.STUDY_INSTANCE_UID, Vr.UI, "2.25.1")
                .string(Tag.SERIES_INSTANCE_UID, Vr.UI, "2.25.2")
                .integer(Tag.INSTANCE_NUMBER, Vr.IS, 7)
                .decimal(Tag.IMAGE_POSITION_PATIENT, Vr.DS, -125.5, -110.25, 42)
                .decimal(Tag.IMAGE_ORIENTATION_PATIENT, Vr.DS, 1, 0, 0, 0, 1, 0)
                .integer(Tag.SAMPLES_PER_PIXEL, Vr.US, 1)
                .string(Tag.PHOTOMETRIC_INTERPRETATION, Vr.CS, "MONOCHROME2")
                .integer(Tag.ROWS, Vr.US, rows)
                .integer(Tag.COLUMNS, Vr.US, columns)
                .decimal(Tag.PIXEL_SPACING, Vr.DS, 0.48828125, 0.48828125)
                .integer(Tag.BITS_ALLOCATED, Vr.US, 16)
                .integer(Tag.BITS_STORED, Vr.US, 16)
                .integer(Tag.HIGH_BIT, Vr.US, 15)
                .integer(Tag.PIXEL_REPRESENTATION, Vr.US, 1)
                .decimal(Tag.RESCALE_INTERCEPT, Vr.DS, -1024)
                .decimal(Tag.RESCALE_SLOPE, Vr.DS, 1)
                .sequence(
                        Tag.OTHER_PATIENT_IDS_SEQUENCE,
                        DicomObject.builder()
                                .string(Tag.PATIENT_ID, Vr.LO, "SYN-1-OTHER")
                                .build());
    }

    public static short[] noise(int count, long seed) {
        Random random = new Random(seed);
        short[] pixels = new short[count];
        for (int i = 0; i < count; i++) {
            pixels[i] = (short) random.nextInt();
        }
        return pixels;
    }
}
