package io.bloodnet.fhir.ehr;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.bloodnet.fhir.FhirConfig.Auth.BackendServices;
import java.io.IOException;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.text.ParseException;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Signs the assertion of SMART Backend Services. The key file is read at each use (once in some minutes), so that a rotated key is taken
 * up without a restart and no key lies in memory for long.
 */
final class ClientAssertion {

    /** SMART App Launch 2 allows at most five minutes. */
    private static final long ASSERTION_SECONDS = 240;

    private ClientAssertion() {}

    /** A fresh private_key_jwt for this audience. @throws EhrException UNAUTHORIZED when the key file is not usable */
    static String sign(BackendServices auth, String audience, Instant now) {
        JWTClaimsSet claims = new JWTClaimsSet.Builder()
                .issuer(auth.clientId())
                .subject(auth.clientId())
                .audience(audience)
                .issueTime(Date.from(now))
                .expirationTime(Date.from(now.plusSeconds(ASSERTION_SECONDS)))
                .jwtID(UUID.randomUUID().toString())
                .build();
        JWSAlgorithm algorithm = switch (auth.algorithm()) {
            case ES384 -> JWSAlgorithm.ES384;
            case RS384 -> JWSAlgorithm.RS384;
        };
        try {
            String text = Files.readString(auth.privateKeyFile()).strip();
            JWK jwk = text.startsWith("{") ? JWK.parse(text) : null;
            var header = new JWSHeader.Builder(algorithm)
                    .type(com.nimbusds.jose.JOSEObjectType.JWT)
                    .keyID(keyId(auth, jwk))
                    .build();
            SignedJWT jwt = new SignedJWT(header, claims);
            jwt.sign(jwk == null ? signer(auth, text) : signer(auth, jwk));
            return jwt.serialize();
        } catch (JOSEException | GeneralSecurityException | IOException | ParseException | RuntimeException e) {
            throw new EhrException(
                    EhrException.Code.UNAUTHORIZED,
                    "the private key file cannot be used for " + auth.algorithm() + ": "
                            + e.getClass().getSimpleName());
        }
    }

    /** What the site says; else the JWK's own, so that a rotated JWK brings its new name along. */
    private static @Nullable String keyId(BackendServices auth, @Nullable JWK jwk) {
        return auth.keyId() != null || jwk == null ? auth.keyId() : jwk.getKeyID();
    }

    private static JWSSigner signer(BackendServices auth, JWK jwk) throws JOSEException {
        return switch (auth.algorithm()) {
            case ES384 -> new ECDSASigner(jwk.toECKey());
            case RS384 -> new RSASSASigner(jwk.toRSAKey());
        };
    }

    private static JWSSigner signer(BackendServices auth, String pem) throws GeneralSecurityException, JOSEException {
        String base64 = pem.replaceAll("-----(BEGIN|END) PRIVATE KEY-----", "").replaceAll("\\s", "");
        var spec = new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64));
        return switch (auth.algorithm()) {
            case ES384 -> new ECDSASigner((ECPrivateKey) key("EC", spec));
            case RS384 -> new RSASSASigner(key("RSA", spec));
        };
    }

    private static PrivateKey key(String kind, PKCS8EncodedKeySpec spec) throws GeneralSecurityException {
        return KeyFactory.getInstance(kind).generatePrivate(spec);
    }
}
