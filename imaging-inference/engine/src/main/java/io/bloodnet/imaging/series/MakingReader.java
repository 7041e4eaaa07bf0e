package io.bloodnet.imaging.series;

import io.bloodnet.imaging.contrast.ContrastEvidence;
import io.bloodnet.imaging.contrast.ContrastTags;
import io.bloodnet.imaging.contrast.ContrastWords;
import io.bloodnet.imaging.contrast.Says;
import io.bloodnet.imaging.dicom.DicomException;
import io.bloodnet.imaging.dicom.DicomObject;
import io.bloodnet.imaging.dicom.Tag;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@link Making} from a data set. What is absent or not well formed is not known; it is no error. */
final class MakingReader {

    /** AS (PS3.5 6.2): 018Y, 006M, 003W, 010D. */
    private static final Pattern AGE = Pattern.compile("(\\d{1,3})([DWMY])");

    private static final double DAYS_OF_YEAR = 365.25;

    /** Older than any patient: a birth date that was made up. */
    private static final int AGE_YEARS_MAX = 130;

    private MakingReader() {}

    static Making read(DicomObject dataSet) {
        return new Making(
                contrast(dataSet),
                (int) number(dataSet, Tag.ACQUISITION_NUMBER),
                acquiredAt(dataSet),
                number(dataSet, Tag.SLICE_THICKNESS),
                number(dataSet, Tag.KVP),
                (int) number(dataSet, Tag.TEMPORAL_POSITION_IDENTIFIER),
                Objects.requireNonNullElse(text(dataSet, Tag.STACK_ID), ""),
                text(dataSet, Tag.RESCALE_TYPE),
                ageYears(dataSet));
    }

    private static ContrastEvidence contrast(DicomObject dataSet) {
        String agent = text(dataSet, Tag.CONTRAST_BOLUS_AGENT);
        Says tags = ContrastTags.of(
                agent == null ? first(dataSet, Tag.CONTRAST_BOLUS_AGENT_SEQUENCE, Tag.CODE_MEANING) : agent,
                text(dataSet, Tag.CONTRAST_BOLUS_ROUTE),
                text(dataSet, Tag.CONTRAST_BOLUS_INGREDIENT),
                Arrays.asList(text(dataSet, Tag.CONTRAST_BOLUS_VOLUME), text(dataSet, Tag.CONTRAST_BOLUS_TOTAL_DOSE)));
        Says study = ContrastWords.of(text(dataSet, Tag.STUDY_DESCRIPTION))
                .and(ContrastWords.of(text(dataSet, Tag.REQUESTED_PROCEDURE_DESCRIPTION)))
                .and(ContrastWords.of(text(dataSet, Tag.PERFORMED_PROCEDURE_STEP_DESCRIPTION)))
                .and(ContrastWords.of(
                        first(dataSet, Tag.REQUEST_ATTRIBUTES_SEQUENCE, Tag.SCHEDULED_PROCEDURE_STEP_DESCRIPTION)))
                .and(ContrastWords.of(
                        first(dataSet, Tag.REQUEST_ATTRIBUTES_SEQUENCE, Tag.REQUESTED_PROCEDURE_DESCRIPTION)));
        return new ContrastEvidence(
                tags,
                ContrastWords.of(text(dataSet, Tag.SERIES_DESCRIPTION)),
                ContrastWords.of(text(dataSet, Tag.PROTOCOL_NAME)),
                study);
    }

    private static @Nullable LocalDateTime acquiredAt(DicomObject dataSet) {
        String both = text(dataSet, Tag.ACQUISITION_DATE_TIME);
        String day = both == null ? text(dataSet, Tag.ACQUISITION_DATE) : both.substring(0, Math.min(8, both.length()));
        String time = both == null ? text(dataSet, Tag.ACQUISITION_TIME) : both.substring(Math.min(8, both.length()));
        LocalDate date = DicomTimes.date(day == null ? text(dataSet, Tag.STUDY_DATE) : day);
        LocalTime clock = DicomTimes.time(time);
        return date == null || clock == null ? null : date.atTime(clock);
    }

    private static @Nullable Double ageYears(DicomObject dataSet) {
        String told = text(dataSet, Tag.PATIENT_AGE);
        Matcher age = AGE.matcher(told == null ? "" : told);
        if (age.matches()) {
            int count = Integer.parseInt(age.group(1));
            return switch (age.group(2)) {
                case "Y" -> (double) count;
                case "M" -> count / 12.0;
                case "W" -> count * 7 / DAYS_OF_YEAR;
                default -> count / DAYS_OF_YEAR;
            };
        }
        LocalDate born = DicomTimes.date(text(dataSet, Tag.PATIENT_BIRTH_DATE));
        LocalDate scanned = DicomTimes.date(text(dataSet, Tag.STUDY_DATE));
        if (born == null || scanned == null || scanned.isBefore(born)) {
            return null;
        }
        double years = ChronoUnit.MONTHS.between(born, scanned) / 12.0;
        return years > AGE_YEARS_MAX ? null : years;
    }

    private static double number(DicomObject dataSet, int tag) {
        try {
            return dataSet.decimal(tag).orElse(0);
        } catch (DicomException e) {
            return 0;
        }
    }

    private static @Nullable String first(DicomObject dataSet, int sequence, int tag) {
        try {
            List<DicomObject> items = dataSet.sequence(sequence);
            return items.isEmpty() ? null : text(items.getFirst(), tag);
        } catch (DicomException e) {
            return null;
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
