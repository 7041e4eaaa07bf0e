package io.bloodnet.hl7.mllp;

/** What can be wrong with a frame. After a fault the link is out of step and is closed. */
public enum FrameFault {
    /** Bytes that no VT precedes, beyond the limit. They are no message, so that they are never answered. */
    NO_START("bytes without a start block", false),
    /** FS in the middle of a message. */
    END_INSIDE("an end block inside a message", false),
    /** Longer than the limit. */
    TOO_LARGE("a message over the size limit", false),
    /** The message's last byte did not come in time. */
    TOO_SLOW("a message that did not end in time", true),
    /** The link ended in the middle of a message. */
    CUT_OFF("a link that ended inside a message", true),
    /** All half-received messages together are at the limit. */
    NO_ROOM("no room for more large messages", true);

    private final String sentence;
    private final boolean mayPass;

    FrameFault(String sentence, boolean mayPass) {
        this.sentence = sentence;
        this.mayPass = mayPass;
    }

    /** What it was, as half a sentence for a person. */
    public String sentence() {
        return sentence;
    }

    /** Whether the same message may come through another time: the link was at fault, or there was no room. */
    public boolean mayPass() {
        return mayPass;
    }
}
