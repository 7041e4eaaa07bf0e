package io.bloodnet.imaging.series;

import io.bloodnet.imaging.finding.NotAnalyzedReason;

/** Why a series is not the one to look at, in the order in which a series gets past the checks: the later, the nearer it came. */
public enum SeriesRefusal {
    /** SOP Class, not Modality: secondary captures say CT too. */
    NOT_CT_IMAGES("holds no CT images", NotAnalyzedReason.NO_AXIAL_SERIES),
    /** ImageType value 3. */
    LOCALIZER("is a localizer", NotAnalyzedReason.NO_AXIAL_SERIES),
    /** A projection, rendering or map. */
    NOT_ORIGINAL("is derived from slices and shows none", NotAnalyzedReason.NO_AXIAL_SERIES),
    /** A virtual energy, a material, or any Rescale Type but HU. */
    COMPUTED("holds computed values and not HU", NotAnalyzedReason.NO_AXIAL_SERIES),
    /** One place over and over, as in perfusion. */
    REPEATED("shows one place again and again", NotAnalyzedReason.NO_AXIAL_SERIES),
    /** Rows and columns are not left-right and front-back. */
    NOT_AXIAL("is not axial", NotAnalyzedReason.NO_AXIAL_SERIES),
    /** Contrast medium by tag or description. */
    CONTRAST("was made with contrast medium", NotAnalyzedReason.CONTRAST_ONLY),
    /** Position, orientation or spacing missing or contradictory. */
    BAD_GEOMETRY("has no usable slice geometry", NotAnalyzedReason.BAD_GEOMETRY),
    /** Fewer than the network's window. */
    TOO_FEW_SLICES("has too few slices", NotAnalyzedReason.TOO_FEW_SLICES),
    /** A multi-frame image that was cut into several instances, not all of which are there. */
    LACKS_A_PART("lacks a part of a multi-frame image", NotAnalyzedReason.INCOMPLETE),
    /** Its headers cannot be read. */
    UNREADABLE("has headers that cannot be read", NotAnalyzedReason.INCOMPLETE),
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

    /** Whether what is refused may be a part of the head all the same. */
    boolean mayBeOfTheHead() {
        return switch (this) {
            case NOT_CT_IMAGES, LOCALIZER, NOT_ORIGINAL, COMPUTED, REPEATED, NOT_AXIAL -> false;
            case CONTRAST, BAD_GEOMETRY, TOO_FEW_SLICES, LACKS_A_PART, UNREADABLE, TOO_LARGE -> true;
        };
    }
}
