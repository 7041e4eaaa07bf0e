package io.bloodnet.fhir.face;

import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.hl7.fhir.r4.model.CapabilityStatement;
import org.hl7.fhir.r4.model.CapabilityStatement.CapabilityStatementRestComponent;
import org.hl7.fhir.r4.model.CapabilityStatement.CapabilityStatementRestResourceComponent;
import org.hl7.fhir.r4.model.CapabilityStatement.TypeRestfulInteraction;
import org.hl7.fhir.r4.model.CodeType;
import org.hl7.fhir.r4.model.Enumerations.FHIRVersion;
import org.hl7.fhir.r4.model.Enumerations.PublicationStatus;
import org.hl7.fhir.r4.model.Enumerations.SearchParamType;

/** What our own face can do. */
final class Capabilities {

    /** The types that we make. */
    static final List<String> MADE = List.of(
            "DiagnosticReport",
            "Observation",
            "DocumentReference",
            "Device",
            "Provenance",
            "Task",
            "ImagingStudy",
            "Communication");

    private Capabilities() {}

    static CapabilityStatement statement(String softwareVersion, Instant startedAt) {
        CapabilityStatement statement = new CapabilityStatement();
        statement.setStatus(PublicationStatus.ACTIVE);
        statement.setDate(Date.from(startedAt));
        statement.setKind(CapabilityStatement.CapabilityStatementKind.INSTANCE);
        statement.setFhirVersion(FHIRVersion._4_0_1);
        statement.getSoftware().setName("BloodNet CDS").setVersion(softwareVersion);
        statement
                .getImplementation()
                .setDescription("What BloodNet CDS filed into the EHR, and its audit log. Read only.");
        statement.getFormat().add(new CodeType("application/fhir+json"));
        CapabilityStatementRestComponent rest =
                statement.addRest().setMode(CapabilityStatement.RestfulCapabilityMode.SERVER);
        for (String type : MADE) {
            var resource = readable(rest, type);
            parameter(resource, "_id", SearchParamType.TOKEN);
            parameter(resource, "identifier", SearchParamType.TOKEN);
            parameter(resource, "patient", SearchParamType.REFERENCE);
        }
        var audit = readable(rest, "AuditEvent");
        parameter(audit, "_id", SearchParamType.TOKEN);
        parameter(audit, "date", SearchParamType.DATE);
        parameter(audit, "patient", SearchParamType.REFERENCE);
        parameter(audit, "entity", SearchParamType.REFERENCE);
        parameter(audit, "agent", SearchParamType.REFERENCE);
        parameter(audit, "outcome", SearchParamType.TOKEN);
        return statement;
    }

    private static CapabilityStatementRestResourceComponent readable(
            CapabilityStatementRestComponent rest, String type) {
        CapabilityStatementRestResourceComponent resource = rest.addResource().setType(type);
        resource.addInteraction().setCode(TypeRestfulInteraction.READ);
        resource.addInteraction().setCode(TypeRestfulInteraction.SEARCHTYPE);
        return resource;
    }

    private static void parameter(
            CapabilityStatementRestResourceComponent resource, String name, SearchParamType type) {
        resource.addSearchParam().setName(name).setType(type);
    }
}
