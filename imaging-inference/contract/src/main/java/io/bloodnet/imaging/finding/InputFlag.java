package io.bloodnet.imaging.finding;

import java.util.Locale;

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
    LOSSY,
    /** Only axial reformats were there: no original axial series. */
    REFORMATTED,
    /** Slices of the analyzed series were left out: they could not be placed, or are of another kind. */
    SLICES_LEFT_OUT,
    /** A series that may show the head was left out: it could not be read, or is larger than the limit. */
    SERIES_LEFT_OUT,
    /** Several stacks of slices were analyzed (times, tilts, fields of view); the most suspicious one is told. */
    SEVERAL_STACKS,
    /** Only a part of the brain is in the images. */
    INCOMPLETE_COVERAGE,
    /** Neither the archive nor the images name a patient: only the order says whose they are. */
    NO_PATIENT_ID,
    /** The images call stored values unsigned that can only be signed; they were read as signed. */
    PIXELS_REPAIRED,
    /** Slices below the brain (neck) were left out of probability and volume. */
    NECK_LEFT_OUT,
    /** Told before anybody could say that all images are there: more may come. */
    IMAGES_MAY_STILL_BE_ARRIVING;

    /** The flag as words for a person and for other systems, the same in every report. */
    public String words() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
