package io.bloodnet.imaging.contrast;

/** What one text or tag says about contrast medium. */
public enum Says {
    /** Nothing. */
    SILENT,
    /** None was given. */
    NONE,
    /** It was given. */
    GIVEN,
    /** Both: without and with, as a study or a protocol of two scans is named. */
    BOTH;

    /** What two texts of the same kind say together. */
    public Says and(Says other) {
        if (this == SILENT || this == other) {
            return other;
        }
        return other == SILENT ? this : BOTH;
    }

    static Says of(boolean none, boolean given) {
        if (none) {
            return given ? BOTH : NONE;
        }
        return given ? GIVEN : SILENT;
    }
}
