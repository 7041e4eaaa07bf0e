package io.bloodnet.fhir.resultout;

import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.imaging.finding.FindingReport;
import io.bloodnet.imaging.finding.MaskReference;
import io.bloodnet.imaging.finding.ModelId;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.hl7.fhir.r4.model.Attachment;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Device;
import org.hl7.fhir.r4.model.DocumentReference;
import org.hl7.fhir.r4.model.Enumerations;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.Reference;

/** The machine behind a report: its Device, its model card, and the mask that it drew. Device and card are shared by all its reports. */
final class AiDevice {

    private static final List<String> KINDS = List.of(
            "Deep-Learning-Models", "Medical-Image-Analysis", "Deterministic-AI", "AI-for-Medical-Imaging-Data");

    private final AiSystem system;
    private final Names names;
    private final FhirConfig.Naming naming;

    AiDevice(AiSystem system, Names names, FhirConfig.Naming naming) {
        this.system = system;
        this.names = names;
        this.naming = naming;
    }

    Device device(ModelId model, Reference modelCard) {
        Device device = new Device();
        for (String kind : KINDS) {
            CodeableConcept concept = new CodeableConcept();
            concept.addCoding().setSystem(Code.Systems.AI_DEVICE).setCode(kind);
            device.addExtension(Code.Systems.AI_KIND, concept);
        }
        device.addExtension(Code.Systems.AI_MODEL_CARD, modelCard);
        device.addIdentifier(names.device());
        device.setStatus(Device.FHIRDeviceStatus.ACTIVE);
        device.setManufacturer(naming.organizationName());
        device.addDeviceName().setName("BloodNet CDS").setType(Device.DeviceNameType.USERFRIENDLYNAME);
        device.addDeviceName().setName(model.id()).setType(Device.DeviceNameType.MODELNAME);
        device.setModelNumber(model.id());
        device.setType(Code.AI.concept());
        version(device, "model", model.version());
        version(device, "weights SHA-256", model.sha256());
        version(device, "runtime", system.runtime());
        version(device, "software", system.softwareVersion());
        system.operatingPoints()
                .forEach((name, threshold) -> device.addProperty()
                        .setType(Code.THRESHOLD.concept().setText("operating point: " + name))
                        .addValueQuantity(Observations.quantity(ReportText.decimal(threshold, 4), "1", "1")));
        device.addSafety(new CodeableConcept()
                .setText("Aid to triage, not cleared for diagnosis; every result needs a radiologist's review"));
        return device;
    }

    private static void version(Device device, String kind, String value) {
        device.addVersion().setType(new CodeableConcept().setText(kind)).setValue(value);
    }

    DocumentReference modelCard(ModelId model) {
        DocumentReference card = new DocumentReference();
        card.addIdentifier(names.modelCard());
        card.setStatus(Enumerations.DocumentReferenceStatus.CURRENT);
        card.setType(Code.MODEL_CARD.concept());
        card.addCategory(Code.MODEL_CARD_MARKDOWN.concept());
        card.setDescription("Model card of " + model.id() + " " + model.version());
        Attachment text = new Attachment();
        text.setContentType("text/markdown").setTitle("Model card of " + model.id() + " " + model.version());
        if (system.modelCard() != null) {
            byte[] bytes = system.modelCard().getBytes(StandardCharsets.UTF_8);
            text.setData(bytes).setSize(bytes.length).setHash(ReportResources.sha1(bytes));
        }
        card.addContent().setAttachment(text);
        return card;
    }

    /** The SEG in the PACS: where it is and what its bytes must be. The EHR's ImagingStudy is never touched to add it. */
    DocumentReference mask(
            FindingReport report,
            MaskReference mask,
            AiMark mark,
            Reference study,
            Reference device,
            Reference patient) {
        DocumentReference doc = new DocumentReference();
        mark.on(doc);
        doc.setMasterIdentifier(
                new Identifier().setSystem(Code.Systems.URI).setValue("urn:oid:" + mask.sopInstanceUid()));
        doc.addIdentifier(names.mask());
        boolean takenBack =
                report.kind() == FindingReport.Kind.WITHDRAWN || report.kind() == FindingReport.Kind.MASK_REFUSED;
        doc.setStatus(
                takenBack
                        ? Enumerations.DocumentReferenceStatus.ENTEREDINERROR
                        : Enumerations.DocumentReferenceStatus.CURRENT);
        doc.setDocStatus(
                takenBack
                        ? DocumentReference.ReferredDocumentStatus.ENTEREDINERROR
                        : DocumentReference.ReferredDocumentStatus.PRELIMINARY);
        doc.setType(Code.REFERENCED_SEGMENT.concept());
        doc.setSubject(patient);
        doc.setDateElement(ReportResources.instant(report.issuedAt()));
        doc.addAuthor(device);
        doc.setDescription("AI-made outline of suspected hemorrhage (DICOM SEG), not reviewed");
        doc.addContent()
                .setAttachment(new Attachment()
                        .setContentType("application/dicom")
                        .setUrl(mask.url())
                        .setSize(Math.toIntExact(mask.sizeBytes()))
                        .setHash(Base64.getDecoder().decode(mask.sha1Base64()))
                        .setTitle("DICOM SEG by AI, not reviewed"));
        doc.getContext().addRelated(study);
        return doc;
    }
}
