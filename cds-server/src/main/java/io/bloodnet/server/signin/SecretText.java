package io.bloodnet.server.signin;

import io.bloodnet.imaging.peer.Sha256;
import java.security.SecureRandom;
import java.util.Base64;

/** Random texts that nobody can guess, and their hashes, which are what the database keeps. */
final class SecretText {

    /** 256 bits. */
    private static final int BYTES = 32;

    private static final SecureRandom RANDOM = new SecureRandom();

    private SecretText() {}

    /** A new one of 43 characters that fit into a cookie and a URL. */
    static String make() {
        byte[] bytes = new byte[BYTES];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** SHA-256 in lower-case hex. */
    static String hash(String secret) {
        return Sha256.hex(secret);
    }
}
