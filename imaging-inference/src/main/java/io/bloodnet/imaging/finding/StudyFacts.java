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
 * @param sliceCount slices of the chosen series that were analyzed, 0 when none
 * @param sliceThicknessMm median measured distance of slices, mm; null when unknown
 */
public record StudyFacts(
        @Nullable Patient patient,
        @Nullable AccessionNumber accession,
        @Nullable Instant acquiredAt,
        @Nullable String seriesDescription,
        int sliceCount,
        @Nullable Double sliceThicknessMm) {

    /** Nothing is known: no image was read. */
    public static StudyFacts unknown() {
        return new StudyFacts(null, null, null, null, 0, null);
    }
}
