package io.bloodnet.server.security;

import java.time.Instant;

/**
 * One use of one token, to be remembered until the token is dead so that it is not used twice.
 *
 * @param issuer the verified {@code iss}
 * @param tokenId the {@code jti}, 1 to {@value JwtVerifier#TOKEN_ID_CHARS_MAX} characters
 * @param forgetAfter from when on the token would be refused as expired anyway
 */
public record TokenUse(String issuer, String tokenId, Instant forgetAfter) {}
