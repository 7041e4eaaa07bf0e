package io.bloodnet.imaging.finding;

/** What a reader of the result should know about the images it was made from. */
public enum InputFlag {
    /** Distances between slices differ by more than 10 %. */
    UNEVEN_SPACING,
    /** A gap of more than 1.5 times the median distance: a slice may be missing. */
    GAP,
    /** Instances at the same position were dropped. */
    DUPLICATE_SLICES_DROPPED,
    /** A thin stack was averaged to about 5 mm. */
    THIN_SLICES_AVERAGED,
    /** Rows and columns were resampled to 512. */
    RESAMPLED,
    /** Gantry tilt of more than 1 degree. */
    TILTED,
    /** Only a bone or sharp kernel was there. */
    SHARP_KERNEL,
    /** The images were lossily compressed. */
    LOSSY
}
