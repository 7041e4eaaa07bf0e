package io.bloodnet.imaging.study;

import io.bloodnet.imaging.finding.NotAnalyzedReason;

/** Why a series is not the one to look at, in the order in which a series gets past the checks: the later, the nearer it came. */
enum SeriesRefusal {
    /** SOP Class, not Modality: secondary captures say CT too. */
    NOT_CT_IMAGES("holds no CT images", NotAnalyzedReason.NO_AXIAL_SERIES),
    /** ImageType value 3. */
    LOCALIZER("is a localizer", NotAnalyzedReason.NO_AXIAL_SERIES),
    /** ImageType does not start with ORIGINAL, PRIMARY, AXIAL. */
    NOT_ORIGINAL("is derived or reformatted", NotAnalyzedReason.NO_AXIAL_SERIES),
    /** Rows and columns are not left-right and front-back. */
    NOT_AXIAL("is not axial", NotAnalyzedReason.NO_AXIAL_SERIES),
    /** Contrast medium by tag or description. */
    CONTRAST("was made with contrast medium", NotAnalyzedReason.CONTRAST_ONLY),
    /** Position, orientation or spacing missing or contradictory. */
    BAD_GEOMETRY("has no usable slice geometry", NotAnalyzedReason.BAD_GEOMETRY),
    /** Fewer than the network's window. */
    TOO_FEW_SLICES("has too few slices", NotAnalyzedReason.TOO_FEW_SLICES),
    /** Over a limit. */
    TOO_LARGE("is larger than the limit", NotAnalyzedReason.TOO_LARGE);

    private final String predicate;
    private final NotAnalyzedReason reason;

    SeriesRefusal(String predicate, NotAnalyzedReason reason) {
        this.predicate = predicate;
        this.reason = reason;
    }

    /** What is said of the series: "a series {predicate}". */
    String predicate() {
        return predicate;
    }

    NotAnalyzedReason reason() {
        return reason;
    }
}
