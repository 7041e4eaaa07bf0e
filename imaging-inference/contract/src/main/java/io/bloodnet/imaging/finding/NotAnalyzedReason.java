package io.bloodnet.imaging.finding;

/** Why no statement about a study is possible; {@link #sentence()} says it to a person. */
public enum NotAnalyzedReason {
    /** Nothing suitable among the series. */
    NO_AXIAL_SERIES("no axial non-contrast CT series of the head"),
    /** Only contrast series. */
    CONTRAST_ONLY("all axial series were made with contrast medium"),
    /** Fewer slices than the network needs. */
    TOO_FEW_SLICES("too few axial slices"),
    /** More data than the limit. */
    TOO_LARGE("the series is larger than the limit"),
    /** The content is not a head. */
    NOT_A_HEAD("the images do not look like a head CT"),
    /** Only a part of the brain was scanned. */
    INCOMPLETE_COVERAGE("incomplete coverage: the images show only a part of the brain"),
    /** No air around the head, or a brain far from what brain has. */
    IMPOSSIBLE_HU("the pixel values are no Hounsfield units of a head"),
    /** The model was made for adults. */
    UNDER_AGE("the patient is younger than the model is meant for"),
    /** Geometry that cannot be trusted. */
    BAD_GEOMETRY("the geometry of the slices is missing or contradicts itself"),
    /** Pixels cannot be decoded, here or by the PACS. */
    UNDECODABLE("the pixel data cannot be decoded"),
    /** Instances are damaged or missing on the PACS. */
    INCOMPLETE("images are missing or damaged"),
    /** The site's limit passed. */
    IMAGES_NOT_IN_TIME("the images did not come within the site's time limit"),
    /** The model failed or emitted something that is no probability. */
    MODEL_FAILED("the model gave no valid answer");

    private final String sentence;

    NotAnalyzedReason(String sentence) {
        this.sentence = sentence;
    }

    /** The reason as half a sentence for a person. */
    public String sentence() {
        return sentence;
    }
}
