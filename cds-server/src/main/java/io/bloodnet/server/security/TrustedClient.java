package io.bloodnet.server.security;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A CDS client that may call us. Its keys come from a file or a configured URL, never from where a token says.
 *
 * @param issuer the exact {@code iss} of its tokens
 * @param jwksFile a JWK set on disk, read again when it changes; null when {@code jwksUrl} is given
 * @param jwksUrl where its JWK set is fetched from: https, or http on loopback; null when {@code jwksFile} is given
 * @param jkus further {@code jku} values that its tokens may carry; {@code jwksUrl} is one of them without being named
 */
public record TrustedClient(
        String issuer, @Nullable Path jwksFile, @Nullable URI jwksUrl, List<URI> jkus) {

    private static final int ISSUER_CHARS_MAX = 255;

    /** @throws IllegalArgumentException naming the key that is wrong */
    public TrustedClient {
        jkus = List.copyOf(jkus);
        if (issuer.isBlank() || issuer.length() > ISSUER_CHARS_MAX) {
            throw new IllegalArgumentException("issuer must have 1 to " + ISSUER_CHARS_MAX + " characters");
        }
        if ((jwksFile == null) == (jwksUrl == null)) {
            throw new IllegalArgumentException("exactly one of jwks-file and jwks-url must be given for each client");
        }
        if (jwksUrl != null && !isSafe(jwksUrl)) {
            throw new IllegalArgumentException("jwks-url must be https, or http on a loopback address");
        }
    }

    /** A client whose keys are in a file. */
    public static TrustedClient withKeyFile(String issuer, Path jwksFile) {
        return new TrustedClient(issuer, jwksFile, null, List.of());
    }

    /** A client whose keys are at a URL. */
    public static TrustedClient withKeyUrl(String issuer, URI jwksUrl) {
        return new TrustedClient(issuer, null, jwksUrl, List.of());
    }

    /** Whether a token's {@code jku} names a place on this client's list. */
    boolean allows(URI jku) {
        return jku.equals(jwksUrl) || jkus.contains(jku);
    }

    private static boolean isSafe(URI url) {
        String host = url.getHost();
        if (host == null || url.getUserInfo() != null || url.getFragment() != null) {
            return false;
        }
        return "https".equals(url.getScheme()) || "http".equals(url.getScheme()) && Loopback.isLoopback(host);
    }
}
