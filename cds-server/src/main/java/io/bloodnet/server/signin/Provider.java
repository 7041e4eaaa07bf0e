package io.bloodnet.server.signin;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWT;
import com.nimbusds.jwt.JWTParser;
import com.nimbusds.oauth2.sdk.AuthorizationCode;
import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.TokenResponse;
import com.nimbusds.oauth2.sdk.auth.ClientAuthentication;
import com.nimbusds.oauth2.sdk.auth.ClientAuthenticationMethod;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.ClientSecretPost;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.openid.connect.sdk.AuthenticationRequest;
import com.nimbusds.openid.connect.sdk.LogoutRequest;
import com.nimbusds.openid.connect.sdk.Nonce;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponse;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponseParser;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import com.nimbusds.openid.connect.sdk.validators.IDTokenValidator;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The site's OpenID Connect provider: authorization code flow with PKCE (OpenID Connect Core 1.0 section 3.1, RFC 7636). What it publishes
 * of itself is read on first use and once an hour. Safe for all threads; each call blocks for a bounded time.
 */
final class Provider implements AutoCloseable {

    private static final Duration METADATA_AGE_MAX = Duration.ofHours(1);
    private static final Duration METADATA_TRY_AT_MOST_EVERY = Duration.ofSeconds(5);
    private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512,
            JWSAlgorithm.PS256,
            JWSAlgorithm.PS384,
            JWSAlgorithm.PS512,
            JWSAlgorithm.ES256,
            JWSAlgorithm.ES384,
            JWSAlgorithm.ES512);

    private final SignInSettings settings;
    private final ProviderHttp http = new ProviderHttp();
    private final InstantSource clock;
    private final ReentrantLock reading = new ReentrantLock();
    private volatile @Nullable Known known;
    private volatile Instant triedAt = Instant.MIN;

    private record Known(OIDCProviderMetadata metadata, JWKSource<SecurityContext> keys, Instant at) {}

    /** The provider cannot be asked now, or says something that cannot be used. The message is for a person and holds no secret. */
    static final class ProviderException extends Exception {
        private final String sentence;

        ProviderException(String sentence) {
            super(sentence, null, false, false);
            this.sentence = sentence;
        }

        /** What is wrong, for a person. */
        String sentence() {
            return sentence;
        }
    }

    Provider(SignInSettings settings, InstantSource clock) {
        this.settings = settings;
        this.clock = clock;
    }

    /** Where a browser goes to sign in. */
    URI authorization(SignInTry begun) throws ProviderException {
        return new AuthenticationRequest.Builder(
                        ResponseType.CODE,
                        new Scope(settings.scope().toArray(String[]::new)),
                        new ClientID(settings.clientId()),
                        settings.callback())
                .endpointURI(known().metadata().getAuthorizationEndpointURI())
                .state(new State(begun.state()))
                .nonce(new Nonce(begun.nonce()))
                .codeChallenge(new CodeVerifier(begun.verifier()), CodeChallengeMethod.S256)
                .build()
                .toURI();
    }

    /** Who the person is to whom the provider gave this code. */
    Identity redeem(String code, SignInTry begun) throws ProviderException {
        Known at = known();
        String token = idToken(at, code, begun);
        try {
            JWT jwt = JWTParser.parse(token);
            Map<String, Object> claims =
                    validator(at).validate(jwt, new Nonce(begun.nonce())).toJSONObject();
            String subject = String.valueOf(claims.get("sub"));
            return new Identity(
                    Identity.text(claims.get(settings.userClaim())).orElse(subject),
                    Identity.text(claims.get("name")).orElse(subject),
                    settings.rolesOf(Identity.values(claims, settings.rolesClaim())),
                    token);
        } catch (java.text.ParseException | BadJOSEException | JOSEException e) {
            throw new ProviderException("the provider's ID token is not valid");
        }
    }

    private String idToken(Known at, String code, SignInTry begun) throws ProviderException {
        AuthorizationCodeGrant grant = new AuthorizationCodeGrant(
                new AuthorizationCode(code), settings.callback(), new CodeVerifier(begun.verifier()));
        URI endpoint = at.metadata().getTokenEndpointURI();
        ClientAuthentication authentication = authentication(at.metadata());
        TokenRequest request = authentication == null
                ? new TokenRequest.Builder(endpoint, new ClientID(settings.clientId()), grant).build()
                : new TokenRequest.Builder(endpoint, authentication, grant).build();
        try {
            HTTPResponse answer = request.toHTTPRequest().send(http);
            TokenResponse parsed = OIDCTokenResponseParser.parse(answer);
            if (!parsed.indicatesSuccess()) {
                throw new ProviderException("the provider does not take the code that it gave");
            }
            String token = ((OIDCTokenResponse) parsed.toSuccessResponse())
                    .getOIDCTokens()
                    .getIDTokenString();
            if (token == null) {
                throw new ProviderException("the provider gives no ID token");
            }
            return token;
        } catch (IOException e) {
            throw new ProviderException("the identity provider does not answer");
        } catch (ParseException e) {
            throw new ProviderException("the identity provider's answer cannot be read");
        }
    }

    private @Nullable ClientAuthentication authentication(OIDCProviderMetadata metadata) {
        if (settings.secret() == null) {
            return null;
        }
        ClientID client = new ClientID(settings.clientId());
        Secret secret = new Secret(settings.secret());
        List<ClientAuthenticationMethod> methods = metadata.getTokenEndpointAuthMethods();
        boolean basic = methods == null || methods.contains(ClientAuthenticationMethod.CLIENT_SECRET_BASIC);
        return basic ? new ClientSecretBasic(client, secret) : new ClientSecretPost(client, secret);
    }

    private IDTokenValidator validator(Known at) {
        return new IDTokenValidator(
                new Issuer(settings.issuer()),
                new ClientID(settings.clientId()),
                new JWSVerificationKeySelector<>(ALGORITHMS, at.keys()),
                null);
    }

    /** Where a browser goes to sign out at the provider too; empty where it has no such place or cannot be asked. */
    Optional<URI> signOut(String idToken) {
        try {
            URI endpoint = known().metadata().getEndSessionEndpointURI();
            return endpoint == null || !SignInSettings.isSafe(endpoint)
                    ? Optional.empty()
                    : Optional.of(
                            new LogoutRequest(endpoint, JWTParser.parse(idToken), settings.signedOut(), null).toURI());
        } catch (ProviderException | java.text.ParseException e) {
            return Optional.empty();
        }
    }

    /** What the provider says of itself; an old word stays in use while it cannot be asked. */
    private Known known() throws ProviderException {
        Known at = known;
        if (at != null && clock.instant().isBefore(at.at().plus(METADATA_AGE_MAX))) {
            return at;
        }
        reading.lock();
        try {
            Known meanwhile = known;
            if (meanwhile != at && meanwhile != null) {
                return meanwhile;
            }
            if (clock.instant().isBefore(after(triedAt))) {
                if (at != null) {
                    return at;
                }
                throw new ProviderException("the identity provider does not answer");
            }
            triedAt = clock.instant();
            return read(at);
        } finally {
            reading.unlock();
        }
    }

    private static Instant after(Instant tried) {
        return tried.equals(Instant.MIN) ? tried : tried.plus(METADATA_TRY_AT_MOST_EVERY);
    }

    private Known read(@Nullable Known before) throws ProviderException {
        try {
            URI url = URI.create(
                    settings.issuer().toString().replaceAll("/+$", "") + "/.well-known/openid-configuration");
            HTTPResponse answer = new HTTPRequest(HTTPRequest.Method.GET, url).send(http);
            if (answer.getStatusCode() != 200) {
                throw new IOException("HTTP " + answer.getStatusCode());
            }
            OIDCProviderMetadata metadata = OIDCProviderMetadata.parse(answer.getBody());
            if (!metadata.getIssuer().getValue().equals(settings.issuer().toString())) {
                throw new ProviderException("the identity provider calls itself by another name than sign-in.issuer");
            }
            for (URI endpoint : List.of(
                    metadata.getAuthorizationEndpointURI(), metadata.getTokenEndpointURI(), metadata.getJWKSetURI())) {
                if (!SignInSettings.isSafe(endpoint)) {
                    throw new ProviderException("an address of the identity provider is neither https nor on loopback");
                }
            }
            JWKSource<SecurityContext> keys =
                    before != null && before.metadata().getJWKSetURI().equals(metadata.getJWKSetURI())
                            ? before.keys()
                            : keys(metadata);
            Known read = new Known(metadata, keys, clock.instant());
            known = read;
            return read;
        } catch (IOException | ParseException | RuntimeException e) {
            if (before != null) {
                return before;
            }
            throw new ProviderException(
                    e instanceof IOException
                            ? "the identity provider does not answer"
                            : "what the identity provider says of itself cannot be read");
        }
    }

    private JWKSource<SecurityContext> keys(OIDCProviderMetadata metadata) throws IOException {
        return JWKSourceBuilder.<SecurityContext>create(metadata.getJWKSetURI().toURL(), http)
                .refreshAheadCache(false)
                .retrying(true)
                .outageTolerant(Duration.ofHours(1).toMillis())
                .build();
    }

    @Override
    public void close() {
        http.close();
    }
}
