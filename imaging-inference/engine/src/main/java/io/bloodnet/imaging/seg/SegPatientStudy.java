package io.bloodnet.imaging.seg;

import io.bloodnet.imaging.dicom.DataElement;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.DicomObjectBuilder;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.dicom.Vr;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Optional;

/** Patient and study attributes exactly as the source says them, byte by byte, so that an archive files the SEG beside its CT. */
final class SegPatientStudy {

    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("uuuuMMdd");
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HHmmss");

    /** Patient, Patient Study and Clinical Trial Subject attributes (PS3.3 C.7.1.1, C.7.2.2, C.7.1.3) fill these groups alone. */
    private static final int PATIENT_GROUP = 0x0010;

    private static final int CLINICAL_TRIAL_GROUP = 0x0012;

    private static final int PATIENT_IDENTITY_REMOVED = 0x0012_0062;
    private static final int DEIDENTIFICATION_METHOD = 0x0012_0063;
    private static final int DEIDENTIFICATION_METHOD_CODE_SEQUENCE = 0x0012_0064;

    /** The General Study Module (PS3.3 C.7.2.1), and what texts and times are to be read with. */
    private static final int[] STUDY = {
        Tag.SPECIFIC_CHARACTER_SET,
        Tag.TIMEZONE_OFFSET_FROM_UTC,
        Tag.STUDY_DATE,
        Tag.STUDY_TIME,
        Tag.ACCESSION_NUMBER,
        Tag.ISSUER_OF_ACCESSION_NUMBER_SEQUENCE,
        Tag.REFERRING_PHYSICIAN_NAME,
        0x0008_0096, // Referring Physician Identification Sequence
        0x0008_009C, // Consulting Physician's Name
        0x0008_009D, // Consulting Physician Identification Sequence
        Tag.STUDY_DESCRIPTION,
        0x0008_1032, // Procedure Code Sequence
        0x0008_1048, // Physician(s) of Record
        0x0008_1049, // Physician(s) of Record Identification Sequence
        0x0008_1060, // Name of Physician(s) Reading Study
        0x0008_1062, // Physician(s) Reading Study Identification Sequence
        0x0008_1080, // Admitting Diagnoses Description
        0x0008_1084, // Admitting Diagnoses Code Sequence
        0x0008_1110, // Referenced Study Sequence
        Tag.STUDY_INSTANCE_UID,
        Tag.STUDY_ID,
        0x0032_1034, // Requesting Service Code Sequence
        0x0040_1012, // Reason For Performed Procedure Code Sequence
    };

    /** Type 2: must be there, may be empty. */
    private static final Map<Integer, Vr> REQUIRED = Map.of(
            Tag.PATIENT_NAME, Vr.PN,
            Tag.PATIENT_ID, Vr.LO,
            Tag.PATIENT_BIRTH_DATE, Vr.DA,
            Tag.PATIENT_SEX, Vr.CS,
            Tag.STUDY_DATE, Vr.DA,
            Tag.STUDY_TIME, Vr.TM,
            Tag.ACCESSION_NUMBER, Vr.SH,
            Tag.REFERRING_PHYSICIAN_NAME, Vr.PN,
            Tag.STUDY_ID, Vr.SH);

    private SegPatientStudy() {}

    /** Also sets content and series date and time, which must be read with the same time zone as the study's. */
    static void copy(DicomObject source, DicomObjectBuilder seg, Instant at) {
        REQUIRED.forEach(seg::empty);
        for (int tag : STUDY) {
            seg.copy(source, tag);
        }
        for (DataElement element : source.elements()) {
            int group = element.tag() >>> 16;
            if (group == PATIENT_GROUP || group == CLINICAL_TRIAL_GROUP) {
                seg.put(element);
            }
        }
        deidentification(source, seg);
        OffsetDateTime local = at.atOffset(zone(source));
        for (int tag : new int[] {Tag.CONTENT_DATE, Tag.SERIES_DATE}) {
            seg.string(tag, Vr.DA, DATE.format(local));
        }
        for (int tag : new int[] {Tag.CONTENT_TIME, Tag.SERIES_TIME}) {
            seg.string(tag, Vr.TM, TIME.format(local));
        }
    }

    /** PS3.3 C.7.1.1: who says that the identity was removed must say how, which sources forget. */
    private static void deidentification(DicomObject source, DicomObjectBuilder seg) {
        boolean removed = source.string(PATIENT_IDENTITY_REMOVED).orElse("").equals("YES");
        boolean how = source.string(DEIDENTIFICATION_METHOD).isPresent()
                || !source.sequence(DEIDENTIFICATION_METHOD_CODE_SEQUENCE).isEmpty();
        if (removed && !how) {
            seg.string(DEIDENTIFICATION_METHOD, Vr.LO, "not stated by the source images");
        }
    }

    /** Timezone Offset From UTC (PS3.3 C.12.1.1.8) holds for the whole data set, so for our own times too; UTC without it. */
    private static ZoneOffset zone(DicomObject source) {
        Optional<String> offset = source.string(Tag.TIMEZONE_OFFSET_FROM_UTC);
        try {
            return offset.map(ZoneOffset::of).orElse(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            return ZoneOffset.UTC;
        }
    }
}
