package io.bloodnet.server.cdshooks.card;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Why a person does not follow a card: the codes of the HL7 code system {@value #SYSTEM}. */
public enum OverrideReason {
    PATIENT_INELIGIBLE("Patient is not eligible"),
    ACTION_COMPLETED("Action has been completed already"),
    NEED_MORE_INFO("More information is needed"),
    INAPPROPRIATE_RECIPIENT("Not the right recipient"),
    DOES_NOT_ALIGN_LATEST_EVIDENCE("Does not align with the latest evidence"),
    EXPERT_CONTRADICTS("An expert contradicts"),
    RECIPIENT_DOES_NOT_TRUST("Recipient does not trust the guidance"),
    WRONG_TIME_WORKFLOW("Wrong time in the workflow");

    public static final String SYSTEM = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes";

    private final String display;

    OverrideReason(String display) {
        this.display = display;
    }

    String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    String display() {
        return display;
    }

    /** Reasons against the flag on a finding. */
    public static List<OverrideReason> forFlag() {
        return List.of(
                ACTION_COMPLETED,
                EXPERT_CONTRADICTS,
                INAPPROPRIATE_RECIPIENT,
                NEED_MORE_INFO,
                RECIPIENT_DOES_NOT_TRUST,
                WRONG_TIME_WORKFLOW);
    }

    /** Reasons against the warning on an order. */
    public static List<OverrideReason> forOrder() {
        return List.of(
                EXPERT_CONTRADICTS,
                PATIENT_INELIGIBLE,
                ACTION_COMPLETED,
                DOES_NOT_ALIGN_LATEST_EVIDENCE,
                NEED_MORE_INFO,
                RECIPIENT_DOES_NOT_TRUST);
    }

    /** The code itself when it is one of the system's, else {@code other}: what a metric's label may hold. */
    public static String label(String code) {
        return Arrays.stream(values()).anyMatch(r -> r.code().equals(code)) ? code : "other";
    }
}
