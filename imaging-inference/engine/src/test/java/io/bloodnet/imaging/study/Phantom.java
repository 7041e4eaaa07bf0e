package io.bloodnet.imaging.study;

import io.bloodnet.imaging.dicom.DicomFile;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.DicomObjectBuilder;
import io.bloodnet.imaging.dicom.DicomWriter;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.dicom.TransferSyntax;
import io.bloodnet.imaging.dicom.Vr;
import io.bloodnet.imaging.multiframe.ImageFrames;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A made-up head: an elliptic skull of 1000 HU around brain of 30 HU, in some slices with a square of blood of 75 HU. No patient's. Each
 * series differs from the plain one by what a test changes.
 *
 * @param slices number of slices
 * @param side rows and columns
 * @param pixelMm distance of rows and of columns
 * @param gapMm distance of slices
 * @param bleedFrom first slice with blood
 * @param bleedTo behind the last slice with blood
 * @param bleedSide rows and columns of the blood
 * @param head false: no skull, so that it is no head
 * @param change what differs in each header
 */
public record Phantom(
        int slices,
        int side,
        double pixelMm,
        double gapMm,
        int bleedFrom,
        int bleedTo,
        int bleedSide,
        boolean head,
        UnaryOperator<DicomObjectBuilder> change) {

    public static final String STUDY = "2.25.100";
    public static final String SERIES = "2.25.200";
    public static final String PATIENT = "SYN-1";
    public static final String ACCESSION = "ACC-1";

    private static final int BLOOD_HU = 75;
    private static final int BRAIN_HU = 30;

    /** 12 slices of 8 mm, a whole head; blood of 40 x 40 pixels of 0.2025 mm2 in slices 4 to 6: 7.776 mL. */
    public static Phantom plain() {
        return new Phantom(12, 512, 0.45, 8, 4, 7, 40, true, b -> b);
    }

    Phantom with(UnaryOperator<DicomObjectBuilder> more) {
        return new Phantom(slices, side, pixelMm, gapMm, bleedFrom, bleedTo, bleedSide, head, more);
    }

    Phantom noHead() {
        return new Phantom(slices, side, pixelMm, gapMm, bleedFrom, bleedTo, bleedSide, false, change);
    }

    public Phantom slices(int count) {
        return new Phantom(count, side, pixelMm, gapMm, bleedFrom, bleedTo, bleedSide, head, change);
    }

    public static String sop(int slice) {
        return "2.25.300." + (slice + 1);
    }

    /** All slices as Part 10 files, from feet to head. */
    public List<byte[]> files() {
        List<byte[]> files = new ArrayList<>();
        for (int slice = 0; slice < slices; slice++) {
            files.add(file(slice));
        }
        return files;
    }

    public byte[] file(int slice) {
        return DicomWriter.write(DicomFile.of(dataSet(slice), TransferSyntax.EXPLICIT_VR_LE));
    }

    DicomObject dataSet(int slice) {
        DicomObjectBuilder builder = DicomObject.builder()
                .string(Tag.SPECIFIC_CHARACTER_SET, Vr.CS, "ISO_IR 192")
                .string(Tag.IMAGE_TYPE, Vr.CS, "ORIGINAL", "PRIMARY", "AXIAL")
                .string(Tag.SOP_CLASS_UID, Vr.UI, ImageFrames.CT_IMAGE_STORAGE)
                .string(Tag.SOP_INSTANCE_UID, Vr.UI, sop(slice))
                .string(Tag.STUDY_INSTANCE_UID, Vr.UI, STUDY)
                .string(Tag.SERIES_INSTANCE_UID, Vr.UI, SERIES)
                .string(Tag.FRAME_OF_REFERENCE_UID, Vr.UI, "2.25.400")
                .string(Tag.STUDY_DATE, Vr.DA, "20260102")
                .string(Tag.STUDY_TIME, Vr.TM, "101500")
                .string(Tag.TIMEZONE_OFFSET_FROM_UTC, Vr.SH, "+0100")
                .string(Tag.MODALITY, Vr.CS, "CT")
                .string(Tag.ACCESSION_NUMBER, Vr.SH, ACCESSION)
                .string(Tag.PATIENT_NAME, Vr.PN, "Synthetic^Head")
                .string(Tag.PATIENT_ID, Vr.LO, PATIENT)
                .string(Tag.SERIES_DESCRIPTION, Vr.LO, "HEAD 5.0 STD")
                .string(Tag.CONVOLUTION_KERNEL, Vr.SH, "STANDARD")
                .integer(Tag.INSTANCE_NUMBER, Vr.IS, slice + 1)
                .decimal(Tag.IMAGE_POSITION_PATIENT, Vr.DS, -125, -125, 10 + gapMm * slice)
                .decimal(Tag.IMAGE_ORIENTATION_PATIENT, Vr.DS, 1, 0, 0, 0, 1, 0)
                .integer(Tag.SAMPLES_PER_PIXEL, Vr.US, 1)
                .string(Tag.PHOTOMETRIC_INTERPRETATION, Vr.CS, "MONOCHROME2")
                .integer(Tag.ROWS, Vr.US, side)
                .integer(Tag.COLUMNS, Vr.US, side)
                .decimal(Tag.PIXEL_SPACING, Vr.DS, pixelMm, pixelMm)
                .integer(Tag.BITS_ALLOCATED, Vr.US, 16)
                .integer(Tag.BITS_STORED, Vr.US, 16)
                .integer(Tag.HIGH_BIT, Vr.US, 15)
                .integer(Tag.PIXEL_REPRESENTATION, Vr.US, 1)
                .decimal(Tag.RESCALE_INTERCEPT, Vr.DS, -1024)
                .decimal(Tag.RESCALE_SLOPE, Vr.DS, 1);
        return change.apply(builder).words(Tag.PIXEL_DATA, stored(slice)).build();
    }

    private short[] stored(int slice) {
        short[] pixels = new short[side * side];
        double middle = side / 2.0;
        for (int y = 0; y < side; y++) {
            for (int x = 0; x < side; x++) {
                double radius = Math.hypot((x - middle) / (0.36 * side), (y - middle) / (0.44 * side));
                pixels[y * side + x] = (short) (hu(radius, y, x, slice) + 1024);
            }
        }
        return pixels;
    }

    private int hu(double radius, int y, int x, int slice) {
        if (radius > 1) {
            return -1000;
        }
        if (radius > 0.93) {
            return head ? 1000 : BRAIN_HU;
        }
        int from = side / 2 + side / 16;
        boolean inSquare = y >= from && y < from + bleedSide && x >= from && x < from + bleedSide;
        return inSquare && slice >= bleedFrom && slice < bleedTo ? BLOOD_HU : BRAIN_HU;
    }

    /** What a measured volume must come to, mL. */
    public double bleedMl() {
        return (bleedTo - bleedFrom) * bleedSide * bleedSide * pixelMm * pixelMm * gapMm / 1000;
    }
}
