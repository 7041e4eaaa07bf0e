package io.bloodnet.fhir.ehr;

import io.bloodnet.fhir.FhirJson;
import java.time.Duration;
import java.util.Optional;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;

/**
 * One answer of the EHR, whatever its status.
 *
 * @param status HTTP status
 * @param body as read, within the limit
 * @param retryAfter from Retry-After, at most an hour; null when absent
 */
public record EhrAnswer(int status, byte[] body, @Nullable Duration retryAfter) {

    /** Whether it is 2xx. */
    public boolean isSuccess() {
        return status >= 200 && status < 300;
    }

    /** The resource of that type in the body, empty when the body holds none. */
    public <T extends Resource> Optional<T> resource(Class<T> type) {
        return FhirJson.read(body, type);
    }

    /** What the status means where no success was seen. */
    public EhrException failure(String what) {
        EhrException.Code code = switch (status) {
            case 401, 403 -> EhrException.Code.UNAUTHORIZED;
            case 408, 409, 412, 425, 429 -> EhrException.Code.BUSY;
            default -> status >= 500 ? EhrException.Code.BUSY : EhrException.Code.REFUSED;
        };
        return new EhrException(code, what + " was answered " + status, retryAfter, null);
    }
}
