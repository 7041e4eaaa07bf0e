package io.bloodnet.server.signin;

import io.bloodnet.server.config.ConfigException;
import io.bloodnet.server.config.SignInKeys;
import io.bloodnet.server.security.Loopback;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Section {@code sign-in}, checked.
 *
 * @param issuer https, or http on loopback
 * @param secret null for a public client
 * @param base without a slash at its end
 * @param roles the claim's values by role
 */
public record SignInSettings(
        URI issuer,
        String clientId,
        @Nullable String secret,
        URI base,
        List<String> scope,
        String userClaim,
        List<String> rolesClaim,
        Map<Role, List<String>> roles,
        Duration idle,
        Duration absolute) {

    /** @throws ConfigException naming the key that is wrong */
    public static SignInSettings of(SignInKeys keys) {
        if (keys.issuer() == null || keys.clientId() == null || keys.baseUrl() == null) {
            throw new ConfigException("sign-in needs issuer, client-id and base-url");
        }
        List<String> scope = List.of(keys.scope().trim().split("\\s+"));
        if (!scope.contains("openid")) {
            throw new ConfigException("sign-in.scope must hold openid");
        }
        return new SignInSettings(
                url("sign-in.issuer", keys.issuer()),
                keys.clientId(),
                keys.clientSecret(),
                url("sign-in.base-url", keys.baseUrl().replaceAll("/+$", "")),
                scope,
                keys.userClaim(),
                List.of(keys.rolesClaim().split("\\.")),
                Map.of(
                        Role.CLINICIAN, keys.roles().clinician(),
                        Role.COMPLIANCE, keys.roles().compliance(),
                        Role.ADMIN, keys.roles().admin()),
                Duration.ofMinutes(keys.idleMinutes()),
                Duration.ofHours(keys.absoluteHours()));
    }

    /** Whether browsers reach us on this machine only. */
    boolean onLoopback() {
        return Loopback.isLoopback(base.getHost());
    }

    URI callback() {
        return URI.create(base + "/signin/callback");
    }

    URI signedOut() {
        return URI.create(base + "/signed-out");
    }

    /** What a person with these values of the claim is here. */
    Set<Role> rolesOf(Set<String> values) {
        Set<Role> all = EnumSet.noneOf(Role.class);
        roles.forEach((role, named) -> {
            if (named.stream().anyMatch(values::contains)) {
                all.add(role);
            }
        });
        return all;
    }

    /** https, or http on this machine; no user, query or fragment. */
    static boolean isSafe(URI url) {
        String host = url.getHost();
        return host != null
                && url.getUserInfo() == null
                && url.getFragment() == null
                && ("https".equals(url.getScheme()) || "http".equals(url.getScheme()) && Loopback.isLoopback(host));
    }

    private static URI url(String key, String text) {
        try {
            URI url = new URI(text);
            if (isSafe(url) && url.getQuery() == null) {
                return url;
            }
        } catch (URISyntaxException e) {
            // said below
        }
        throw new ConfigException(key + " must be an https URL, or http on a loopback address");
    }

    /** No secret. */
    @Override
    public String toString() {
        return "SignInSettings[" + issuer + "]";
    }
}
