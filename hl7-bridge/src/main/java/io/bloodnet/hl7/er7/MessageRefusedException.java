package io.bloodnet.hl7.er7;

import org.jspecify.annotations.Nullable;

/** A message cannot be taken. Thrown where it is found, caught once where the message is answered. */
public final class MessageRefusedException extends RuntimeException {

    private final transient Refusal refusal;

    /** @param refusal what is told to the sender */
    public MessageRefusedException(Refusal refusal) {
        super(refusal.code() + ": " + refusal.text());
        this.refusal = refusal;
    }

    /** Never to be sent again like this. */
    public static MessageRefusedException of(Condition condition, @Nullable String location, String text) {
        return new MessageRefusedException(Refusal.of(condition, location, text));
    }

    /** What is told to the sender. */
    public Refusal refusal() {
        return refusal;
    }
}
