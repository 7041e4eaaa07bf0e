package io.bloodnet.hl7.mllp;

/** What can be wrong with a frame. After a fault the link is out of step and is closed. */
public enum FrameFault {
    /** Bytes that no VT precedes, beyond the limit or with an FS. */
    NO_START("bytes without a start block"),
    /** FS in the middle of a message. */
    END_INSIDE("an end block inside a message"),
    /** Longer than the limit. */
    TOO_LARGE("a message over the size limit"),
    /** The message's last byte did not come in time. */
    TOO_SLOW("a message that did not end in time"),
    /** The link ended in the middle of a message. */
    CUT_OFF("a link that ended inside a message"),
    /** All half-received messages together are at the limit. */
    NO_ROOM("no room for more large messages");

    private final String sentence;

    FrameFault(String sentence) {
        this.sentence = sentence;
    }

    /** What it was, as half a sentence for a person. */
    public String sentence() {
        return sentence;
    }
}
