package io.bloodnet.audit.ledger;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * All that is needed of a tree to append to it and to know its root: the roots of its complete subtrees from left to right, at most one
 * for each bit of the size. Not safe for several threads.
 */
public final class Frontier {

    /** The roots of complete subtrees at every 8th level are kept, so that proofs and restarts read at most 255 hashes a level. */
    public static final int KEPT_LEVELS = 8;

    private static final int LEVELS_MAX = 63;

    private final TreeHasher hasher = new TreeHasher();
    private final @Nullable Hash[] complete;
    private long size;

    private Frontier(long size, @Nullable Hash[] complete) {
        this.size = size;
        this.complete = complete;
    }

    public static Frontier empty() {
        return new Frontier(0, new @Nullable Hash[LEVELS_MAX]);
    }

    /** The frontier of an existing tree. */
    public static Frontier of(long size, TreeNodes nodes) {
        Frontier frontier = empty();
        frontier.size = size;
        for (int level = 0; level < LEVELS_MAX; level++) {
            if ((size >> level & 1) == 1) {
                frontier.complete[level] = nodes.node(level, (size >> level) - 1);
            }
        }
        return frontier;
    }

    public Frontier copy() {
        return new Frontier(size, Arrays.copyOf(complete, complete.length));
    }

    public long size() {
        return size;
    }

    /** Appends one leaf, and tells the listener of each subtree at a kept level that it completes. */
    public void append(Hash leaf, NodeListener listener) {
        Hash subtree = leaf;
        int level = 0;
        for (Hash left = complete[0]; (size >> level & 1) == 1; left = complete[level]) {
            subtree = hasher.node(present(left), subtree);
            complete[level] = null;
            level++;
            if (level % KEPT_LEVELS == 0) {
                listener.completed(level, size >> level, subtree);
            }
        }
        complete[level] = subtree;
        size++;
    }

    /** Appends the root of a complete subtree, at a size that this subtree's width divides. */
    public void appendSubtree(int level, Hash root) {
        if ((size & (1L << level) - 1) != 0) {
            throw new IllegalArgumentException("a subtree of level " + level + " does not fit at " + size);
        }
        Hash subtree = root;
        int at = level;
        while ((size >> at & 1) == 1) {
            subtree = hasher.node(present(complete[at]), subtree);
            complete[at] = null;
            at++;
        }
        complete[at] = subtree;
        size += 1L << level;
    }

    public Hash root() {
        Hash root = null;
        for (Hash subtree : complete) {
            if (subtree != null) {
                root = root == null ? subtree : hasher.node(subtree, root);
            }
        }
        return root == null ? TreeHasher.emptyRoot() : root;
    }

    private static Hash present(@Nullable Hash hash) {
        if (hash == null) {
            throw new IllegalStateException("the frontier lacks a subtree that its size asks for");
        }
        return hash;
    }

    /** Is told of complete subtrees: the one of {@code level} with {@code index} covers leaves index * 2^level and on. */
    public interface NodeListener {
        NodeListener NONE = (level, index, hash) -> {};

        void completed(int level, long index, Hash hash);
    }
}
