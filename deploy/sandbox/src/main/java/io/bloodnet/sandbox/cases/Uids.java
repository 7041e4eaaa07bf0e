package io.bloodnet.sandbox.cases;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** UIDs under 2.25 (PS3.5 B.2) that follow from what they name. */
final class Uids {

    private Uids() {}

    static String derive(String... parts) {
        byte[] half = Arrays.copyOf(sha256(String.join("\n", parts)), 16);
        half[6] = (byte) (half[6] & 0x0f | 0x80); // RFC 9562 version 8
        half[8] = (byte) (half[8] & 0x3f | 0x80); // RFC 9562 variant
        return "2.25." + new BigInteger(1, half);
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
