package io.bloodnet.server.cdshooks;

import io.bloodnet.audit.About;
import io.bloodnet.audit.AuditEvent;
import io.bloodnet.audit.AuditLog;
import io.bloodnet.audit.AuditUnavailableException;
import io.bloodnet.audit.Outcome;
import io.bloodnet.fhir.RefusalLimit;
import io.bloodnet.server.security.JwtVerifier;
import io.bloodnet.server.security.TokenCheck;
import io.bloodnet.server.security.TokenFault;
import io.bloodnet.server.security.TokenUse;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells who calls, and has refusals audited: each of them or by number ({@link RefusalLimit}). Safe for all threads.
 */
final class Callers {

    private static final Logger LOG = LoggerFactory.getLogger(Callers.class);

    private final @Nullable JwtVerifier verifier;
    private final AuditLog audit;
    private final CdsMetrics metrics;
    private final InstantSource clock;
    private final RefusalLimit limit = new RefusalLimit();

    Callers(CdsHooksConfig config, AuditLog audit, CdsMetrics metrics, InstantSource clock) {
        this.verifier = config.clients().isEmpty() ? null : new JwtVerifier(config.clients(), clock);
        this.audit = audit;
        this.metrics = metrics;
        this.clock = clock;
    }

    /** Who calls. */
    sealed interface Caller {

        /** No token is asked here. */
        record Anybody() implements Caller {}

        /** A client with a good token, whose use must be remembered. */
        record Client(TokenUse use) implements Caller {}

        /** Nobody that we serve. */
        record Stranger(TokenFault fault) implements Caller {}
    }

    /** See {@link JwtVerifier#warmUp}. */
    void warmUp() {
        if (verifier != null) {
            verifier.warmUp();
        }
    }

    /** See {@link JwtVerifier#refreshKeys}. */
    void refreshKeys() {
        if (verifier != null) {
            verifier.refreshKeys();
        }
    }

    /** Checks the token of a call of that URL. */
    Caller of(@Nullable String authorization, String calledUrl) {
        if (verifier == null) {
            return new Caller.Anybody();
        }
        return switch (verifier.check(authorization, calledUrl)) {
            case TokenCheck.Accepted(TokenUse use) -> new Caller.Client(use);
            case TokenCheck.Refused(TokenFault fault) -> new Caller.Stranger(fault);
        };
    }

    /** Counts and audits a refusal. It stands also where it cannot be audited, or not in time: nothing is done for the caller. */
    Answer refuse(TokenFault fault, Verdict verdict) {
        verdict.refuse(fault);
        metrics.refused(fault.name());
        String more = limit.admit(clock.instant());
        if (more != null) {
            try {
                audit.record(new AuditEvent.AccessRefused(
                        clock.instant(),
                        About.nothing(),
                        Outcome.SERIOUS_FAILURE,
                        "cds-hooks",
                        fault.sentence() + more));
            } catch (AuditUnavailableException e) {
                LOG.warn("refusal of a CDS Hooks call not audited ({}), the call stays refused", e.fault());
            }
        }
        return new Answer.Refused(fault);
    }
}
