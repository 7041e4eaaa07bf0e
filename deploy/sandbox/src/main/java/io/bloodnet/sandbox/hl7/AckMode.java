package io.bloodnet.sandbox.hl7;

/** What the receiver does with a message. */
public enum AckMode {
    /** Takes it: AA, or CA where the sender asked for enhanced acknowledgement (MSH-15). */
    ACCEPT,
    /** Not now: AE. The message is not kept. */
    ERROR,
    /** Never: AR. The message is not kept. */
    REJECT,
    /** Takes it and says nothing; the connection stays open. */
    SILENT,
    /** Takes it and acknowledges after {@link SandboxHl7#lateBy}. */
    LATE,
    /** Takes it and acknowledges some other message. */
    WRONG_CONTROL_ID,
    /** Takes it and cuts the connection without a word. */
    CLOSE_AFTER,
    /** Cuts the connection and keeps nothing. */
    CLOSE_BEFORE
}
