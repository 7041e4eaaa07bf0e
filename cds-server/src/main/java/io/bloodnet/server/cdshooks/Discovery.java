package io.bloodnet.server.cdshooks;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.server.cdshooks.request.HookService;

/** What we say of our services (CDS Hooks 2.0.1 "Discovery", with 3.0's versions). Prefetch uses 2.0 tokens only. */
final class Discovery {

    /** Raised when what a service asks or answers changes. */
    static final String VERSION = "1.0.0";

    private Discovery() {}

    static ObjectNode answer() {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode services = answer.putArray("services");
        for (HookService service : HookService.values()) {
            services.add(describe(service));
        }
        return answer;
    }

    private static ObjectNode describe(HookService service) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("hook", service.hook());
        node.put("title", service.title());
        node.put("description", service.description());
        node.put("id", service.id());
        node.put("version", VERSION);
        ObjectNode prefetch = node.putObject("prefetch");
        prefetch.put("patient", "Patient/{{context.patientId}}");
        if (service.flagsFindings()) {
            prefetch.put("medications", "MedicationRequest?patient={{context.patientId}}&status=active");
        }
        node.put(
                "usageRequirements",
                "The patient prefetch is needed, with the identifiers that imaging orders carry. The FHIR server is never called.");
        return node;
    }
}
