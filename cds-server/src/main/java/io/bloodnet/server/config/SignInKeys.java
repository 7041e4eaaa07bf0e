package io.bloodnet.server.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Section {@code sign-in} of the configuration; without it nobody signs in and the pages stay on loopback.
 *
 * @param issuer the OpenID Connect provider, exactly as its tokens name it
 * @param clientId under which the provider knows us
 * @param clientSecretFile our secret there; null for a public client, which PKCE protects
 * @param baseUrl under which browsers reach this server; {@code BASE/signin/callback} and {@code BASE/signed-out} are registered at the provider
 * @param scope what is asked for; {@code openid} is part of it
 * @param userClaim the ID token's claim that names a person in the audit log
 * @param rolesClaim the claim that holds roles; a path with dots for one within another
 * @param roles which values of that claim make a person what
 * @param idleMinutes a session ends that long after its last request, 5 to 720
 * @param absoluteHours a session ends that long after sign-in, 1 to 24
 */
@SuppressWarnings("NullAway") // the parser hands null for what is absent
public record SignInKeys(
        String issuer,
        @JsonProperty("client-id") String clientId,
        @JsonProperty("client-secret-file") @Nullable String clientSecretFile,
        @JsonProperty("base-url") String baseUrl,
        String scope,
        @JsonProperty("user-claim") String userClaim,
        @JsonProperty("roles-claim") String rolesClaim,
        Roles roles,
        @JsonProperty("idle-minutes") Integer idleMinutes,
        @JsonProperty("absolute-hours") Integer absoluteHours) {

    /** Fills what is absent; what uses them checks. */
    public SignInKeys {
        scope = scope == null || scope.isBlank() ? "openid profile" : scope;
        userClaim = userClaim == null || userClaim.isBlank() ? "preferred_username" : userClaim;
        rolesClaim = rolesClaim == null || rolesClaim.isBlank() ? "roles" : rolesClaim;
        roles = roles == null ? new Roles(null, null, null) : roles;
        idleMinutes = idleMinutes == null ? 60 : idleMinutes;
        absoluteHours = absoluteHours == null ? 12 : absoluteHours;
    }

    /** Values of the claim for each role; the role's own name when none are given. */
    public record Roles(List<String> clinician, List<String> compliance, List<String> admin) {
        public Roles {
            clinician = clinician == null ? List.of("clinician") : List.copyOf(clinician);
            compliance = compliance == null ? List.of("compliance") : List.copyOf(compliance);
            admin = admin == null ? List.of("admin") : List.copyOf(admin);
        }
    }
}
