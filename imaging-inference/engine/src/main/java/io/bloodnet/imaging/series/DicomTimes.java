package io.bloodnet.imaging.series;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/** Reads DICOM's dates and times (DA and TM, PS3.5 section 6.2); what can't be read is {@code null}. */
public final class DicomTimes {
    private static final int TIME_DIGITS = 6;

    private DicomTimes() {}

    /** YYYYMMDD, also with the dots of old files. */
    public static @Nullable LocalDate date(@Nullable String text) {
        try {
            return text == null ? null : LocalDate.parse(text.replace(".", ""), DateTimeFormatter.BASIC_ISO_DATE);
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** HHMMSS with parts missing at the end (PS3.5 6.2, TM). */
    public static @Nullable LocalTime time(@Nullable String text) {
        if (text == null || text.length() < 2) {
            return null;
        }
        String digits = text.replace(":", "").split("\\.", 2)[0];
        try {
            return LocalTime.parse(
                    (digits + "000000").substring(0, TIME_DIGITS), DateTimeFormatter.ofPattern("HHmmss"));
        } catch (DateTimeException e) {
            return null;
        }
    }
}
