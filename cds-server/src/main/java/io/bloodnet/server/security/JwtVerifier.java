package io.bloodnet.server.security;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Verifies the token of a CDS client (CDS Hooks 2.0.1, "Trusting CDS Clients"): issuer, audience, times, key, signature. What is cheap and
 * needs no key comes first. Whether the token was used before is told by whoever records the use. Safe for all threads; blocks only
 * while a key set is read.
 */
public final class JwtVerifier {

    /** Longest token in characters; the header limit of the HTTP server is higher. */
    public static final int TOKEN_CHARS_MAX = 8 * 1024;
    /** Longest {@code jti} in characters. */
    public static final int TOKEN_ID_CHARS_MAX = 255;
    /** Longest life of a token, {@code exp - iat}, as SMART asks of client assertions. */
    public static final Duration LIFETIME_MAX = Duration.ofMinutes(5);
    /** How far clocks may be apart. */
    public static final Duration CLOCK_SKEW = Duration.ofSeconds(30);

    private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(
            JWSAlgorithm.ES256,
            JWSAlgorithm.ES384,
            JWSAlgorithm.ES512,
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512,
            JWSAlgorithm.PS256,
            JWSAlgorithm.PS384,
            JWSAlgorithm.PS512);
    private static final Pattern KEY_ID = Pattern.compile("[A-Za-z0-9._~:=+@-]{1,128}");
    private static final String BEARER = "Bearer ";

    private final Map<String, Trust> trusted = new HashMap<>();
    private final InstantSource clock;

    private record Trust(TrustedClient client, KeyCache keys) {}

    /** Thrown and caught here alone: the way out of a check. */
    private static final class RefusedException extends Exception {
        private final TokenFault fault;

        RefusedException(TokenFault fault) {
            super(fault.name(), null, false, false);
            this.fault = fault;
        }
    }

    /** @throws IllegalArgumentException when two clients share an issuer */
    public JwtVerifier(List<TrustedClient> clients, InstantSource clock) {
        this.clock = clock;
        for (TrustedClient client : clients) {
            if (trusted.put(client.issuer(), new Trust(client, keysOf(client, clock))) != null) {
                throw new IllegalArgumentException("two clients with one issuer");
            }
        }
    }

    /**
     * Checks the value of an {@code Authorization} header.
     *
     * @param authorization the header's value, null when there was none
     * @param audience the URL that was called, as the caller knows it; compared exactly
     */
    public TokenCheck check(@Nullable String authorization, String audience) {
        try {
            return new TokenCheck.Accepted(verify(token(authorization), audience));
        } catch (RefusedException e) {
            return new TokenCheck.Refused(e.fault);
        }
    }

    /** Verifies a token of its own and reads the keys, so that the first real call does not pay for it. Waits for files only. */
    public void warmUp() {
        try {
            ECKey key = new ECKeyGenerator(Curve.P_384).keyID("warm-up").generate();
            JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.ES384)
                    .type(JOSEObjectType.JWT)
                    .keyID("warm-up")
                    .build();
            SignedJWT made = new SignedJWT(
                    header, new JWTClaimsSet.Builder().issuer("warm-up").build());
            made.sign(new ECDSASigner(key));
            SignedJWT read = SignedJWT.parse(made.serialize());
            read.verify(new ECDSAVerifier(key.toECPublicKey()));
        } catch (JOSEException | ParseException e) {
            throw new IllegalStateException("every JDK signs with P-384", e);
        }
        trusted.values().stream()
                .filter(trust -> trust.client.jwksFile() != null)
                .forEach(trust -> trust.keys.find("warm-up"));
        refreshKeys();
    }

    /** Has keys that are old read in the background; returns at once. A key set may take longer than a call's time. */
    public void refreshKeys() {
        trusted.values().forEach(trust -> trust.keys.refreshIfOld());
    }

    private TokenUse verify(String token, String audience) throws RefusedException {
        try {
            SignedJWT jwt = SignedJWT.parse(token);
            JWSHeader header = jwt.getHeader();
            checkHeader(header);
            JWTClaimsSet claims = jwt.getJWTClaimsSet();
            Trust trust = trusted.get(claims.getIssuer());
            if (trust == null) {
                throw new RefusedException(TokenFault.ISSUER);
            }
            refuseIf(!claims.getAudience().contains(audience), TokenFault.AUDIENCE);
            Instant expires = checkTimes(claims);
            String tokenId = claims.getJWTID();
            refuseIf(
                    tokenId == null || tokenId.isBlank() || tokenId.length() > TOKEN_ID_CHARS_MAX, TokenFault.TOKEN_ID);
            verifySignature(jwt, trust);
            return new TokenUse(claims.getIssuer(), tokenId, expires.plus(CLOCK_SKEW));
        } catch (ParseException | IllegalArgumentException e) {
            throw new RefusedException(TokenFault.MALFORMED);
        } catch (JOSEException e) {
            throw new RefusedException(TokenFault.SIGNATURE);
        }
    }

    private static String token(@Nullable String authorization) throws RefusedException {
        if (authorization == null || !authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            throw new RefusedException(TokenFault.MISSING);
        }
        refuseIf(authorization.length() > TOKEN_CHARS_MAX, TokenFault.TOO_LARGE);
        return authorization.substring(BEARER.length()).strip();
    }

    private static void checkHeader(JWSHeader header) throws RefusedException {
        refuseIf(!ALGORITHMS.contains(header.getAlgorithm()), TokenFault.ALGORITHM);
        refuseIf(!JOSEObjectType.JWT.equals(header.getType()), TokenFault.TYPE);
        Set<String> critical = header.getCriticalParams();
        refuseIf(critical != null || !header.isBase64URLEncodePayload(), TokenFault.CRITICAL_HEADER);
        refuseIf(
                header.getJWK() != null || header.getX509CertChain() != null || header.getX509CertURL() != null,
                TokenFault.EMBEDDED_KEY);
        String kid = header.getKeyID();
        refuseIf(kid == null || !KEY_ID.matcher(kid).matches() || kid.contains(".."), TokenFault.KEY_ID);
    }

    private Instant checkTimes(JWTClaimsSet claims) throws RefusedException {
        Date exp = claims.getExpirationTime();
        Date iat = claims.getIssueTime();
        refuseIf(exp == null || iat == null, TokenFault.LIFETIME);
        Instant now = clock.instant();
        Instant expires = exp.toInstant();
        Instant issued = iat.toInstant();
        refuseIf(!now.isBefore(expires.plus(CLOCK_SKEW)), TokenFault.LIFETIME);
        refuseIf(expires.isAfter(issued.plus(LIFETIME_MAX)) || !expires.isAfter(issued), TokenFault.LIFETIME);
        refuseIf(issued.isAfter(now.plus(CLOCK_SKEW)), TokenFault.NOT_YET_VALID);
        Date notBefore = claims.getNotBeforeTime();
        refuseIf(notBefore != null && notBefore.toInstant().isAfter(now.plus(CLOCK_SKEW)), TokenFault.NOT_YET_VALID);
        return expires;
    }

    private static void verifySignature(SignedJWT jwt, Trust trust) throws RefusedException, JOSEException {
        JWSHeader header = jwt.getHeader();
        refuseIf(header.getJWKURL() != null && !trust.client.allows(header.getJWKURL()), TokenFault.KEY_SET_URL);
        List<KeyCache.Key> keys = trust.keys.find(header.getKeyID()).stream()
                .filter(key -> key.fits(header.getAlgorithm()))
                .toList();
        refuseIf(!trust.keys.isUsable(), TokenFault.KEYS_UNAVAILABLE);
        refuseIf(keys.isEmpty(), TokenFault.KEY_UNKNOWN);
        for (KeyCache.Key key : keys) {
            if (jwt.verify(key.verifier())) {
                return;
            }
        }
        throw new RefusedException(TokenFault.SIGNATURE);
    }

    private static KeyCache keysOf(TrustedClient client, InstantSource clock) {
        if (client.jwksFile() != null) {
            return new KeyCache(
                    new FileKeySet(client.jwksFile()), Duration.ofSeconds(10), Duration.ofSeconds(1), clock);
        }
        if (client.jwksUrl() != null) {
            return new KeyCache(new UrlKeySet(client.jwksUrl()), Duration.ofMinutes(5), Duration.ofSeconds(10), clock);
        }
        throw new IllegalArgumentException("a client without keys");
    }

    private static void refuseIf(boolean wrong, TokenFault fault) throws RefusedException {
        if (wrong) {
            throw new RefusedException(fault);
        }
    }
}
