package io.bloodnet.server.job;

/** Where an order is on its way. This is what the worklist shows. */
public enum JobState {
    /** Accepted; the images are not complete on the PACS. */
    WAITING_FOR_IMAGES("waiting for images", false),
    /** Held by the RIS, or identifiers or patient disagree: a person decides. */
    ON_HOLD("on hold, a person must decide", false),
    /** Images are fetched and BloodNet looks at them. */
    ANALYZING("being analyzed", false),
    /** A finding exists and is on its way to its destinations. */
    DELIVERING("being delivered", false),
    /** Suspected hemorrhage; all destinations have it. */
    REPORTED_POSITIVE("hemorrhage suspected, reported", true),
    /** No hemorrhage suspected; all destinations have it. Does not exclude one. */
    REPORTED_NEGATIVE("no hemorrhage suspected, reported", true),
    /** No statement is possible; the reason says why. Never to be read as negative. */
    NOT_ANALYZED("not analyzed", true),
    /** Something broke for good; alarmed, a person can retry. */
    FAILED("failed, a person can retry", true),
    /** The order was cancelled before a result was filed. */
    CANCELLED("cancelled", true);

    private final String sentence;
    private final boolean terminal;

    JobState(String sentence, boolean terminal) {
        this.sentence = sentence;
        this.terminal = terminal;
    }

    /** The state in a few words for a person. */
    public String sentence() {
        return sentence;
    }

    /** Whether the order's way has ended. */
    public boolean isTerminal() {
        return terminal;
    }
}
