package io.bloodnet.fhir.eventin;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.Random;
import org.hl7.fhir.r4.model.BooleanType;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.DiagnosticReport;
import org.hl7.fhir.r4.model.DiagnosticReport.DiagnosticReportStatus;
import org.hl7.fhir.r4.model.DomainResource;
import org.hl7.fhir.r4.model.Extension;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.ImagingStudy;
import org.hl7.fhir.r4.model.Narrative;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.Observation.ObservationStatus;
import org.hl7.fhir.r4.model.Organization;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.ServiceRequest;
import org.hl7.fhir.r4.model.StringType;
import org.jspecify.annotations.Nullable;

/** Makes legal R4 resources of many forms by a seed, of each of which it knows what it means. */
final class LegalResources {

    static final String MRN = "urn:hosp:mrn";
    private static final String TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203";
    private static final String SNOMED = "http://snomed.info/sct";

    final Random random;
    private final String base;
    private int next;

    LegalResources(long seed, String base) {
        this.random = new Random(seed);
        this.base = base;
    }

    /** A report, the Observations that it refers to, and what a reader must make of it. */
    record Report(
            DiagnosticReport report,
            List<Observation> observations,
            @Nullable Boolean says) {}

    <T> T any(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    private boolean often() {
        return random.nextInt(3) > 0;
    }

    /** FHIR ids: letters, digits, dash and dot, up to 64 (R4 2.24.0.1). */
    String id() {
        String head = any(List.of("", "-", "A.b-", "0", "x".repeat(40), "a-.-."));
        return head + "i" + next++;
    }

    /** A person whose record number is {@code mrn}; the other identifiers are traps. */
    Patient patient(String id, String mrn, String somebodyElses) {
        Patient patient = new Patient();
        patient.setId(id);
        List<Identifier> all = new ArrayList<>();
        all.add(typed(often() ? "MR" : null, MRN, mrn));
        if (often()) {
            all.add(typed(
                    any(List.of("AN", "VN", "SS", "DL", "ACSN")), often() ? "urn:hosp:account" : MRN, somebodyElses));
        }
        if (often()) {
            all.add(typed("MR", "urn:other:mrn", somebodyElses));
        }
        if (often()) {
            all.add(typed("MR", MRN, somebodyElses).setUse(Identifier.IdentifierUse.OLD));
        }
        if (often()) {
            all.add(typed(null, null, somebodyElses));
        }
        Collections.shuffle(all, random);
        patient.setIdentifier(all);
        if (often()) {
            patient.addName().setFamily("Probe").addGiven("Pat");
        }
        if (often()) {
            patient.setBirthDateElement(
                    new org.hl7.fhir.r4.model.DateType(any(List.of("1957", "1957-03", "1957-03-03"))));
        }
        return decorated(patient);
    }

    ImagingStudy study(String id, String uid, String patient) {
        ImagingStudy study = new ImagingStudy();
        study.setId(id);
        study.setStatus(any(List.of(
                ImagingStudy.ImagingStudyStatus.AVAILABLE,
                ImagingStudy.ImagingStudyStatus.REGISTERED,
                ImagingStudy.ImagingStudyStatus.UNKNOWN,
                ImagingStudy.ImagingStudyStatus.CANCELLED)));
        List<Identifier> all = new ArrayList<>();
        all.add(any(List.of(
                typed(null, "urn:dicom:uid", "urn:oid:" + uid),
                typed(null, "urn:dicom:uid", uid),
                typed(null, "urn:ietf:rfc:3986", "urn:oid:" + uid))));
        if (often()) {
            all.add(typed("ACSN", "urn:hosp:accession", "A" + next++));
        }
        if (often()) {
            all.add(typed(any(List.of("PLAC", "FILL", "MR")), "urn:hosp:n", "N,|$\\" + next++));
        }
        Collections.shuffle(all, random);
        study.setIdentifier(all);
        study.setSubject(reference("Patient/" + patient));
        study.addModality(new Coding("http://dicom.nema.org/resources/ontology/DCM", "CT", null));
        study.addProcedureCode(concept("http://loinc.org", "30799-1"));
        if (often()) {
            study.setNumberOfInstances(random.nextInt(1, 400));
        }
        if (often()) {
            study.addSeries()
                    .setUid(uid + ".1")
                    .setModality(new Coding("http://dicom.nema.org/resources/ontology/DCM", "CT", null));
        }
        return decorated(study);
    }

    ServiceRequest request(String id, String patient) {
        ServiceRequest request = new ServiceRequest();
        request.setId(id);
        request.setStatus(any(List.of(ServiceRequest.ServiceRequestStatus.values()).stream()
                .filter(s -> s != ServiceRequest.ServiceRequestStatus.NULL)
                .toList()));
        request.setIntent(ServiceRequest.ServiceRequestIntent.ORDER);
        request.setCode(any(List.of(
                concept("http://loinc.org", "30799-1"),
                concept("urn:hosp:codes", "CTHEADWO"),
                concept("http://loinc.org", "24627-2"))));
        request.setSubject(reference("Patient/" + patient));
        request.addIdentifier(typed("ACSN", often() ? "urn:hosp:accession" : null, "A" + next++));
        if (often()) {
            request.addIdentifier(typed("PLAC", "urn:oid:1.2.826.0.1.99", "P" + next++));
        }
        return decorated(request);
    }

    Report report(String id, String study, String patient, String somebodyElse) {
        Boolean says = any(java.util.Arrays.asList(true, false, null));
        DiagnosticReport report = new DiagnosticReport();
        report.setId(id);
        report.setStatus(any(List.of(DiagnosticReportStatus.values()).stream()
                .filter(s -> s != DiagnosticReportStatus.NULL)
                .toList()));
        report.setCode(concept("http://loinc.org", any(List.of("18748-4", "30799-1"))));
        report.addCategory(concept("http://terminology.hl7.org/CodeSystem/v2-0074", "RAD"));
        report.setSubject(reference("Patient/" + patient));
        report.addImagingStudy(reference("ImagingStudy/" + study));
        report.setIssued(new Date(any(List.of(0L, 4_070_908_800_000L, 1_772_360_000_000L))));
        List<Observation> elsewhere = new ArrayList<>();
        List<Observation> all = new ArrayList<>();
        if (says != null && (!says || random.nextBoolean())) {
            all.add(observation(says, ObservationStatus.FINAL, patient));
        } else if (says != null) {
            report.addConclusionCode(any(List.of(
                    concept(SNOMED, "1386000"),
                    concept("http://hl7.org/fhir/sid/icd-10", "I61.9"),
                    concept("http://hl7.org/fhir/sid/icd-10-cm", "S06.5X0A"))));
        }
        if (often()) { // none of these says anything
            all.add(observation(
                    random.nextBoolean(),
                    any(List.of(
                            ObservationStatus.ENTEREDINERROR,
                            ObservationStatus.CANCELLED,
                            ObservationStatus.UNKNOWN,
                            ObservationStatus.PRELIMINARY,
                            ObservationStatus.REGISTERED)),
                    patient));
        }
        if (often()) {
            all.add(observation(random.nextBoolean(), ObservationStatus.FINAL, somebodyElse));
        }
        if (often()) {
            report.addConclusionCode(concept("urn:hosp:codes", any(List.of("I61", "1386000", "Y"))));
        }
        Collections.shuffle(all, random);
        for (Observation each : all) {
            if (random.nextBoolean()) {
                report.addContained(each);
                report.addResult(new Reference("#" + each.getIdPart()));
            } else {
                elsewhere.add(each);
                report.addResult(reference("Observation/" + each.getIdPart()));
            }
        }
        return new Report(decorated(report), elsewhere, says);
    }

    private Observation observation(boolean says, ObservationStatus status, String patient) {
        Observation observation = new Observation();
        observation.setId("o" + next++);
        observation.setStatus(status);
        observation.setCode(concept(SNOMED, "1386000"));
        observation.setSubject(new Reference("Patient/" + patient));
        switch (random.nextInt(4)) {
            case 0 -> observation.setValue(new BooleanType(says));
            case 1 -> observation.setValue(concept("http://terminology.hl7.org/CodeSystem/v2-0136", says ? "Y" : "N"));
            case 2 -> observation.setValue(concept(SNOMED, says ? "52101004" : "2667000"));
            default ->
                observation.addInterpretation(concept(
                        "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", says ? "POS" : "NEG"));
        }
        return observation;
    }

    private Reference reference(String relative) {
        Reference reference = new Reference(any(List.of(
                relative, relative + "/_history/7", base + "/" + relative, base + "/" + relative + "/_history/1")));
        return often() ? reference : reference.setDisplay("somebody");
    }

    private static Identifier typed(@Nullable String type, @Nullable String system, String value) {
        Identifier identifier = new Identifier().setSystem(system).setValue(value);
        if (type != null) {
            identifier.getType().addCoding().setSystem(TYPES).setCode(type);
        }
        return identifier;
    }

    private static CodeableConcept concept(String system, String code) {
        return new CodeableConcept().addCoding(new Coding(system, code, null));
    }

    /** What R4 allows on every resource and means nothing here. */
    private <T extends DomainResource> T decorated(T resource) {
        if (often()) {
            resource.addExtension(
                    new Extension("urn:x:note", new StringType("Größe — \u4e2d\u6587 \ud83e\udde0 \\ \" |^~&")));
        }
        if (random.nextInt(4) == 0) {
            Organization contained = new Organization();
            contained.setId("org" + next++);
            contained.setName("Somebody");
            resource.addContained(contained);
            resource.addExtension(new Extension("urn:x:by", new Reference("#" + contained.getIdPart())));
        }
        if (often()) {
            resource.getMeta().addTag("urn:x:tags", "t", null).setVersionId(any(List.of("1", "a.b-9", "42")));
            resource.getMeta().setLastUpdated(new Date(1_772_360_000_000L));
        }
        if (random.nextInt(4) == 0) {
            resource.setLanguage("de-AT");
            resource.getText()
                    .setStatus(Narrative.NarrativeStatus.ADDITIONAL)
                    .setDivAsString("<div>No hemorrhage &amp; nothing else</div>");
        }
        return resource;
    }
}
