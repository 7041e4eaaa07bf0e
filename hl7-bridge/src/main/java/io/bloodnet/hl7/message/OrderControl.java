package io.bloodnet.hl7.message;

import io.bloodnet.hl7.er7.Condition;
import io.bloodnet.hl7.er7.MessageRefusedException;
import java.util.Set;

/**
 * What ORC-1 asks for (HL7 table 0119), with the codes that answer it.
 *
 * @param action what it means for us
 * @param done the answer's ORC-1 when it was done
 * @param unable the answer's ORC-1 when it could not be done
 */
public record OrderControl(Action action, String done, String unable) {

    private static final Set<String> STORED_ONLY = Set.of(
            "AF", "CN", "CP", "CR", "DE", "DF", "DR", "FU", "HR", "LI", "MC", "NA", "NR", "OF", "OK", "OP", "OR", "PR",
            "PY", "RE", "RF", "RQ", "RR", "SQ", "SR", "SS", "UA", "UC", "UD", "UF", "UH", "UM", "UN", "UR", "UX", "XR");

    /** What is to be done. */
    public enum Action {
        /** A new order. */
        PLACE,
        /** A parent, whose children are the orders. */
        PARENT,
        /** The order as it is now. */
        CHANGE,
        /** It is not wanted any more. */
        CANCEL,
        /** It waits. */
        HOLD,
        /** It goes on. */
        RELEASE,
        /** It is replaced by the RO orders that follow. */
        REPLACE,
        /** It takes the place of the RP or RU order before it. */
        REPLACEMENT,
        /** ORC-5 says what it is now. */
        STATUS,
        /** Nothing to do. */
        STORE
    }

    /** @throws MessageRefusedException when the code is missing or in no table */
    public static OrderControl of(String code) {
        return switch (code) {
            case "NW", "CH" -> new OrderControl(Action.PLACE, "OK", "UA");
            case "SN" -> new OrderControl(Action.PLACE, "NA", "UA");
            case "PA" -> new OrderControl(Action.PARENT, "OK", "UA");
            case "XO" -> new OrderControl(Action.CHANGE, "XR", "UX");
            case "XX" -> new OrderControl(Action.CHANGE, "OK", "UX");
            case "CA" -> new OrderControl(Action.CANCEL, "CR", "UC");
            case "OC" -> new OrderControl(Action.CANCEL, "OK", "UC");
            case "DC" -> new OrderControl(Action.CANCEL, "DR", "UD");
            case "OD" -> new OrderControl(Action.CANCEL, "OK", "UD");
            case "HD" -> new OrderControl(Action.HOLD, "HR", "UH");
            case "OH" -> new OrderControl(Action.HOLD, "OK", "UH");
            case "RL" -> new OrderControl(Action.RELEASE, "OR", "UR");
            case "OE" -> new OrderControl(Action.RELEASE, "OK", "UR");
            case "RP" -> new OrderControl(Action.REPLACE, "RQ", "UM");
            case "RU" -> new OrderControl(Action.REPLACE, "OK", "UM");
            case "RO" -> new OrderControl(Action.REPLACEMENT, "OK", "UM");
            case "SC" -> new OrderControl(Action.STATUS, "OK", "OK");
            case "" ->
                throw MessageRefusedException.of(
                        Condition.REQUIRED_FIELD_MISSING, "ORC-1", "the order control code is missing");
            default -> {
                if (!STORED_ONLY.contains(code)) {
                    throw MessageRefusedException.of(
                            Condition.TABLE_VALUE, "ORC-1", "the order control code is not in table 0119");
                }
                yield new OrderControl(Action.STORE, "OK", "OK");
            }
        };
    }
}
