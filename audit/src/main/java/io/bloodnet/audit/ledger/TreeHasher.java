package io.bloodnet.audit.ledger;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/** Hashes leaves and nodes as RFC 6962 2.1 says. Not safe for several threads: each makes its own. */
public final class TreeHasher {

    // The prefixes keep a node from passing for a leaf (second preimage, RFC 6962 2.1).
    private static final byte LEAF = 0;
    private static final byte NODE = 1;

    private final MessageDigest sha256 = sha256();
    private final byte[] node = new byte[1 + 2 * Hash.BYTES];

    public TreeHasher() {
        node[0] = NODE;
    }

    public Hash leaf(byte[] line) {
        return leaf(line, 0, line.length);
    }

    /** The hash of the leaf that lies in part of an array. */
    public Hash leaf(byte[] buffer, int offset, int length) {
        sha256.update(LEAF);
        sha256.update(buffer, offset, length);
        return Hash.owned(sha256.digest());
    }

    public Hash node(Hash left, Hash right) {
        System.arraycopy(left.shared(), 0, node, 1, Hash.BYTES);
        System.arraycopy(right.shared(), 0, node, 1 + Hash.BYTES, Hash.BYTES);
        return Hash.owned(sha256.digest(node));
    }

    /** The root of the tree without leaves: the hash of nothing. */
    public static Hash emptyRoot() {
        return Hash.owned(sha256().digest());
    }

    /** A plain SHA-256, without the tree's prefixes. */
    public static Hash plain(byte[]... parts) {
        MessageDigest digest = sha256();
        Arrays.stream(parts).forEach(digest::update);
        return Hash.owned(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
