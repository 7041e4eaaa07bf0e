package io.bloodnet.server.cdshooks.drug;

/** Kinds of antithrombotic drugs, as far as their reversal differs. */
public enum DrugClass {
    /** Warfarin and its like (ATC B01AA). */
    VITAMIN_K_ANTAGONIST("vitamin K antagonist"),
    /** Heparin and low molecular weight heparins (ATC B01AB). */
    HEPARIN("heparin"),
    /** Dabigatran, argatroban, hirudins (ATC B01AE). */
    DIRECT_THROMBIN_INHIBITOR("direct thrombin inhibitor"),
    /** Apixaban and its like (ATC B01AF). */
    FACTOR_XA_INHIBITOR("direct factor Xa inhibitor"),
    /** Fondaparinux, danaparoid and other anticoagulants. */
    OTHER_ANTICOAGULANT("anticoagulant"),
    /** Aspirin, clopidogrel and their like (ATC B01AC). */
    ANTIPLATELET("antiplatelet drug"),
    /** Alteplase and its like (ATC B01AD). */
    THROMBOLYTIC("thrombolytic");

    private final String display;

    DrugClass(String display) {
        this.display = display;
    }

    public String display() {
        return display;
    }
}
