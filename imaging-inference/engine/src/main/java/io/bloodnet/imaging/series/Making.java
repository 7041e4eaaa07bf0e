package io.bloodnet.imaging.series;

import io.bloodnet.imaging.contrast.ContrastEvidence;
import java.time.LocalDateTime;
import org.jspecify.annotations.Nullable;

/**
 * How a slice was made, as far as its header tells.
 *
 * @param contrast what is said about contrast medium
 * @param acquisition Acquisition Number (0020,0012), 0 when absent
 * @param acquiredAt by the scanner's clock; null when the header does not say
 * @param thicknessMm Slice Thickness (0018,0050), 0 when absent
 * @param kvp tube voltage (0018,0060), 0 when absent
 * @param time Temporal Position (0020,9128 or 0020,0100), 0 when absent: scans of one place at several times
 * @param stack Stack ID (0020,9056), empty when absent: frames that were stacked apart
 * @param rescaleType unit of the values (0028,1054); null when absent, which means Hounsfield units
 * @param ageYears of the patient when scanned; null when unknown
 */
public record Making(
        ContrastEvidence contrast,
        int acquisition,
        @Nullable LocalDateTime acquiredAt,
        double thicknessMm,
        double kvp,
        int time,
        String stack,
        @Nullable String rescaleType,
        @Nullable Double ageYears) {

    /** Nothing is known. */
    static final Making UNKNOWN = new Making(ContrastEvidence.SILENT, 0, null, 0, 0, 0, "", null, null);
}
