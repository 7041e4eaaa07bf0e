package io.bloodnet.fhir.resultout;

import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.imaging.finding.Finding;
import io.bloodnet.imaging.finding.FindingReport;
import io.bloodnet.imaging.finding.ResultWords;
import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.imaging.order.Procedure;
import io.bloodnet.imaging.order.StudyUid;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.TimeZone;
import org.hl7.fhir.r4.model.Attachment;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.Communication;
import org.hl7.fhir.r4.model.DateTimeType;
import org.hl7.fhir.r4.model.DiagnosticReport;
import org.hl7.fhir.r4.model.Endpoint;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.ImagingStudy;
import org.hl7.fhir.r4.model.InstantType;
import org.hl7.fhir.r4.model.Provenance;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.StringType;
import org.hl7.fhir.r4.model.Task;
import org.jspecify.annotations.Nullable;

/** The resources that carry a report: DiagnosticReport, Task, Provenance, and the ImagingStudy where the EHR has none. */
final class ReportResources {

    private static final TimeZone UTC = TimeZone.getTimeZone("UTC");
    private static final String ENDPOINT = "archive";

    private final FindingReport report;
    private final Names names;
    private final AiMark mark;
    private final Filing filing;
    private final FhirConfig.Naming naming;

    ReportResources(FindingReport report, Names names, AiMark mark, Filing filing, FhirConfig.Naming naming) {
        this.report = report;
        this.names = names;
        this.mark = mark;
        this.filing = filing;
        this.naming = naming;
    }

    DiagnosticReport diagnosticReport(Reference study, List<Reference> observations) {
        DiagnosticReport dr = new DiagnosticReport();
        mark.on(dr);
        dr.addIdentifier(names.report());
        if (filing.order() != null) {
            dr.addBasedOn(filing.order().copy());
        }
        dr.setStatus(
                withdrawn()
                        ? DiagnosticReport.DiagnosticReportStatus.ENTEREDINERROR
                        : DiagnosticReport.DiagnosticReportStatus.PRELIMINARY);
        dr.addCategory(new CodeableConcept(Code.CATEGORY_CT.coding())
                .addCoding(Code.CATEGORY_RADIOLOGY.coding())
                .addCoding(Code.CATEGORY_US_CORE.coding()));
        dr.setCode(reportCode());
        dr.setSubject(filing.patient().copy());
        if (filing.encounter() != null) {
            dr.setEncounter(filing.encounter().copy());
        }
        dr.setEffective(effective(report));
        dr.setIssuedElement(instant(report.issuedAt()));
        dr.addPerformer(performer());
        observations.forEach(dr::addResult);
        dr.addImagingStudy(study);
        conclude(dr);
        dr.addPresentedForm(form("text/html", ReportText.html(report), ResultWords.TITLE));
        byte[] image = report.keyImagePng();
        if (image != null && !withdrawn()) {
            dr.addPresentedForm(form("image/png", image, ResultWords.KEY_IMAGE_TITLE));
        }
        return dr;
    }

    private void conclude(DiagnosticReport dr) {
        dr.setConclusion(ReportText.conclusion(report));
        mark.inline(dr, dr.getConclusionElement());
        if (report.finding() instanceof Finding.Analyzed a && a.positive() && !withdrawn()) {
            CodeableConcept hemorrhage = Code.INTRACRANIAL_HEMORRHAGE.concept();
            hemorrhage.setText("Suspected by AI, not reviewed: " + Code.INTRACRANIAL_HEMORRHAGE.display());
            mark.inline(dr, hemorrhage);
            dr.addConclusionCode(hemorrhage);
        }
    }

    /** The order's own codes first, so that the report is found under what was ordered. */
    private CodeableConcept reportCode() {
        CodeableConcept code = new CodeableConcept();
        for (Procedure.Coding ordered : report.order().procedure().codings()) {
            code.addCoding(new Coding(codeSystem(ordered.system()), ordered.code(), ordered.display()));
        }
        if (code.getCoding().isEmpty()) {
            code.addCoding(Code.CT_HEAD_WITHOUT_CONTRAST.coding());
        }
        return code.addCoding(Code.IMAGING_STUDY_REPORT.coding())
                .setText("CT head, AI result on intracranial hemorrhage");
    }

    /** HL7 table 0396 names LOINC "LN"; other names are the site's own. */
    private String codeSystem(@Nullable String system) {
        if ("LN".equals(system)) {
            return Code.Systems.LOINC;
        }
        return system != null && system.indexOf(':') > 0 ? system : naming.system("procedure");
    }

    private Attachment form(String contentType, byte[] content, String title) {
        Attachment form = new Attachment();
        form.setContentType(contentType)
                .setLanguage("en")
                .setData(content)
                .setSize(content.length)
                .setHash(sha1(content))
                .setTitle(title)
                .setCreationElement(dateTime(report.issuedAt()));
        return form;
    }

    Task task(Reference diagnosticReport) {
        Task task = task(names.task(), report.order(), report.key().studyUid(), filing, naming, report.issuedAt());
        switch (report.finding()) {
            case Finding.Analyzed _ -> task.setStatus(Task.TaskStatus.COMPLETED);
            case Finding.NotAnalyzed n -> {
                task.setStatus(Task.TaskStatus.FAILED);
                task.setStatusReason(new CodeableConcept().setText(n.reason().sentence()));
            }
        }
        if (withdrawn()) {
            task.setStatus(Task.TaskStatus.ENTEREDINERROR);
        }
        task.addOutput().setType(new CodeableConcept().setText("AI report")).setValue(diagnosticReport);
        return task;
    }

    /** What a Task says whatever its status. */
    static Task task(
            Identifier identifier,
            ImagingOrder order,
            StudyUid study,
            Filing filing,
            FhirConfig.Naming naming,
            Instant modified) {
        Task task = new Task();
        task.addIdentifier(identifier);
        task.setIntent(Task.TaskIntent.ORDER);
        task.setCode(Code.FULFILL.concept());
        task.setDescription("AI reading of a head CT for suspected intracranial hemorrhage");
        if (filing.order() != null) {
            task.setFocus(filing.order().copy());
        }
        task.setFor(filing.patient().copy());
        if (filing.encounter() != null) {
            task.setEncounter(filing.encounter().copy());
        }
        task.setAuthoredOnElement(dateTime(order.orderedAt()));
        task.setLastModifiedElement(dateTime(modified));
        task.setOwner(performer(naming));
        task.addInput()
                .setType(new CodeableConcept().setText("Study Instance UID"))
                .setValue(new StringType(study.value()));
        return task;
    }

    /** Tells that somebody should look now. Whom the EHR shows it to is the EHR's business: we know no recipient. */
    Communication alert(Reference diagnosticReport, Reference device) {
        Communication alert = new Communication();
        mark.on(alert);
        alert.addIdentifier(names.alert());
        alert.setStatus(
                withdrawn()
                        ? Communication.CommunicationStatus.ENTEREDINERROR
                        : Communication.CommunicationStatus.COMPLETED);
        alert.addCategory(Code.ALERT.concept());
        alert.setPriority(Communication.CommunicationPriority.STAT);
        alert.setSubject(filing.patient().copy());
        alert.addAbout(diagnosticReport);
        if (filing.encounter() != null) {
            alert.setEncounter(filing.encounter().copy());
        }
        alert.setSentElement(dateTime(report.issuedAt()));
        alert.setSender(device);
        alert.addPayload().setContent(new StringType(ReportText.conclusion(report)));
        return alert;
    }

    Provenance provenance(List<Reference> targets, Reference study, Reference device, Reference modelCard) {
        Provenance p = new Provenance();
        p.setId(names.provenanceId(report.kind()));
        mark.on(p);
        targets.forEach(p::addTarget);
        p.setOccurred(dateTime(report.issuedAt()));
        p.setRecordedElement(instant(report.issuedAt()));
        p.addReason(mark.reason());
        p.setActivity((withdrawn() ? Code.NULLIFY : Code.CREATE).concept());
        p.addAgent()
                .setType(Code.ASSEMBLER.concept())
                .addRole(Code.AI.concept())
                .setWho(device)
                .setOnBehalfOf(performer());
        Reference source = study.copy();
        source.setIdentifier(names.study());
        p.addEntity().setRole(Provenance.ProvenanceEntityRole.SOURCE).setWhat(source);
        p.addEntity().setRole(Provenance.ProvenanceEntityRole.DERIVATION).setWhat(modelCard);
        if (report.supersedes() != null) {
            Reference old = new Reference().setIdentifier(names.report(report.supersedes()));
            p.addEntity().setRole(Provenance.ProvenanceEntityRole.REVISION).setWhat(old.setType("DiagnosticReport"));
        }
        return p;
    }

    /** Only where the EHR has none: something for the report to refer to. Never updates one that is there. */
    ImagingStudy imagingStudy(@Nullable URI archive) {
        ImagingStudy study = new ImagingStudy();
        study.getMeta().addTag(Code.MADE_HERE.coding());
        study.addIdentifier(names.study());
        study.setStatus(ImagingStudy.ImagingStudyStatus.AVAILABLE);
        study.addModality(Code.MODALITY_CT.coding());
        study.setSubject(filing.patient().copy());
        if (filing.order() != null) {
            study.addBasedOn(filing.order().copy());
        }
        Instant acquired = report.facts().acquiredAt();
        if (acquired != null) {
            study.setStartedElement(dateTime(acquired));
        }
        if (archive != null) {
            study.addContained(endpoint(archive));
            study.addEndpoint(new Reference("#" + ENDPOINT));
        }
        return study;
    }

    /** Where the study's images are to be had; inside the ImagingStudy, since the EHR's own Endpoints are not ours to add to. */
    private static Endpoint endpoint(URI archive) {
        Endpoint endpoint = new Endpoint();
        endpoint.setId(ENDPOINT);
        endpoint.setStatus(Endpoint.EndpointStatus.ACTIVE);
        endpoint.setConnectionType(Code.WADO_RS.coding());
        endpoint.addPayloadType(Code.STUDY.concept());
        endpoint.setAddress(archive.toString());
        return endpoint;
    }

    /** Who runs the AI: by name and identifier only, since the EHR's Organization is not ours to create. */
    Reference performer() {
        return performer(naming);
    }

    private static Reference performer(FhirConfig.Naming naming) {
        Reference performer = new Reference().setType("Organization").setDisplay(naming.organizationName());
        performer.getIdentifier().setSystem(naming.system("organization")).setValue("performer");
        return performer;
    }

    private boolean withdrawn() {
        return report.kind() == FindingReport.Kind.WITHDRAWN;
    }

    /** When the images were made; when the result was made where the images do not say. */
    static DateTimeType effective(FindingReport report) {
        Instant acquired = report.facts().acquiredAt();
        return dateTime(acquired != null ? acquired : report.issuedAt());
    }

    static InstantType instant(Instant at) {
        return new InstantType(Date.from(at), ca.uhn.fhir.model.api.TemporalPrecisionEnum.MILLI, UTC);
    }

    static DateTimeType dateTime(Instant at) {
        return new DateTimeType(Date.from(at), ca.uhn.fhir.model.api.TemporalPrecisionEnum.SECOND, UTC);
    }

    /** FHIR R4's Attachment.hash is SHA-1, whatever one thinks of it. */
    static byte[] sha1(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-1").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }
}
