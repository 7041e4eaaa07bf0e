package io.bloodnet.fhir;

import java.time.Duration;
import org.hl7.fhir.r4.model.OperationOutcome;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;

/**
 * What our FHIR endpoints answer; the HTTP server only copies it.
 *
 * @param status HTTP status
 * @param contentType of the body, null when there is none
 * @param body the exact bytes, empty for none
 * @param retryAfterSeconds value of Retry-After, null for none
 * @param etag value of ETag, null for none
 */
public record FhirAnswer(
        int status,
        @Nullable String contentType,
        byte[] body,
        @Nullable Integer retryAfterSeconds,
        @Nullable String etag) {

    private static final String TYPE = FhirJson.CONTENT_TYPE + ";charset=utf-8";

    /** Taken; nothing to say. */
    public static FhirAnswer ok() {
        return new FhirAnswer(200, null, new byte[0], null, null);
    }

    /** A resource. */
    public static FhirAnswer of(Resource resource) {
        return json(FhirJson.write(resource), null);
    }

    /** A resource that already is JSON. */
    public static FhirAnswer json(byte[] json, @Nullable String etag) {
        return new FhirAnswer(200, TYPE, json, null, etag);
    }

    /** A refusal. {@code sentence} is ours, fixed, and never quotes what was sent. */
    public static FhirAnswer refused(int status, OperationOutcome.IssueType code, String sentence) {
        return new FhirAnswer(status, TYPE, outcome(code, sentence), null, null);
    }

    /** Not now; the sender repeats. */
    public static FhirAnswer unavailable(String sentence, Duration after) {
        int seconds = (int) Math.max(1, after.toSeconds());
        return new FhirAnswer(503, TYPE, outcome(OperationOutcome.IssueType.TRANSIENT, sentence), seconds, null);
    }

    /** Whether the message was taken. */
    public boolean isSuccess() {
        return status >= 200 && status < 300;
    }

    private static byte[] outcome(OperationOutcome.IssueType code, String sentence) {
        OperationOutcome outcome = new OperationOutcome();
        outcome.addIssue()
                .setSeverity(OperationOutcome.IssueSeverity.ERROR)
                .setCode(code)
                .setDiagnostics(sentence);
        return FhirJson.write(outcome);
    }
}
