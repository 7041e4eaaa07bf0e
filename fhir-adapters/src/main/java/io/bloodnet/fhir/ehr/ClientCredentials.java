package io.bloodnet.fhir.ehr;

import io.bloodnet.audit.AuditLog;
import io.bloodnet.fhir.FhirConfig;
import io.bloodnet.fhir.FhirConfig.Auth;
import io.bloodnet.imaging.peer.TlsFiles;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Access tokens for a peer that is no EHR, such as an archive behind an OAuth gateway: client credentials with a signed assertion (RFC 6749
 * 4.4, RFC 7523 2.2), as SMART Backend Services uses them. Safe for all threads; a call blocks its own for at most what its caller gives it.
 */
public final class ClientCredentials implements AutoCloseable {

    private final EhrHttp http;
    private final AccessTokens tokens;

    /**
     * @param peer base address of the peer, for the audit log; never asked for a token endpoint
     * @param services with a token URL
     * @param tls for the token endpoint; null for the JDK's authorities
     */
    public ClientCredentials(
            URI peer,
            Auth.BackendServices services,
            @Nullable TlsFiles tls,
            FhirConfig.Limits limits,
            AuditLog audit,
            InstantSource clock) {
        Objects.requireNonNull(services.tokenUrl(), "a peer that is no EHR publishes no token endpoint");
        this.http = new EhrHttp(limits, tls, clock);
        this.tokens = new AccessTokens(services, new EhrBase(peer), http, audit, clock);
    }

    /** The value of the Authorization header. @throws EhrException when no token can be had now, or not within that time */
    public String header(Duration atMost) {
        return Deadline.within(atMost, () -> tokens.header().orElseThrow());
    }

    /** The peer did not take the token: the next one is asked for anew. */
    public void forget() {
        tokens.forget();
    }

    @Override
    public void close() {
        http.close();
    }
}
