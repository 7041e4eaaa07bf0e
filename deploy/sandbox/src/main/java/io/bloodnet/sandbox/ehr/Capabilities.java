package io.bloodnet.sandbox.ehr;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** The EHR's CapabilityStatement. */
final class Capabilities {

    private static final List<String> TYPES = List.of(
            "Patient",
            "ServiceRequest",
            "Encounter",
            "ImagingStudy",
            "DiagnosticReport",
            "Observation",
            "DocumentReference",
            "Device",
            "Organization",
            "Provenance",
            "Task",
            "Communication",
            "Endpoint",
            "AuditEvent",
            "Practitioner",
            "Media",
            "Basic",
            "Flag",
            "Binary",
            "Subscription");

    private Capabilities() {}

    static ObjectNode statement() {
        ObjectNode statement = JsonNodeFactory.instance.objectNode();
        statement
                .put("resourceType", "CapabilityStatement")
                .put("status", "active")
                .put("date", "2026-01-01")
                .put("kind", "instance")
                .put("fhirVersion", "4.0.1");
        statement.putArray("format").add("json").add("application/fhir+json");
        statement.putObject("software").put("name", "BloodNet CDS sandbox EHR");
        statement.putObject("implementation").put("description", "A pretend EHR with invented patients");
        ObjectNode rest = statement.putArray("rest").addObject().put("mode", "server");
        rest.putArray("interaction").addObject().put("code", "transaction");
        ArrayNode resources = rest.putArray("resource");
        TYPES.forEach(type -> describe(resources.addObject(), type));
        return statement;
    }

    private static void describe(ObjectNode resource, String type) {
        resource.put("type", type);
        ArrayNode interactions = resource.putArray("interaction");
        List.of("read", "create", "update", "search-type")
                .forEach(code -> interactions.addObject().put("code", code));
        resource.put("versioning", "versioned-update")
                .put("updateCreate", true)
                .put("conditionalCreate", true)
                .put("conditionalUpdate", true);
        ArrayNode parameters = resource.putArray("searchParam");
        parameters.addObject().put("name", "_id").put("type", "token");
        parameters.addObject().put("name", "_lastUpdated").put("type", "date");
        parameters.addObject().put("name", "identifier").put("type", "token");
        parameters.addObject().put("name", "patient").put("type", "reference");
        parameters.addObject().put("name", "status").put("type", "token");
        parameters.addObject().put("name", "code").put("type", "token");
    }
}
