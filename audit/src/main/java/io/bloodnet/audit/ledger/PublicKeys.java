package io.bloodnet.audit.ledger;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The Ed25519 keys that somebody trusts for one log or witness, and nothing that the log itself brings along. Safe for all threads.
 *
 * @param raw the keys, 32 bytes each, newest last
 */
public record PublicKeys(List<Hash> raw) {

    public static final int KEYS_MAX = 64;

    /** RFC 8410: what stands before the 32 bytes of every Ed25519 public key. */
    private static final byte[] SPKI_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private static final Pattern PEM =
            Pattern.compile("-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\\s]{1,200})-----END PUBLIC KEY-----");

    public PublicKeys {
        raw = List.copyOf(raw);
        if (raw.isEmpty() || raw.size() > KEYS_MAX) {
            throw new MalformedNoteException("need 1 to " + KEYS_MAX + " public keys, got " + raw.size());
        }
    }

    /** Reads PEM blocks (SubjectPublicKeyInfo), as {@code openssl pkey -pubout} writes them. */
    public static PublicKeys parsePem(String pem) {
        List<Hash> keys = new ArrayList<>();
        Matcher blocks = PEM.matcher(pem);
        while (blocks.find()) {
            byte[] spki = Base64.getMimeDecoder().decode(blocks.group(1));
            if (spki.length != SPKI_PREFIX.length + Hash.BYTES
                    || !Arrays.equals(SPKI_PREFIX, Arrays.copyOf(spki, SPKI_PREFIX.length))) {
                throw new MalformedNoteException("a public key is not Ed25519");
            }
            keys.add(Hash.of(Arrays.copyOfRange(spki, SPKI_PREFIX.length, spki.length)));
        }
        return new PublicKeys(keys);
    }

    /** One key as a PEM block. */
    public static String pem(Hash raw) {
        return "-----BEGIN PUBLIC KEY-----\n" + Base64.getEncoder().encodeToString(spki(raw))
                + "\n-----END PUBLIC KEY-----\n";
    }

    /** True when one of these keys made one of the note's log signatures under this name. */
    public boolean signed(SignedNote note, String name) {
        byte[] text = note.text().getBytes(java.nio.charset.StandardCharsets.UTF_8);
        return note.signatures().stream()
                .filter(signature -> signature.name().equals(name))
                .anyMatch(signature -> raw.stream()
                        .anyMatch(key -> signature.keyId() == SignatureKind.LOG.keyId(name, key)
                                && verify(key, text, signature.bytes())));
    }

    /** True when one of these keys cosigned the note under this name (C2SP tlog-cosignature, cosignature/v1). */
    public boolean cosigned(SignedNote note, String name) {
        return note.signatures().stream()
                .filter(signature -> signature.name().equals(name))
                .anyMatch(signature -> cosigned(note.text(), signature));
    }

    private boolean cosigned(String text, SignedNote.Signature signature) {
        byte[] bytes = signature.bytes();
        if (bytes.length != Long.BYTES + 64) {
            return false;
        }
        long seconds = java.nio.ByteBuffer.wrap(bytes).getLong();
        byte[] message = SignatureKind.cosigned(seconds, text);
        byte[] made = Arrays.copyOfRange(bytes, Long.BYTES, bytes.length);
        return raw.stream()
                .anyMatch(key -> signature.keyId() == SignatureKind.WITNESS.keyId(signature.name(), key)
                        && verify(key, message, made));
    }

    static boolean verify(Hash key, byte[] message, byte[] signature) {
        try {
            Signature ed25519 = Signature.getInstance("Ed25519");
            ed25519.initVerify(publicKey(key));
            ed25519.update(message);
            return ed25519.verify(signature);
        } catch (GeneralSecurityException e) {
            // A key that is no point of the curve and a signature of a wrong length end here: they verify nothing.
            return false;
        }
    }

    private static PublicKey publicKey(Hash raw) throws GeneralSecurityException {
        return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(spki(raw)));
    }

    private static byte[] spki(Hash raw) {
        byte[] spki = Arrays.copyOf(SPKI_PREFIX, SPKI_PREFIX.length + Hash.BYTES);
        System.arraycopy(raw.bytes(), 0, spki, SPKI_PREFIX.length, Hash.BYTES);
        return spki;
    }
}
