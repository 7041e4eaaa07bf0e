package io.bloodnet.server.security;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;

/** A CDS client's key, and tokens made with it: good ones, and each kind of bad one. */
public final class TokenMaker {

    private final JWK key;
    private final JWSAlgorithm algorithm;

    private TokenMaker(JWK key, JWSAlgorithm algorithm) {
        this.key = key;
        this.algorithm = algorithm;
    }

    public static TokenMaker es384(String kid) {
        try {
            return new TokenMaker(
                    new ECKeyGenerator(Curve.P_384)
                            .keyID(kid)
                            .keyUse(KeyUse.SIGNATURE)
                            .generate(),
                    JWSAlgorithm.ES384);
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    public static TokenMaker rs384(String kid) {
        try {
            return new TokenMaker(
                    new RSAKeyGenerator(2048)
                            .keyID(kid)
                            .keyUse(KeyUse.SIGNATURE)
                            .generate(),
                    JWSAlgorithm.RS384);
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    public JWK publicKey() {
        return key.toPublicJWK();
    }

    public RSAKey rsaKey() {
        return key.toRSAKey();
    }

    /** Writes the public halves as a JWK set. */
    public static void writeKeySet(Path file, TokenMaker... makers) {
        try {
            Files.writeString(file, keySet(makers));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static String keySet(TokenMaker... makers) {
        return new JWKSet(List.of(makers).stream().map(m -> m.key).toList()).toString(true);
    }

    /** Claims as they should be; absent ones can be removed, others changed. */
    public static Map<String, Object> claims(String issuer, Object audience, Instant now) {
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("iss", issuer);
        claims.put("aud", audience);
        claims.put("iat", now.getEpochSecond());
        claims.put("exp", now.plus(Duration.ofMinutes(4)).getEpochSecond());
        claims.put("jti", UUID.randomUUID().toString());
        return claims;
    }

    /** A good token. */
    public String token(Map<String, Object> claims) {
        return token(claims, header -> {});
    }

    /** A token whose header was changed before it was signed. */
    public String token(Map<String, Object> claims, Consumer<Map<String, Object>> change) {
        Map<String, Object> header =
                new HashMap<>(Map.of("alg", algorithm.getName(), "typ", "JWT", "kid", key.getKeyID()));
        change.accept(header);
        String signed = encode(json(header)) + "." + encode(json(claims));
        try {
            JWSSigner signer = key instanceof ECKey ec ? new ECDSASigner(ec) : new RSASSASigner(key.toRSAKey());
            return signed + "." + signer.sign(new JWSHeader(algorithm), signed.getBytes(StandardCharsets.UTF_8));
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    public static String encode(String json) {
        return Base64URL.encode(json).toString();
    }

    public static String json(Map<String, Object> map) {
        return com.nimbusds.jose.util.JSONObjectUtils.toJSONString(map);
    }
}
