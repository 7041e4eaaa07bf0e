package io.bloodnet.server.cdshooks;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bloodnet.server.cdshooks.request.HookService;
import java.util.UUID;

/** Calls as an EHR makes them, about a made-up patient. */
public final class Requests {

    public static final String RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm";
    static final String PATIENT = "pat-1";
    static final String MRN = "MRN0001";
    static final String USER = "Practitioner/dr-1";

    private Requests() {}

    static ObjectNode call(HookService service) {
        return call(service, PATIENT, MRN);
    }

    static ObjectNode call(HookService service, String patientId, String mrn) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("hook", service.hook()).put("hookInstance", UUID.randomUUID().toString());
        body.putObject("context")
                .put("userId", USER)
                .put("patientId", patientId)
                .put("encounterId", "enc-1");
        ObjectNode patient = body.putObject("prefetch").putObject("patient");
        patient.put("resourceType", "Patient").put("id", patientId);
        patient.putArray("identifier").addObject().put("system", "urn:hosp:mrn").put("value", mrn);
        return body;
    }

    /** A call with drafts; all of them are selected. */
    static ObjectNode orders(HookService service, ObjectNode... drafts) {
        ObjectNode body = call(service);
        ObjectNode context = (ObjectNode) body.get("context");
        context.set("draftOrders", bundle(drafts));
        if (service == HookService.ORDER_SELECT) {
            ArrayNode selections = context.putArray("selections");
            for (ObjectNode draft : drafts) {
                selections.add("MedicationRequest/" + draft.path("id").asText());
            }
        }
        return body;
    }

    public static ObjectNode bundle(ObjectNode... resources) {
        ObjectNode bundle = JsonNodeFactory.instance
                .objectNode()
                .put("resourceType", "Bundle")
                .put("type", "collection");
        ArrayNode entries = bundle.putArray("entry");
        for (ObjectNode resource : resources) {
            entries.addObject().set("resource", resource);
        }
        return bundle;
    }

    public static ObjectNode draft(String id, String system, String code, String text) {
        ObjectNode draft = draft(id);
        ObjectNode concept = draft.putObject("medicationCodeableConcept");
        concept.putArray("coding").addObject().put("system", system).put("code", code);
        concept.put("text", text);
        return draft;
    }

    public static ObjectNode draft(String id) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("resourceType", "MedicationRequest")
                .put("id", id)
                .put("status", "draft")
                .put("intent", "order");
    }

    public static ObjectNode warfarin(String id) {
        return draft(id, RXNORM, "11289", "warfarin");
    }

    static byte[] bytes(ObjectNode body) {
        return body.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }
}
