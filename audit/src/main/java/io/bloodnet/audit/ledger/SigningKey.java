package io.bloodnet.audit.ledger;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An Ed25519 private key with its public key. Safe for all threads. */
public final class SigningKey {

    private static final Pattern PEM =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]{1,400})-----END PRIVATE KEY-----");

    private final PrivateKey privateKey;
    private final Hash publicKey;

    private SigningKey(PrivateKey privateKey, Hash publicKey) {
        this.privateKey = privateKey;
        this.publicKey = publicKey;
    }

    public static SigningKey generate() {
        byte[] seed = new byte[Hash.BYTES];
        new SecureRandom().nextBytes(seed);
        return ofSeed(seed);
    }

    /** Reads a PEM block (PKCS #8), as {@code openssl genpkey -algorithm ed25519} writes it. */
    public static SigningKey parsePem(String pem) {
        Matcher block = PEM.matcher(pem);
        if (!block.find()) {
            throw new MalformedNoteException("no PEM block of a private key");
        }
        try {
            byte[] pkcs8 = Base64.getMimeDecoder().decode(block.group(1));
            PrivateKey key = KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            return ofSeed(((EdECPrivateKey) key).getBytes().orElseThrow());
        } catch (GeneralSecurityException e) {
            throw new MalformedNoteException("the private key is not Ed25519 in PKCS #8");
        }
    }

    // The platform derives the public key only while it generates a pair: so it is made to generate this one.
    static SigningKey ofSeed(byte[] seed) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
            generator.initialize(NamedParameterSpec.ED25519, new FixedRandom(seed));
            var pair = generator.generateKeyPair();
            byte[] spki = pair.getPublic().getEncoded();
            return new SigningKey(
                    pair.getPrivate(), Hash.of(Arrays.copyOfRange(spki, spki.length - Hash.BYTES, spki.length)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform from 15 on has Ed25519", e);
        }
    }

    public String pem() {
        return "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getEncoder().encodeToString(privateKey.getEncoded())
                + "\n-----END PRIVATE KEY-----\n";
    }

    public Hash publicKey() {
        return publicKey;
    }

    public PublicKeys publicKeys() {
        return new PublicKeys(List.of(publicKey));
    }

    /** The eight hex digits by which signature lines of a log of this name refer to this key. */
    public String keyId(String name) {
        return HexFormat.of().toHexDigits(SignatureKind.LOG.keyId(name, publicKey));
    }

    /** A log's signature line under a text. */
    public SignedNote.Signature sign(String name, String text) {
        byte[] made = sign(text.getBytes(StandardCharsets.UTF_8));
        return new SignedNote.Signature(name, SignatureKind.LOG.keyId(name, publicKey), made);
    }

    /** A log's checkpoint as a note with this key's signature. */
    public SignedNote sign(Checkpoint checkpoint) {
        return new SignedNote(checkpoint.text(), List.of(sign(checkpoint.origin(), checkpoint.text())));
    }

    /** A witness's signature line under a checkpoint's text, at this time. */
    public SignedNote.Signature cosign(String name, String text, Instant at) {
        byte[] made = sign(SignatureKind.cosigned(at.getEpochSecond(), text));
        byte[] timed = ByteBuffer.allocate(Long.BYTES + made.length)
                .putLong(at.getEpochSecond())
                .put(made)
                .array();
        return new SignedNote.Signature(name, SignatureKind.WITNESS.keyId(name, publicKey), timed);
    }

    private byte[] sign(byte[] message) {
        try {
            Signature ed25519 = Signature.getInstance("Ed25519");
            ed25519.initSign(privateKey);
            ed25519.update(message);
            return ed25519.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a key of ours must sign", e);
        }
    }

    /** Gives the seed where the platform asks for randomness. */
    private static final class FixedRandom extends SecureRandom {
        private final byte[] seed;

        FixedRandom(byte[] seed) {
            this.seed = seed.clone();
        }

        @Override
        public void nextBytes(byte[] bytes) {
            if (bytes.length != seed.length) {
                throw new IllegalStateException("the platform asks for another number of bytes than a seed has");
            }
            System.arraycopy(seed, 0, bytes, 0, seed.length);
        }
    }
}
