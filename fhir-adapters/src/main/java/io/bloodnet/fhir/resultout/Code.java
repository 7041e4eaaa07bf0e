package io.bloodnet.fhir.resultout;

import io.bloodnet.imaging.finding.ResultWords;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;

/**
 * Every code that we write into a resource, with where it was checked. Public code lists are often wrong, so a code without a source that
 * was read is marked as not verified, and a test pins each line.
 */
public enum Code {
    /** Report category. */
    CATEGORY_CT(Systems.V2_0074, "CT", "CAT Scan", "HL7 terminology cs-v2-0074", true),
    /** Report category. */
    CATEGORY_RADIOLOGY(Systems.V2_0074, "RAD", "Radiology", "HL7 terminology cs-v2-0074", true),
    /** Report category of US Core. */
    CATEGORY_US_CORE(Systems.LOINC, "LP29684-5", "Radiology", "US Core diagnosticreport-category", true),
    /** Kind of report, beside the order's own code. */
    IMAGING_STUDY_REPORT(
            Systems.LOINC, "18748-4", "Diagnostic imaging study", "US Core; HL7 Europe Imaging Report", true),
    /** What was ordered, where the order has no code of its own. */
    CT_HEAD_WITHOUT_CONTRAST(
            Systems.LOINC, "30799-1", "CT Head WO contrast", "three implementation guides; not LOINC itself", true),
    /** Conclusion of a positive report only. */
    INTRACRANIAL_HEMORRHAGE(
            Systems.SNOMED, "1386000", "Intracranial hemorrhage", "DICOM context groups as in pydicom", true),
    /** The volume Observation. */
    VOLUME(Systems.SNOMED, "118565006", "Volume", "HL7 DICOM SR to FHIR; pydicom", true),
    /** Body site of the volume. */
    BRAIN(Systems.SNOMED, "12738006", "Brain", "DICOM CID 4 as in pydicom", true),
    /** The flag Observation. */
    FINDING(Systems.DCM, "121071", "Finding", "DICOM PS3.16 as in pydicom", true),
    /** Type of the mask's DocumentReference. */
    REFERENCED_SEGMENT(Systems.DCM, "121191", "Referenced Segment", "HL7 DICOM SR to FHIR; pydicom", true),
    /** Modality. */
    MODALITY_CT(Systems.DCM, "CT", "Computed Tomography", "DICOM CID 29", true),
    /** The AI ran and found nothing. */
    RAN_WITHOUT_FINDINGS(
            Systems.DCM, "111241", "All algorithms succeeded; without findings", "DICOM CID 6047 as in pydicom", true),
    /** The AI ran and found something. */
    RAN_WITH_FINDINGS(
            Systems.DCM, "111242", "All algorithms succeeded; with findings", "DICOM CID 6047 as in pydicom", true),
    /** The AI could not be run. */
    DID_NOT_RUN(
            Systems.DCM, "111245", "No algorithms succeeded; without findings", "DICOM CID 6047 as in pydicom", true),
    /** Category of our Observations. */
    CATEGORY_IMAGING(Systems.OBSERVATION_CATEGORY, "imaging", "Imaging", "FHIR R4 observation-category", true),
    /** Flag of a positive study. */
    CRITICAL(Systems.INTERPRETATION, "AA", "Critical abnormal", "FHIR R4 v3-ObservationInterpretation", true),
    /** A probability at or above the operating point. */
    ABNORMAL(Systems.INTERPRETATION, "A", "Abnormal", "FHIR R4 v3-ObservationInterpretation", true),
    /** Flag of a negative study, and of a probability below the operating point. */
    NORMAL(Systems.INTERPRETATION, "N", "Normal", "FHIR R4 v3-ObservationInterpretation", true),
    /** Nothing can be said. */
    INDETERMINATE(Systems.INTERPRETATION, "IND", "Indeterminate", "FHIR R4 v3-ObservationInterpretation", true),
    /** A value that is not known. */
    UNKNOWN(Systems.DATA_ABSENT_REASON, "unknown", "Unknown", "FHIR R4 data-absent-reason", true),
    /** Identifier type of accession numbers. */
    ACCESSION(Systems.V2_0203, "ACSN", "Accession ID", "FHIR R4 v2-0203; IHE IMR", true),
    /** The AI asserted it. Newer than R4's own code systems: many R4 servers refuse it, see {@link AiMark}. */
    AI_ASSERTED(
            Systems.OBSERVATION_VALUE,
            "AIAST",
            "Artificial Intelligence asserted",
            "HL7 terminology v3-ObservationValue",
            true),
    /** Elements carry labels of their own. */
    INLINE_LABELS(
            Systems.ACT_CODE, "PROCESSINLINELABEL", "process inline security label", "HL7 AI Transparency IG", true),
    /** Type of the Device, role of the agent. */
    AI(
            Systems.AI_DEVICE,
            "Artificial-Intelligence",
            "All kinds of Artificial Intelligence",
            "HL7 AI Transparency IG",
            true),
    /** Kind of AI. */
    AI_DEEP_LEARNING(Systems.AI_DEVICE, "Deep-Learning-Models", "Deep Learning Models", "HL7 AI Transparency IG", true),
    /** Kind of document that the model card is. */
    MODEL_CARD(Systems.AI_INPUTS, "AIModelCard", "AI Model-Card", "HL7 AI Transparency IG", true),
    /** Format of the model card. */
    MODEL_CARD_MARKDOWN(
            Systems.AI_INPUTS, "AIModelCardMarkdownFormat", "Markdown Format", "HL7 AI Transparency IG", true),
    /** How the AI took part. */
    ASSEMBLER(Systems.PARTICIPANT, "assembler", "Assembler", "FHIR R4 provenance-participant-type", true),
    /** What was done to the resources. */
    CREATE(Systems.DATA_OPERATION, "CREATE", "create", "FHIR R4 v3-DataOperation", true),
    /** What was done to the resources when they are withdrawn. */
    NULLIFY(Systems.DATA_OPERATION, "NULLIFY", "nullify", "FHIR R4 v3-DataOperation", true),
    /** Category of the Communication. */
    ALERT(Systems.COMMUNICATION, "alert", "Alert", "FHIR R4 communication-category", true),
    /** How the images of a study are fetched. */
    WADO_RS(Systems.CONNECTION, "dicom-wado-rs", "DICOM WADO-RS", "FHIR R4 endpoint-connection-type", true),
    /** What is fetched. */
    STUDY(Systems.DCM, "113014", "Study", "pydicom 2.3.1 (DICOM PS3.16)", true),
    /** What the Task was for. */
    FULFILL(Systems.TASK, "fulfill", "Fulfill the focal request", "FHIR R4 task-code", true),

    /** Ours: probability. No LOINC code for it was found. */
    PROBABILITY(Systems.OURS, "ich-probability", "Probability of intracranial hemorrhage", "ours", true),
    /** Ours: flag. */
    FLAG(Systems.OURS, "ich-flag", "Suspicion of intracranial hemorrhage", "ours", true),
    /** Ours: value of the flag. */
    SUSPECTED(Systems.OURS, "suspected", ResultWords.SUSPECTED, "ours", true),
    /** Ours: value of the flag. */
    NOT_SUSPECTED(Systems.OURS, "not-suspected", ResultWords.NOT_SUSPECTED, "ours", true),
    /** Ours: volume. No LOINC code for the volume of a hematoma was found. */
    BLOOD_VOLUME(Systems.OURS, "ich-volume", "Intracranial blood volume", "ours", true),
    /** Ours: component. */
    VOLUME_RANGE(Systems.OURS, "volume-range", "Volume with the outline drawn tighter and wider", "ours", true),
    /** Ours: whether the images could be judged. */
    SUITABILITY(Systems.OURS, "ich-suitability", "Suitability of the images for the AI", "ours", true),
    /** Ours: component. */
    THRESHOLD(Systems.OURS, "threshold", "Operating threshold", "ours", true),
    /** Ours: component. */
    MODEL_VERSION(Systems.OURS, "model-version", "Model version", "ours", true),
    /** Ours: component. */
    SLICE_COUNT(Systems.OURS, "slice-count", "Number of slices analyzed", "ours", true),
    /** Ours: component. */
    SOURCE_SLICE_COUNT(Systems.OURS, "source-slice-count", "Number of slices as stored", "ours", true),
    /** Ours: component. */
    SLICE_THICKNESS(Systems.OURS, "slice-thickness", "Distance of the slices as stored, measured", "ours", true),
    /** Ours: component. */
    ANALYZED_THICKNESS(Systems.OURS, "analyzed-slice-thickness", "Thickness of the slices analyzed", "ours", true),
    /** Ours: component. */
    INPUT_FLAG(Systems.OURS, "input-flag", "What to know about the images", "ours", true),
    /** Ours: component. */
    REASON(Systems.OURS, "not-analyzed-reason", "Why nothing was analyzed", "ours", true),
    /** Ours: tag of a report that a newer one takes the place of. */
    SUPERSEDED(Systems.OURS, "superseded", "Superseded by a newer AI result", "ours", true),
    /** Ours: tag of what we created in the EHR only as something to refer to. */
    MADE_HERE(Systems.OURS, "made-by-bloodnet", "Created by BloodNet CDS", "ours", true),
    /** Ours: said in meta.tag where a server refuses {@link #AI_ASSERTED}. */
    AI_TAG(Systems.OURS, "AIAST", "Artificial Intelligence asserted", "ours", true);

    private final String system;
    private final String code;
    private final String display;
    private final String source;
    private final boolean verified;

    Code(String system, String code, String display, String source, boolean verified) {
        this.system = system;
        this.code = code;
        this.display = display;
        this.source = source;
        this.verified = verified;
    }

    /** Code system URI. */
    public String system() {
        return system;
    }

    /** The code. */
    public String code() {
        return code;
    }

    /** Its display. */
    public String display() {
        return display;
    }

    /** Where it was read. */
    public String source() {
        return source;
    }

    /** Whether that source is one to rely on. */
    public boolean verified() {
        return verified;
    }

    Coding coding() {
        return new Coding(system, code, display);
    }

    CodeableConcept concept() {
        return new CodeableConcept(coding()).setText(display);
    }

    /** These codes side by side, the first one's display as text. */
    static CodeableConcept concept(Code first, Code second) {
        return new CodeableConcept(first.coding()).addCoding(second.coding()).setText(second.display);
    }

    /** URIs of code systems and extensions. */
    static final class Systems {
        static final String LOINC = "http://loinc.org";
        static final String SNOMED = "http://snomed.info/sct";
        static final String DCM = "http://dicom.nema.org/resources/ontology/DCM";
        static final String UCUM = "http://unitsofmeasure.org";
        static final String DICOM_UID = "urn:dicom:uid";
        static final String URI = "urn:ietf:rfc:3986";
        static final String V2_0074 = "http://terminology.hl7.org/CodeSystem/v2-0074";
        static final String V2_0203 = "http://terminology.hl7.org/CodeSystem/v2-0203";
        static final String OBSERVATION_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category";
        static final String INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation";
        static final String DATA_ABSENT_REASON = "http://terminology.hl7.org/CodeSystem/data-absent-reason";
        static final String OBSERVATION_VALUE = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue";
        static final String ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
        static final String DATA_OPERATION = "http://terminology.hl7.org/CodeSystem/v3-DataOperation";
        static final String PARTICIPANT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type";
        static final String COMMUNICATION = "http://terminology.hl7.org/CodeSystem/communication-category";
        static final String CONNECTION = "http://terminology.hl7.org/CodeSystem/endpoint-connection-type";
        static final String TASK = "http://hl7.org/fhir/CodeSystem/task-code";
        static final String AI_GUIDE = "http://hl7.org/fhir/uv/aitransparency";
        static final String AI_DEVICE = AI_GUIDE + "/CodeSystem/AIdeviceTypeCS";
        static final String AI_INPUTS = AI_GUIDE + "/CodeSystem/AIinputsCS";
        static final String AI_KIND = AI_GUIDE + "/StructureDefinition/aitransparency.AIKind";
        static final String AI_MODEL_CARD = AI_GUIDE + "/StructureDefinition/aitransparency.modelCardDescription";
        static final String AI_CONFIDENCE = AI_GUIDE + "/StructureDefinition/AIconfidence";
        static final String INLINE_LABEL =
                "http://hl7.org/fhir/uv/security-label-ds4p/StructureDefinition/extension-inline-sec-label";
        static final String OURS = "urn:bloodnet:codes";

        private Systems() {}
    }
}
