package io.bloodnet.imaging.bench;

import io.bloodnet.imaging.dicom.DicomFile;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.DicomWriter;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.dicom.TransferSyntax;
import io.bloodnet.imaging.dicom.Vr;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A made-up head CT of 36 slices of 512 x 512: an elliptic skull around noisy brain. The seed is fixed, so every run measures the same. */
final class BenchStudy {

    static final int SLICES = 36;
    static final int SIDE = 512;
    static final String STUDY = "2.25.100";
    static final String SERIES = "2.25.200";
    static final String PATIENT = "BENCH-1";

    private static final long SEED = 36;
    private static final int AIR_HU = -1000;
    private static final int BONE_HU = 1000;
    private static final int BRAIN_HU = 32;
    private static final int INTERCEPT = -1024;

    private BenchStudy() {}

    /** HU of all slices, from feet to head. */
    static List<short[]> hu() {
        Random random = new Random(SEED);
        List<short[]> slices = new ArrayList<>();
        for (int slice = 0; slice < SLICES; slice++) {
            short[] hu = new short[SIDE * SIDE];
            for (int at = 0; at < hu.length; at++) {
                double y = (at / SIDE - SIDE / 2.0) / (0.42 * SIDE);
                double x = (at % SIDE - SIDE / 2.0) / (0.36 * SIDE);
                double radius = Math.hypot(x, y);
                int tissue = radius > 1 ? AIR_HU : radius > 0.93 ? BONE_HU : BRAIN_HU;
                hu[at] = (short) (tissue + random.nextInt(11) - 5);
            }
            slices.add(hu);
        }
        return slices;
    }

    /** The slices as Part 10 files. */
    static List<byte[]> files() {
        List<byte[]> files = new ArrayList<>();
        for (short[] hu : hu()) {
            short[] stored = new short[hu.length];
            for (int i = 0; i < hu.length; i++) {
                stored[i] = (short) Math.max(0, hu[i] - INTERCEPT);
            }
            files.add(DicomWriter.write(DicomFile.of(dataSet(files.size(), stored), TransferSyntax.EXPLICIT_VR_LE)));
        }
        return files;
    }

    static String sop(int slice) {
        return "2.25.300." + (slice + 1);
    }

    private static DicomObject dataSet(int slice, short[] stored) {
        return DicomObject.builder()
                .string(Tag.IMAGE_TYPE, Vr.CS, "ORIGINAL", "PRIMARY", "AXIAL")
                .string(Tag.SOP_CLASS_UID, Vr.UI, "1.2.840.10008.5.1.4.1.1.2")
                .string(Tag.SOP_INSTANCE_UID, Vr.UI, sop(slice))
                .string(Tag.STUDY_INSTANCE_UID, Vr.UI, STUDY)
                .string(Tag.SERIES_INSTANCE_UID, Vr.UI, SERIES)
                .string(Tag.FRAME_OF_REFERENCE_UID, Vr.UI, "2.25.400")
                .string(Tag.MODALITY, Vr.CS, "CT")
                .string(Tag.PATIENT_ID, Vr.LO, PATIENT)
                .integer(Tag.INSTANCE_NUMBER, Vr.IS, slice + 1)
                .decimal(Tag.IMAGE_POSITION_PATIENT, Vr.DS, -115, -115, 5.0 * slice)
                .decimal(Tag.IMAGE_ORIENTATION_PATIENT, Vr.DS, 1, 0, 0, 0, 1, 0)
                .integer(Tag.SAMPLES_PER_PIXEL, Vr.US, 1)
                .string(Tag.PHOTOMETRIC_INTERPRETATION, Vr.CS, "MONOCHROME2")
                .integer(Tag.ROWS, Vr.US, SIDE)
                .integer(Tag.COLUMNS, Vr.US, SIDE)
                .decimal(Tag.PIXEL_SPACING, Vr.DS, 0.45, 0.45)
                .integer(Tag.BITS_ALLOCATED, Vr.US, 16)
                .integer(Tag.BITS_STORED, Vr.US, 16)
                .integer(Tag.HIGH_BIT, Vr.US, 15)
                .integer(Tag.PIXEL_REPRESENTATION, Vr.US, 1)
                .decimal(Tag.RESCALE_INTERCEPT, Vr.DS, INTERCEPT)
                .decimal(Tag.RESCALE_SLOPE, Vr.DS, 1)
                .words(Tag.PIXEL_DATA, stored)
                .build();
    }
}
