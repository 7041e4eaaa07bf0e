package io.bloodnet.imaging.contrast;

/**
 * What the headers of one image say about contrast medium, from what was recorded of this scan to what was ordered for the whole study.
 *
 * @param tags the Contrast/Bolus Module
 * @param series the series' description
 * @param protocol the protocol's name
 * @param study descriptions of the study and of what was requested
 */
public record ContrastEvidence(Says tags, Says series, Says protocol, Says study) {

    /** What follows. */
    public enum Verdict {
        /** Without contrast medium. */
        PLAIN,
        /** With contrast medium. */
        CONTRAST,
        /** The study has a scan with contrast medium, and nothing says that this one is not it. */
        UNCLEAR
    }

    /** Nothing is known. */
    public static final ContrastEvidence SILENT =
            new ContrastEvidence(Says.SILENT, Says.SILENT, Says.SILENT, Says.SILENT);

    /** The nearer to the scan, the more a word counts; what speaks of this scan is not outweighed by what speaks of the study. */
    public Verdict verdict() {
        if (tags == Says.GIVEN || tags == Says.BOTH || series == Says.GIVEN || series == Says.BOTH) {
            return Verdict.CONTRAST;
        }
        if (series == Says.NONE || tags == Says.NONE) {
            return Verdict.PLAIN;
        }
        return switch (protocol) {
            case GIVEN -> Verdict.CONTRAST;
            case NONE -> Verdict.PLAIN;
            case BOTH -> study == Says.NONE ? Verdict.PLAIN : Verdict.UNCLEAR;
            case SILENT -> study == Says.GIVEN || study == Says.BOTH ? Verdict.UNCLEAR : Verdict.PLAIN;
        };
    }
}
