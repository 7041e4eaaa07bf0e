package io.bloodnet.audit.ledger;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The two kinds of signatures under a checkpoint, by C2SP's type bytes. */
enum SignatureKind {
    /** The log's own: Ed25519 over the note's text. */
    LOG(1),
    /** A witness's cosignature/v1: Ed25519 over the time and the note's text. */
    WITNESS(4);

    private final byte type;

    SignatureKind(int type) {
        this.type = (byte) type;
    }

    /** The first four bytes of SHA-256(name, line feed, type, key). */
    int keyId(String name, Hash publicKey) {
        byte[] named = (name + "\n").getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.wrap(TreeHasher.plain(named, new byte[] {type}, publicKey.bytes())
                        .bytes())
                .getInt();
    }

    /** What a witness signs at this time, in seconds since 1970. */
    static byte[] cosigned(long seconds, String text) {
        return ("cosignature/v1\ntime " + seconds + "\n" + text).getBytes(StandardCharsets.UTF_8);
    }
}
