package io.bloodnet.sandbox.ehr;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/** One HTTP answer. */
record FhirAnswer(int status, ObjectNode body, Map<String, String> headers) {

    static FhirAnswer of(int status, ObjectNode body) {
        return new FhirAnswer(status, body, Map.of());
    }

    /** An OperationOutcome with one issue. */
    static FhirAnswer outcome(int status, String severity, String code, String text) {
        ObjectNode outcome = JsonNodeFactory.instance.objectNode().put("resourceType", "OperationOutcome");
        outcome.putArray("issue")
                .addObject()
                .put("severity", severity)
                .put("code", code)
                .put("diagnostics", text);
        return of(status, outcome);
    }

    static FhirAnswer refused(FhirRefusal refusal) {
        String text = refusal.getMessage();
        return outcome(refusal.status(), "error", refusal.code(), text == null ? "refused" : text);
    }

    FhirAnswer withStatus(int other) {
        return new FhirAnswer(other, body, headers);
    }

    FhirAnswer with(String header, String value) {
        Map<String, String> more = new java.util.LinkedHashMap<>(headers);
        more.put(header, value);
        return new FhirAnswer(status, body, more);
    }
}
