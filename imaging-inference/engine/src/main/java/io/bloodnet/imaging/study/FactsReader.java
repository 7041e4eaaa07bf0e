package io.bloodnet.imaging.study;

import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.Tag;
import io.bloodnet.imaging.finding.StudyFacts;
import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.imaging.series.DicomTimes;
import io.bloodnet.imaging.series.HeadGeometry;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/** Reads who and when from a data set. What is absent or not well formed is null: it is compared by the pipeline, not judged here. */
public final class FactsReader {

    private static final int DATE_DIGITS = 8;

    private FactsReader() {}

    /** @param zone of the scanner where the data set does not say (0008,0201) */
    static StudyFacts facts(DicomObject dataSet, HeadGeometry geometry, ZoneId zone) {
        return new StudyFacts(
                patient(dataSet),
                accession(dataSet),
                acquiredAt(dataSet, zone),
                text(dataSet, Tag.SERIES_DESCRIPTION),
                geometry.slices().size(),
                geometry.medianGapMm(),
                geometry.sources().size(),
                geometry.medianDepthMm());
    }

    /** What the archive's list says, where no image was read. */
    static StudyFacts listed(StudySource.StudyListing listing) {
        return new StudyFacts(listing.patient(), listing.accession(), null, null, 0, null, null, null);
    }

    public static @Nullable Patient patient(DicomObject dataSet) {
        String id = text(dataSet, Tag.PATIENT_ID);
        if (id == null) {
            return null;
        }
        try {
            String[] name = nameParts(text(dataSet, Tag.PATIENT_NAME));
            return new Patient(
                    new PatientId(id, text(dataSet, Tag.ISSUER_OF_PATIENT_ID)),
                    name[0],
                    name[1],
                    DicomTimes.date(text(dataSet, Tag.PATIENT_BIRTH_DATE)),
                    Patient.Sex.ofLetter(text(dataSet, Tag.PATIENT_SEX)));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    public static @Nullable AccessionNumber accession(DicomObject dataSet) {
        String accession = text(dataSet, Tag.ACCESSION_NUMBER);
        try {
            return accession == null ? null : new AccessionNumber(accession);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Family and given name of the alphabetic group (PS3.5 6.2.1). */
    private static @Nullable String[] nameParts(@Nullable String personName) {
        @Nullable String[] parts = new @Nullable String[2];
        if (personName != null) {
            String[] components = personName.split("=", 2)[0].split("\\^", -1);
            for (int i = 0; i < Math.min(2, components.length); i++) {
                parts[i] = components[i].isBlank() ? null : components[i].strip();
            }
        }
        return parts;
    }

    private static @Nullable Instant acquiredAt(DicomObject dataSet, ZoneId zone) {
        String day = text(dataSet, Tag.ACQUISITION_DATE);
        String time = text(dataSet, Tag.ACQUISITION_TIME);
        String both = text(dataSet, Tag.ACQUISITION_DATE_TIME);
        if (day == null && both != null) {
            // Multi-frame images have one value for both (DT, PS3.5 6.2).
            int end = Math.min(DATE_DIGITS, both.length());
            day = both.substring(0, end);
            time = both.substring(end).split("[+-]", 2)[0];
        }
        if (day == null) {
            day = text(dataSet, Tag.SERIES_DATE);
            time = text(dataSet, Tag.SERIES_TIME);
        }
        if (day == null) {
            day = text(dataSet, Tag.STUDY_DATE);
            time = text(dataSet, Tag.STUDY_TIME);
        }
        LocalDate date = DicomTimes.date(day);
        LocalTime clock = DicomTimes.time(time);
        if (date == null || clock == null) {
            return null;
        }
        return date.atTime(clock).atZone(offset(dataSet, zone)).toInstant();
    }

    private static ZoneId offset(DicomObject dataSet, ZoneId zone) {
        String offset = text(dataSet, Tag.TIMEZONE_OFFSET_FROM_UTC);
        try {
            return offset == null ? zone : ZoneOffset.of(offset);
        } catch (DateTimeException e) {
            return zone;
        }
    }

    private static @Nullable String text(DicomObject dataSet, int tag) {
        try {
            String text = dataSet.string(tag).orElse("").strip();
            return text.isEmpty() ? null : text;
        } catch (DicomException e) {
            return null;
        }
    }
}
