package io.bloodnet.fhir.ehr;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The EHR could not be asked, or did not give what was asked for. Whether and when to try again is the caller's choice. */
public final class EhrException extends RuntimeException {

    /** What went wrong, counted in metrics. */
    public enum Code {
        /** No connection, or it broke. Whether the EHR acted is unknown. */
        UNREACHABLE(true),
        /** No (complete) answer in time. Whether the EHR acted is unknown. */
        TIMEOUT(true),
        /** 429 or 5xx: not now. */
        BUSY(true),
        /** 401, 403, or no token: credentials or rights. */
        UNAUTHORIZED(true),
        /** Any other 4xx, or a redirect: the request will not be taken. */
        REFUSED(false),
        /** An answer that is not what was asked for or breaks its format. */
        BAD_ANSWER(true),
        /** An answer over the limit. */
        TOO_LARGE(false);

        private final boolean retryable;

        Code(boolean retryable) {
            this.retryable = retryable;
        }

        /** Whether the same request may succeed later without a person doing anything to it. */
        public boolean retryable() {
            return retryable;
        }
    }

    private final Code code;
    private final @Nullable Duration retryAfter;

    /** @param message what happened, without patient data */
    public EhrException(Code code, String message) {
        this(code, message, null, null);
    }

    /** As above, with what the EHR asked for in Retry-After, and the cause. */
    public EhrException(Code code, String message, @Nullable Duration retryAfter, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
        this.retryAfter = retryAfter;
    }

    /** What went wrong. */
    public Code code() {
        return code;
    }

    /** When the EHR wants to be asked again, null when it did not say. */
    public @Nullable Duration retryAfter() {
        return retryAfter;
    }
}
