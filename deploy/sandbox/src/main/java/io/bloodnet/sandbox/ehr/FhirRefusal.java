package io.bloodnet.sandbox.ehr;

/** A request that the EHR answers with an OperationOutcome. Messages name elements and limits, never content. */
final class FhirRefusal extends RuntimeException {

    private final int status;
    private final String code;

    /** @param code of http://hl7.org/fhir/issue-type */
    FhirRefusal(int status, String code, String message) {
        super(message);
        this.status = status;
        this.code = code;
    }

    int status() {
        return status;
    }

    String code() {
        return code;
    }
}
