package io.bloodnet.imaging.finding;

import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.Patient;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the images say of themselves, to compare with the order and to report.
 *
 * @param patient as in the DICOM headers; null when they name none
 * @param accession as in the DICOM headers; null when absent or not well formed
 * @param acquiredAt when the series was acquired; null when the headers do not say
 * @param seriesDescription description of the chosen series, escaped by whoever shows it; null when absent
 * @param sliceCount slices that were analyzed, 0 when none; where thin ones were averaged, the means
 * @param sliceThicknessMm median measured distance of the slices as they are stored, mm; null when unknown
 * @param sourceSliceCount slices as they are stored that went into those; null when unknown (reports of before this was kept)
 * @param analyzedThicknessMm median depth of the slices that were analyzed, mm; null when unknown
 */
public record StudyFacts(
        @Nullable Patient patient,
        @Nullable AccessionNumber accession,
        @Nullable Instant acquiredAt,
        @Nullable String seriesDescription,
        int sliceCount,
        @Nullable Double sliceThicknessMm,
        @Nullable Integer sourceSliceCount,
        @Nullable Double analyzedThicknessMm) {

    /** Nothing is known: no image was read. */
    public static StudyFacts unknown() {
        return new StudyFacts(null, null, null, null, 0, null, null, null);
    }
}
