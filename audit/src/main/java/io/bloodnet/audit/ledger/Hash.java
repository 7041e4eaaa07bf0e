package io.bloodnet.audit.ledger;

import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/** A SHA-256 value. Immutable. */
public final class Hash {

    public static final int BYTES = 32;

    private static final HexFormat HEX = HexFormat.of();

    private final byte[] bytes;

    private Hash(byte[] bytes) {
        this.bytes = bytes;
    }

    /** @throws IllegalArgumentException when it is not {@value #BYTES} bytes */
    public static Hash of(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("a hash has " + BYTES + " bytes, got " + bytes.length);
        }
        return new Hash(bytes.clone());
    }

    /** Takes the array over: the caller must not keep it. */
    static Hash owned(byte[] bytes) {
        return new Hash(bytes);
    }

    /** @throws IllegalArgumentException when it is not 64 lower-case hex digits */
    public static Hash ofHex(String hex) {
        if (hex.length() != 2 * BYTES || !hex.equals(hex.toLowerCase(java.util.Locale.ROOT))) {
            throw new IllegalArgumentException("a hash has " + 2 * BYTES + " lower-case hex digits");
        }
        return new Hash(HEX.parseHex(hex));
    }

    /** @throws IllegalArgumentException when it is not the padded base64 of {@value #BYTES} bytes, in the one way of writing it */
    public static Hash ofBase64(String base64) {
        byte[] decoded = Base64.getDecoder().decode(base64);
        if (decoded.length != BYTES
                || !Base64.getEncoder().encodeToString(decoded).equals(base64)) {
            throw new IllegalArgumentException("a hash is the base64 of " + BYTES + " bytes");
        }
        return new Hash(decoded);
    }

    public String hex() {
        return HEX.formatHex(bytes);
    }

    public String base64() {
        return Base64.getEncoder().encodeToString(bytes);
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    byte[] shared() {
        return bytes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Hash hash && Arrays.equals(bytes, hash.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return hex();
    }
}
