package io.bloodnet.server.cdshooks.request;

import java.util.Arrays;
import java.util.Optional;

/** The services that we offer, each on one hook of the CDS Hooks library. */
public enum HookService {
    /** A chart is opened. */
    PATIENT_VIEW(
            "ich-patient-view",
            "patient-view",
            "Suspected intracranial hemorrhage (AI)",
            "Shows a card when an AI model suspects intracranial hemorrhage on a recent head CT of the patient that no radiologist has"
                    + " reported yet, or when such a CT could not be analyzed.",
            true),
    /** An encounter starts. */
    ENCOUNTER_START(
            "ich-encounter-start",
            "encounter-start",
            "Suspected intracranial hemorrhage (AI), at the start of an encounter",
            "The same card as ich-patient-view, when an encounter is started.",
            true),
    /** Orders are chosen. */
    ORDER_SELECT(
            "ich-order-select",
            "order-select",
            "Antithrombotic drug with suspected intracranial hemorrhage (AI)",
            "Warns when an anticoagulant, antiplatelet or thrombolytic drug is selected for a patient with suspected or confirmed"
                    + " intracranial hemorrhage on a recent head CT.",
            false),
    /** Orders are signed. */
    ORDER_SIGN(
            "ich-order-sign",
            "order-sign",
            "Antithrombotic order with suspected intracranial hemorrhage (AI)",
            "Shows a critical card before an anticoagulant, antiplatelet or thrombolytic drug is signed for a patient with suspected or"
                    + " confirmed intracranial hemorrhage on a recent head CT.",
            false);

    private final String id;
    private final String hook;
    private final String title;
    private final String description;
    private final boolean flag;

    HookService(String id, String hook, String title, String description, boolean flag) {
        this.id = id;
        this.hook = hook;
        this.title = title;
        this.description = description;
        this.flag = flag;
    }

    /** The service of that id. */
    public static Optional<HookService> byId(String id) {
        return Arrays.stream(values()).filter(s -> s.id.equals(id)).findFirst();
    }

    /** The id in the URL. */
    public String id() {
        return id;
    }

    /** The hook's name in the CDS Hooks library. */
    public String hook() {
        return hook;
    }

    public String title() {
        return title;
    }

    public String description() {
        return description;
    }

    /** Whether this service flags findings (else it looks at draft orders). */
    public boolean flagsFindings() {
        return flag;
    }
}
