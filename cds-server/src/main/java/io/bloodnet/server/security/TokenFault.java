package io.bloodnet.server.security;

/** Why a token was refused; the sentence names the rule, never what the token held. */
public enum TokenFault {
    /** No {@code Authorization: Bearer} header. */
    MISSING("no bearer token"),
    /** Longer than {@link JwtVerifier#TOKEN_CHARS_MAX}. */
    TOO_LARGE("the token is larger than the limit"),
    /** Not a signed JWT in compact form. */
    MALFORMED("not a well-formed signed JWT"),
    /** {@code alg} is none, symmetric or not supported. */
    ALGORITHM("the signature algorithm is not allowed"),
    /** {@code typ} is not JWT. */
    TYPE("typ is not JWT"),
    /** {@code crit} asks for something that we do not implement (RFC 7515 4.1.11). */
    CRITICAL_HEADER("crit names extensions that are not supported"),
    /** A key comes along with the token ({@code jwk}, {@code x5c}, {@code x5u}). */
    EMBEDDED_KEY("the token brings its own key"),
    /** {@code iss} is missing or not configured. */
    ISSUER("the issuer is not trusted"),
    /** {@code jku} is not on the list for this issuer. */
    KEY_SET_URL("jku is not on the allow-list"),
    /** {@code kid} is missing or not well formed. */
    KEY_ID("kid is missing or not well formed"),
    /** No key of that {@code kid}, or none that fits the algorithm. */
    KEY_UNKNOWN("no key with this kid and algorithm"),
    /** The key set could not be read for longer than keys may be used without. */
    KEYS_UNAVAILABLE("the issuer's key set cannot be read"),
    /** {@code aud} does not hold the called URL. */
    AUDIENCE("aud is not the URL that was called"),
    /** {@code exp} is missing, past or too far away, or {@code iat} is missing. */
    LIFETIME("exp or iat is missing, past, or more than five minutes apart"),
    /** {@code iat} or {@code nbf} lies in the future. */
    NOT_YET_VALID("the token is not valid yet"),
    /** {@code jti} is missing or too long. */
    TOKEN_ID("jti is missing or too long"),
    /** The signature does not verify. */
    SIGNATURE("the signature does not verify"),
    /** {@code jti} was used before. */
    REPLAYED("the token was used before");

    private final String sentence;

    TokenFault(String sentence) {
        this.sentence = sentence;
    }

    /** The fault as half a sentence for the caller and the audit log. */
    public String sentence() {
        return sentence;
    }
}
