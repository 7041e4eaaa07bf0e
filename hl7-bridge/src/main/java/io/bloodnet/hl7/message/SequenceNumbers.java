package io.bloodnet.hl7.message;

import io.bloodnet.hl7.er7.Condition;
import io.bloodnet.hl7.er7.MessageRefusedException;

/**
 * The sequence number protocol (HL7 v2.5.1 2.10.1), for senders that fill MSH-13. Kept for one link: on a new one the first number sets the
 * count. For one thread.
 */
public final class SequenceNumbers {

    private static final long UNKNOWN = -1;

    private long expected = UNKNOWN;

    /**
     * Whether a message may come now. 0 asks for the expected number, -1 begins anew; the number before the expected one is a repetition.
     *
     * @throws MessageRefusedException when it is out of order
     */
    public void check(String msh13) {
        if (msh13.isEmpty()) {
            return;
        }
        long number = number(msh13);
        boolean fits = number <= 0 || expected == UNKNOWN || number == expected || number == expected - 1;
        if (!fits) {
            throw MessageRefusedException.of(
                    Condition.DATA_TYPE, "MSH-13", "sequence number out of order, expected is in MSA-4");
        }
    }

    /** The message was answered with an acceptance: counts it. */
    public void taken(String msh13) {
        if (msh13.isEmpty()) {
            return;
        }
        long number = number(msh13);
        if (number > 0 && number != expected - 1) {
            expected = number + 1;
        } else if (number < 0) {
            expected = UNKNOWN;
        }
    }

    /** MSA-4 for a message with this MSH-13, were it taken: empty where the sender does not count. */
    public String expectedAfter(String msh13) {
        if (msh13.isEmpty()) {
            return "";
        }
        long number = number(msh13);
        return String.valueOf(number > 0 && number != expected - 1 ? number + 1 : number < 0 ? UNKNOWN : expected);
    }

    /** MSA-4 for a message that is refused. */
    public String expected(String msh13) {
        return msh13.isEmpty() ? "" : String.valueOf(expected);
    }

    private static long number(String msh13) {
        try {
            return Long.parseLong(msh13);
        } catch (NumberFormatException e) {
            throw MessageRefusedException.of(Condition.DATA_TYPE, "MSH-13", "the sequence number is not a number");
        }
    }
}
