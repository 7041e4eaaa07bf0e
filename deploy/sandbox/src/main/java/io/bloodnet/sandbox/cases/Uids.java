package io.bloodnet.sandbox.cases;

import io.bloodnet.imaging.peer.Sha256;
import java.math.BigInteger;
import java.util.Arrays;

/** UIDs under 2.25 (PS3.5 B.2) that follow from what they name. */
final class Uids {

    private Uids() {}

    static String derive(String... parts) {
        byte[] half = Arrays.copyOf(Sha256.of(String.join("\n", parts)), 16);
        half[6] = (byte) (half[6] & 0x0f | 0x80); // RFC 9562 version 8
        half[8] = (byte) (half[8] & 0x3f | 0x80); // RFC 9562 variant
        return "2.25." + new BigInteger(1, half);
    }
}
