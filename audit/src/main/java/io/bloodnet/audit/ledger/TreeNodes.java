package io.bloodnet.audit.ledger;

/** Where the roots of complete subtrees come from. */
public interface TreeNodes {

    /** The root of the complete subtree over leaves {@code index * 2^level} to {@code (index + 1) * 2^level - 1}; level 0 is a leaf. */
    Hash node(int level, long index);
}
