package io.bloodnet.server.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Section {@code sign-in}; without it nobody signs in and the pages stay on loopback. {@link #KEYS} says what each key means. */
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

    private static final Key.Secret CLIENT_SECRET = new Key.Secret(
            "sign-in.client-secret-file",
            "our secret at the provider; without it we are a public client, which PKCE protects");
    private static final Key.Text SCOPE =
            new Key.Text("sign-in.scope", "openid profile", "what is asked for; `openid` is part of it");
    private static final Key.Text USER_CLAIM = new Key.Text(
            "sign-in.user-claim",
            "preferred_username",
            "claim of the ID token that names a person in the audit log; `sub` when it is absent");
    private static final Key.Text ROLES_CLAIM = new Key.Text(
            "sign-in.roles-claim",
            "roles",
            "claim of the ID token that holds roles; dots lead into nested claims, such as `realm_access.roles`");
    private static final Key.Int IDLE = new Key.Int(
            "sign-in.idle-minutes",
            60,
            5,
            720,
            "minutes",
            "a session ends that long after its last request; a worklist that is open counts as use");
    private static final Key.Int ABSOLUTE =
            new Key.Int("sign-in.absolute-hours", 12, 1, 24, "hours", "a session ends that long after sign-in");

    /** Every key of the section. */
    static final List<Key> KEYS = List.of(
            new Key.Other(
                    "sign-in.issuer",
                    "none",
                    "URL",
                    "the OpenID Connect provider, exactly as its tokens name it; without this section nobody can sign in and the pages are"
                            + " for browsers on the server's own machine"),
            new Key.Other("sign-in.client-id", "none", "", "our name there"),
            CLIENT_SECRET,
            new Key.Other(
                    "sign-in.base-url",
                    "none",
                    "URL",
                    "under which browsers reach this server, https beyond loopback; register `<base-url>/signin/callback` and"
                            + " `<base-url>/signed-out` at the provider"),
            SCOPE,
            USER_CLAIM,
            ROLES_CLAIM,
            role("clinician"),
            role("compliance"),
            role("admin"),
            IDLE,
            ABSOLUTE);

    private static Key role(String name) {
        return new Key.Other(
                "sign-in.roles." + name,
                "[" + name + "]",
                "list",
                "values of that claim that make a person a " + name + ": [sign-in.md](sign-in.md)");
    }

    /** Fills what is absent; what uses them checks. @throws ConfigException naming the key that is out of its range */
    public SignInKeys {
        scope = SCOPE.or(scope);
        userClaim = USER_CLAIM.or(userClaim);
        rolesClaim = ROLES_CLAIM.or(rolesClaim);
        roles = roles == null ? new Roles(null, null, null) : roles;
        idleMinutes = IDLE.or(idleMinutes);
        absoluteHours = ABSOLUTE.or(absoluteHours);
    }

    /** Values of the claim for each role; the role's own name when none are given. */
    public record Roles(List<String> clinician, List<String> compliance, List<String> admin) {
        /** Fills what is absent. */
        public Roles {
            clinician = clinician == null ? List.of("clinician") : List.copyOf(clinician);
            compliance = compliance == null ? List.of("compliance") : List.copyOf(compliance);
            admin = admin == null ? List.of("admin") : List.copyOf(admin);
        }
    }

    /** Our secret at the provider; null for a public client. @throws ConfigException when its file cannot be used */
    public @Nullable String clientSecret() {
        return CLIENT_SECRET.read(clientSecretFile);
    }
}
