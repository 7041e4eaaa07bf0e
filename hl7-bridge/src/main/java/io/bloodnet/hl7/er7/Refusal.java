package io.bloodnet.hl7.er7;

import org.jspecify.annotations.Nullable;

/**
 * Why a message is not taken.
 *
 * @param condition table 0357
 * @param location where, as {@code PID-3} or {@code MSH-10}; null when it is the message as a whole
 * @param text for a person: names field and limit, never content
 * @param tryAgain whether the same message may be taken later (AE, CE); else it never will (AR, CR)
 */
public record Refusal(Condition condition, @Nullable String location, String text, boolean tryAgain) {

    /** Never to be sent again like this. */
    public static Refusal of(Condition condition, @Nullable String location, String text) {
        return new Refusal(condition, location, text, false);
    }

    /** Our side fails: the sender should try again. */
    public static Refusal tryAgain(String text) {
        return new Refusal(Condition.INTERNAL, null, text, true);
    }

    /** A short code for the audit log, such as {@code REQUIRED_FIELD_MISSING PID-3}. */
    public String code() {
        return location == null ? condition.name() : condition.name() + " " + location;
    }
}
