package io.bloodnet.sandbox.hl7;

import java.util.ArrayList;
import java.util.List;

/**
 * One HL7 v2 message as it came in, with just enough reading for a test to look at it.
 *
 * @param text the message, segments ended by CR
 */
public record ReceivedMessage(String text) {

    /** MSH-10. */
    public String controlId() {
        return first("MSH", 10);
    }

    /** MSH-9, e.g. {@code ORU^R01^ORU_R01}. */
    public String type() {
        return first("MSH", 9);
    }

    /** MSA-1, the acknowledgement code; empty when this is no acknowledgement. */
    public String ackCode() {
        return first("MSA", 1);
    }

    /** The field of the first segment of that name, numbered as HL7 does; empty when absent. */
    public String first(String segment, int field) {
        return all(segment, field).stream().findFirst().orElse("");
    }

    /** The field of each segment of that name, in order. */
    public List<String> all(String segment, int field) {
        List<String> found = new ArrayList<>();
        for (String line : text.split("[\r\n]+")) {
            String[] fields = line.split("\\|", -1);
            if (fields[0].equals(segment)) {
                int at = segment.equals("MSH") ? field - 1 : field; // MSH-1 is the separator itself
                found.add(at < fields.length ? fields[at] : "");
            }
        }
        return found;
    }

    /** Nothing that identifies. */
    @Override
    public String toString() {
        return "ReceivedMessage[" + type() + "]";
    }
}
