package io.bloodnet.sandbox.ct;

import io.bloodnet.imaging.dicom.DicomFile;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.DicomObjectBuilder;
import io.bloodnet.imaging.dicom.DicomWriter;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.dicom.TransferSyntax;
import io.bloodnet.imaging.dicom.Vr;
import io.bloodnet.sandbox.cases.SampleCase;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;

/** The images of a sample case as a scanner sends them: a localizer, and an axial series where the case has one. */
public final class CtStudyFiles {

    private static final String CT_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.2";
    private static final int LOCALIZER_SERIES = 1;
    private static final int AXIAL_SERIES = 2;
    private static final int INTERCEPT = -1024;
    private static final double HALF_FIELD_MM = (SyntheticHeadCt.SIZE - 1) / 2.0 * SyntheticHeadCt.PIXEL_MM;

    private final SampleCase sample;
    private final String date;
    private final String time;

    private CtStudyFiles(SampleCase sample, Instant acquiredAt) {
        this.sample = sample;
        this.date = DateTimeFormatter.BASIC_ISO_DATE.format(
                acquiredAt.atOffset(ZoneOffset.UTC).toLocalDate());
        this.time =
                DateTimeFormatter.ofPattern("HHmmss").withZone(ZoneOffset.UTC).format(acquiredAt);
    }

    /** The Part 10 files (CT Image Storage, Explicit VR Little Endian) of the study; the same arguments give the same bytes. */
    public static List<byte[]> make(SampleCase sample, Instant acquiredAt) {
        return make(sample, acquiredAt, 1);
    }

    /**
     * As above, with the axial slices in several series one after the other: a soft kernel first, then sharp ones.
     *
     * @param axialSeries series beside the localizer, at least 1
     */
    public static List<byte[]> make(SampleCase sample, Instant acquiredAt, int axialSeries) {
        CtStudyFiles files = new CtStudyFiles(sample, acquiredAt);
        List<byte[]> made = new ArrayList<>();
        if (sample.slices() == 0) {
            made.add(files.localizer(SyntheticHeadCt.draw(sample.content(), sample.seed(), 30)));
            return made;
        }
        SyntheticHeadCt head = SyntheticHeadCt.draw(sample.content(), sample.seed(), sample.slices());
        made.add(files.localizer(head));
        for (int series = 0; series < axialSeries; series++) {
            for (int i = 0; i < sample.slices(); i++) {
                made.add(files.axial(AXIAL_SERIES + series, i, head.slices().get(i)));
            }
        }
        return made;
    }

    private byte[] axial(int series, int slice, short[] hu) {
        String kernel = series == AXIAL_SERIES ? "STANDARD" : "BONE";
        double z = SyntheticHeadCt.z(slice);
        DicomObjectBuilder data = common(series, slice + 1, "HEAD 5.0 " + kernel)
                .string(Tag.IMAGE_TYPE, Vr.CS, "ORIGINAL", "PRIMARY", "AXIAL")
                .decimal(Tag.SLICE_THICKNESS, Vr.DS, SyntheticHeadCt.SLICE_MM)
                .decimal(Tag.PIXEL_SPACING, Vr.DS, SyntheticHeadCt.PIXEL_MM, SyntheticHeadCt.PIXEL_MM)
                .decimal(Tag.IMAGE_POSITION_PATIENT, Vr.DS, -HALF_FIELD_MM, -HALF_FIELD_MM, z)
                .decimal(Tag.IMAGE_ORIENTATION_PATIENT, Vr.DS, 1, 0, 0, 0, 1, 0)
                .decimal(Tag.SLICE_LOCATION, Vr.DS, z)
                .string(Tag.CONVOLUTION_KERNEL, Vr.SH, kernel)
                .string(Tag.RESCALE_TYPE, Vr.LO, "HU")
                .decimal(Tag.GANTRY_DETECTOR_TILT, Vr.DS, 0);
        return finish(data, SyntheticHeadCt.SIZE, hu);
    }

    /** A view from the side: each row is one slice's mean across the head, each slice repeated to its thickness. */
    private byte[] localizer(SyntheticHeadCt head) {
        int rows = SyntheticHeadCt.SIZE;
        short[] view = new short[rows * SyntheticHeadCt.SIZE];
        for (int row = 0; row < rows; row++) {
            int slice = head.slices().size() - 1 - row * head.slices().size() / rows;
            short[] hu = head.slices().get(slice);
            for (int y = 0; y < SyntheticHeadCt.SIZE; y++) {
                view[row * SyntheticHeadCt.SIZE + y] = (short) (mean(hu, y * SyntheticHeadCt.SIZE) / 2);
            }
        }
        double height = head.slices().size() * SyntheticHeadCt.SLICE_MM;
        DicomObjectBuilder data = common(LOCALIZER_SERIES, 1, "SCOUT")
                .string(Tag.IMAGE_TYPE, Vr.CS, "ORIGINAL", "PRIMARY", "LOCALIZER")
                .decimal(Tag.SLICE_THICKNESS, Vr.DS, 240)
                .decimal(Tag.PIXEL_SPACING, Vr.DS, height / rows, SyntheticHeadCt.PIXEL_MM)
                .decimal(Tag.IMAGE_POSITION_PATIENT, Vr.DS, 0, -HALF_FIELD_MM, height)
                .decimal(Tag.IMAGE_ORIENTATION_PATIENT, Vr.DS, 0, 1, 0, 0, 0, -1);
        return finish(data, rows, view);
    }

    private static int mean(short[] hu, int from) {
        int sum = 0;
        for (int x = 0; x < SyntheticHeadCt.SIZE; x++) {
            sum += hu[from + x];
        }
        return sum / SyntheticHeadCt.SIZE;
    }

    private DicomObjectBuilder common(int series, int instance, String description) {
        return DicomObject.builder()
                .string(Tag.SPECIFIC_CHARACTER_SET, Vr.CS, "ISO_IR 192")
                .string(Tag.SOP_CLASS_UID, Vr.UI, CT_IMAGE_STORAGE)
                .string(Tag.SOP_INSTANCE_UID, Vr.UI, sample.uid("instance-" + series + "-" + instance))
                .string(Tag.STUDY_DATE, Vr.DA, date)
                .string(Tag.SERIES_DATE, Vr.DA, date)
                .string(Tag.ACQUISITION_DATE, Vr.DA, date)
                .string(Tag.CONTENT_DATE, Vr.DA, date)
                .string(Tag.STUDY_TIME, Vr.TM, time)
                .string(Tag.SERIES_TIME, Vr.TM, time)
                .string(Tag.ACQUISITION_TIME, Vr.TM, time)
                .string(Tag.CONTENT_TIME, Vr.TM, time)
                .string(Tag.TIMEZONE_OFFSET_FROM_UTC, Vr.SH, "+0000")
                .string(Tag.ACCESSION_NUMBER, Vr.SH, sample.accession())
                .string(Tag.MODALITY, Vr.CS, "CT")
                .string(Tag.MANUFACTURER, Vr.LO, "BloodNet CDS sandbox")
                .string(Tag.MANUFACTURER_MODEL_NAME, Vr.LO, "Synthetic head")
                .string(Tag.DEVICE_SERIAL_NUMBER, Vr.LO, "1")
                .string(Tag.SOFTWARE_VERSIONS, Vr.LO, "1")
                .empty(Tag.REFERRING_PHYSICIAN_NAME, Vr.PN)
                .string(Tag.STUDY_DESCRIPTION, Vr.LO, "CT HEAD WO CONTRAST")
                .string(Tag.SERIES_DESCRIPTION, Vr.LO, description)
                .string(Tag.PATIENT_NAME, Vr.PN, sample.familyName() + "^" + sample.givenName())
                .string(Tag.PATIENT_ID, Vr.LO, sample.patientId())
                .string(Tag.PATIENT_BIRTH_DATE, Vr.DA, sample.birthDate().format(DateTimeFormatter.BASIC_ISO_DATE))
                .string(Tag.PATIENT_SEX, Vr.CS, sample.sex())
                .string(Tag.BODY_PART_EXAMINED, Vr.CS, "HEAD")
                .decimal(Tag.KVP, Vr.DS, 120)
                .string(Tag.PATIENT_POSITION, Vr.CS, "HFS")
                .string(Tag.STUDY_INSTANCE_UID, Vr.UI, sample.studyUid())
                .string(Tag.SERIES_INSTANCE_UID, Vr.UI, sample.uid("series-" + series))
                .string(Tag.STUDY_ID, Vr.SH, "1")
                .integer(Tag.SERIES_NUMBER, Vr.IS, series)
                .integer(Tag.ACQUISITION_NUMBER, Vr.IS, series)
                .integer(Tag.INSTANCE_NUMBER, Vr.IS, instance)
                .string(Tag.FRAME_OF_REFERENCE_UID, Vr.UI, sample.uid("frame-of-reference"))
                .empty(Tag.POSITION_REFERENCE_INDICATOR, Vr.LO);
    }

    private static byte[] finish(DicomObjectBuilder data, int rows, short[] hu) {
        short[] stored = new short[hu.length];
        for (int i = 0; i < hu.length; i++) {
            stored[i] = (short) (hu[i] - INTERCEPT);
        }
        data.integer(Tag.SAMPLES_PER_PIXEL, Vr.US, 1)
                .string(Tag.PHOTOMETRIC_INTERPRETATION, Vr.CS, "MONOCHROME2")
                .integer(Tag.ROWS, Vr.US, rows)
                .integer(Tag.COLUMNS, Vr.US, SyntheticHeadCt.SIZE)
                .integer(Tag.BITS_ALLOCATED, Vr.US, 16)
                .integer(Tag.BITS_STORED, Vr.US, 12)
                .integer(Tag.HIGH_BIT, Vr.US, 11)
                .integer(Tag.PIXEL_REPRESENTATION, Vr.US, 0)
                .decimal(Tag.WINDOW_CENTER, Vr.DS, 40)
                .decimal(Tag.WINDOW_WIDTH, Vr.DS, 80)
                .decimal(Tag.RESCALE_INTERCEPT, Vr.DS, INTERCEPT)
                .decimal(Tag.RESCALE_SLOPE, Vr.DS, 1)
                .words(Tag.PIXEL_DATA, stored);
        return DicomWriter.write(DicomFile.of(data.build(), TransferSyntax.EXPLICIT_VR_LE));
    }
}
