package io.bloodnet.sandbox.ehr;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.sandbox.cases.SampleCase;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** What the EHR knows of a sample case before any result: the patient, the order, and the study once it is made. */
public final class SampleResources {

    private static final String IDENTIFIER_TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203";
    private static final String DCM = "http://dicom.nema.org/resources/ontology/DCM";

    private SampleResources() {}

    /** Patient, ServiceRequest and ImagingStudy, in an order in which none refers to a later one. */
    public static List<ObjectNode> of(SampleCase sample, Instant orderedAt) {
        String at = orderedAt.truncatedTo(ChronoUnit.SECONDS).toString();
        return List.of(patient(sample), serviceRequest(sample, at), imagingStudy(sample, at));
    }

    private static ObjectNode patient(SampleCase sample) {
        ObjectNode patient = resource("Patient", sample.fhirPatientId());
        identifier(patient, "MR", "urn:hosp:mrn", sample.patientId());
        ObjectNode name = patient.putArray("name").addObject().put("family", sample.familyName());
        name.putArray("given").add(sample.givenName());
        return patient.put("gender", sample.sex().equals("F") ? "female" : "male")
                .put("birthDate", sample.birthDate().toString());
    }

    private static ObjectNode serviceRequest(SampleCase sample, String at) {
        ObjectNode request = resource("ServiceRequest", sample.fhirServiceRequestId());
        identifier(request, "ACSN", "urn:hosp:accession", sample.accession());
        identifier(request, "PLAC", "urn:hosp:placer", sample.placer());
        request.put("status", "active").put("intent", "order").put("priority", sample.stat() ? "stat" : "routine");
        headCt(request.putObject("code"));
        subject(request, sample);
        return request.put("authoredOn", at);
    }

    private static ObjectNode imagingStudy(SampleCase sample, String at) {
        ObjectNode study = resource("ImagingStudy", sample.fhirImagingStudyId());
        study.withArray("identifier")
                .addObject()
                .put("system", "urn:dicom:uid")
                .put("value", "urn:oid:" + sample.studyUid());
        identifier(study, "ACSN", "urn:hosp:accession", sample.accession());
        study.put("status", "available");
        study.putArray("modality").addObject().put("system", DCM).put("code", "CT");
        subject(study, sample);
        study.put("started", at);
        study.putArray("basedOn").addObject().put("reference", "ServiceRequest/" + sample.fhirServiceRequestId());
        study.put("numberOfSeries", sample.slices() == 0 ? 1 : 2).put("numberOfInstances", sample.instances());
        headCt(study.putArray("procedureCode").addObject());
        study.put("description", "CT HEAD WO CONTRAST");
        series(study, sample.uid("series-1"), 1, 1);
        if (sample.slices() > 0) {
            series(study, sample.uid("series-2"), 2, sample.slices());
        }
        return study;
    }

    private static void series(ObjectNode study, String uid, int number, int instances) {
        ObjectNode series = study.withArray("series").addObject();
        series.put("uid", uid).put("number", number);
        series.putObject("modality").put("system", DCM).put("code", "CT");
        series.put("numberOfInstances", instances);
    }

    private static void headCt(ObjectNode concept) {
        concept.putArray("coding")
                .addObject()
                .put("system", "http://loinc.org")
                .put("code", "30799-1")
                .put("display", "CT Head WO contrast");
        concept.put("text", "CT HEAD WO CONTRAST");
    }

    private static void subject(ObjectNode resource, SampleCase sample) {
        resource.putObject("subject").put("reference", "Patient/" + sample.fhirPatientId());
    }

    private static void identifier(ObjectNode resource, String type, String system, String value) {
        ObjectNode identifier = resource.withArray("identifier").addObject();
        identifier
                .putObject("type")
                .putArray("coding")
                .addObject()
                .put("system", IDENTIFIER_TYPES)
                .put("code", type);
        identifier.put("system", system).put("value", value);
    }

    private static ObjectNode resource(String type, String id) {
        return JsonNodeFactory.instance.objectNode().put("resourceType", type).put("id", id);
    }
}
