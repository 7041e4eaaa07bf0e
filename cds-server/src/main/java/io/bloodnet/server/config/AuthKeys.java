package io.bloodnet.server.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.bloodnet.fhir.FhirConfig.Auth;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How this server signs in to a peer: exactly one of {@code user} with {@code passwordFile}, {@code bearerTokenFile} and {@code oauth}. The
 * same form for archive and EHR. {@link #KEYS} says what each key means.
 */
public record AuthKeys(
        @Nullable String user,
        @JsonProperty("password-file") @Nullable String passwordFile,
        @JsonProperty("bearer-token-file") @Nullable String bearerTokenFile,
        @Nullable OAuth oauth) {

    private static final Key.Choice ALGORITHM =
            new Key.Choice("auth.oauth.algorithm", List.of("ES384", "RS384"), "how the assertion is signed");
    private static final Key.Text SCOPE = new Key.Text("auth.oauth.scope", "system/*.cruds", "what is asked for");

    /** Every key; {@code auth} stands for the section's own. */
    static final List<Key> KEYS = List.of(
            new Key.Other("auth.user", "none", "without a colon", "our name there, for HTTP Basic"),
            new Key.Secret("auth.password-file", "its password, read at each request: a new one needs no restart"),
            new Key.Secret("auth.bearer-token-file", "a static token, read at each request"),
            new Key.Other(
                    "auth.oauth.token-url",
                    "as the EHR publishes it",
                    "URL",
                    "where tokens come from; an archive publishes none, so that there it is required"),
            new Key.Other("auth.oauth.client-id", "none", "", "our name at the authorization server"),
            new Key.Other(
                    "auth.oauth.private-key-file",
                    "none",
                    "PKCS#8 PEM or JWK file",
                    "signs the assertion (SMART Backend Services: client credentials with `private_key_jwt`)"),
            new Key.Other("auth.oauth.key-id", "the JWK's", "", "`kid` under which the public key is known there"),
            ALGORITHM,
            SCOPE);

    /** SMART Backend Services, or any OAuth 2 client credentials with a signed assertion. */
    @SuppressWarnings("NullAway") // the parser hands null for what is absent
    public record OAuth(
            @JsonProperty("token-url") @Nullable String tokenUrl,
            @JsonProperty("client-id") String clientId,
            @JsonProperty("private-key-file") String privateKeyFile,
            @JsonProperty("key-id") @Nullable String keyId,
            String algorithm,
            String scope) {
        /** Fills what is absent. @throws ConfigException naming the key that is wrong */
        public OAuth {
            algorithm = ALGORITHM.or(algorithm);
            scope = SCOPE.or(scope);
        }

        /** @param section such as {@code ehr.oauth}, for messages */
        Auth.BackendServices services(String section) {
            URI url = tokenUrl == null ? null : Key.url(section + ".token-url", tokenUrl);
            return new Auth.BackendServices(
                    url,
                    Key.required(section + ".client-id", clientId),
                    Path.of(Key.required(section + ".private-key-file", privateKeyFile)),
                    keyId,
                    Auth.Algorithm.valueOf(algorithm),
                    scope);
        }
    }

    /** What the keys say. @param section such as {@code pacs.auth} @throws ConfigException naming the key that is missing or wrong */
    Auth auth(String section) {
        long ways =
                Stream.of(user, bearerTokenFile, oauth).filter(Objects::nonNull).count();
        if (ways != 1) {
            throw new ConfigException(section + " needs exactly one of user, bearer-token-file and oauth, not " + ways);
        }
        if (user != null) {
            return basic(section, user);
        }
        return oauth != null
                ? oauth.services(section + ".oauth")
                : new Auth.Bearer(Path.of(Key.required(section + ".bearer-token-file", bearerTokenFile)));
    }

    private Auth basic(String section, String name) {
        try {
            return new Auth.Basic(name, Path.of(Key.required(section + ".password-file", passwordFile)));
        } catch (IllegalArgumentException e) {
            throw new ConfigException(section + ".user: " + e.getMessage());
        }
    }
}
