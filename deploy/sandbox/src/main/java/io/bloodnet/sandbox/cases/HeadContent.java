package io.bloodnet.sandbox.cases;

/** What a synthetic head holds. */
public enum HeadContent {
    /** No blood. */
    CLEAN(false),
    /** Blood in the brain tissue, with a rim of edema. */
    INTRAPARENCHYMAL(true),
    /** A crescent along the inner table. */
    SUBDURAL(true),
    /** A lens along the inner table. */
    EPIDURAL(true),
    /** A level in the ventricles. */
    INTRAVENTRICULAR(true),
    /** Thin blood in cisterns and sulci. */
    SUBARACHNOID(true),
    /** No axial images at all, only a localizer. */
    LOCALIZER_ONLY(false);

    private final boolean bleed;

    HeadContent(boolean bleed) {
        this.bleed = bleed;
    }

    /** Whether there is blood in it. */
    public boolean bleed() {
        return bleed;
    }
}
