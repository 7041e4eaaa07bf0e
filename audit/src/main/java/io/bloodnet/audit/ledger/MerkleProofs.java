package io.bloodnet.audit.ledger;

import java.util.ArrayList;
import java.util.List;

/** Makes proofs (RFC 6962 2.1.1, 2.1.2) and checks them (RFC 9162 2.1.3.2, 2.1.4.2). Safe for all threads. */
public final class MerkleProofs {

    /** No proof over a tree of up to 2^62 leaves is longer. */
    public static final int HASHES_MAX = 64;

    private MerkleProofs() {}

    /** The root of the tree of the first {@code size} leaves. */
    public static Hash root(long size, TreeNodes nodes) {
        return Frontier.of(size, nodes).root();
    }

    /** The path from the leaf at {@code index} to the root of the tree of {@code size} leaves. */
    public static List<Hash> inclusion(long index, long size, TreeNodes nodes) {
        if (index < 0 || index >= size) {
            throw new IllegalArgumentException("no leaf " + index + " in a tree of " + size);
        }
        List<Hash> path = new ArrayList<>();
        inclusion(index, 0, size, nodes, path);
        return List.copyOf(path);
    }

    private static void inclusion(long index, long from, long to, TreeNodes nodes, List<Hash> path) {
        if (to - from == 1) {
            return;
        }
        long middle = from + split(to - from);
        if (index < middle) {
            inclusion(index, from, middle, nodes, path);
            path.add(subtree(middle, to, nodes));
        } else {
            inclusion(index, middle, to, nodes, path);
            path.add(subtree(from, middle, nodes));
        }
    }

    /** That the tree of {@code to} leaves begins with the tree of {@code from} leaves. Empty for from 0 or from = to. */
    public static List<Hash> consistency(long from, long to, TreeNodes nodes) {
        if (from < 0 || from > to) {
            throw new IllegalArgumentException("no consistency from " + from + " to " + to + " leaves");
        }
        if (from == 0 || from == to) {
            return List.of();
        }
        List<Hash> path = new ArrayList<>();
        consistency(from, 0, to, true, nodes, path);
        return List.copyOf(path);
    }

    private static void consistency(long from, long start, long end, boolean whole, TreeNodes nodes, List<Hash> path) {
        if (from == end) {
            if (!whole) {
                path.add(subtree(start, end, nodes));
            }
            return;
        }
        long middle = start + split(end - start);
        if (from <= middle) {
            consistency(from, start, middle, whole, nodes, path);
            path.add(subtree(middle, end, nodes));
        } else {
            consistency(from, middle, end, false, nodes, path);
            path.add(subtree(start, middle, nodes));
        }
    }

    /** True when the leaf is the one at {@code index} of the tree of {@code size} leaves with this root. */
    public static boolean includes(Hash leaf, long index, long size, List<Hash> path, Hash root) {
        if (index < 0 || index >= size || path.size() > HASHES_MAX) {
            return false;
        }
        TreeHasher hasher = new TreeHasher();
        long node = index;
        long last = size - 1;
        Hash hash = leaf;
        for (Hash sibling : path) {
            if (last == 0) {
                return false;
            }
            if ((node & 1) == 1 || node == last) {
                hash = hasher.node(sibling, hash);
                int up = (node & 1) == 1 ? 0 : Long.numberOfTrailingZeros(node);
                node >>= up;
                last >>= up;
            } else {
                hash = hasher.node(hash, sibling);
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0 && hash.equals(root);
    }

    /** True when the tree of {@code to} leaves with {@code toRoot} begins with the tree of {@code from} leaves with {@code fromRoot}. */
    public static boolean consistent(long from, Hash fromRoot, long to, Hash toRoot, List<Hash> path) {
        if (from < 0 || from > to || path.size() > HASHES_MAX) {
            return false;
        }
        if (from == to) {
            return path.isEmpty() && fromRoot.equals(toRoot);
        }
        if (from == 0) {
            return path.isEmpty() && fromRoot.equals(TreeHasher.emptyRoot());
        }
        boolean fromIsSubtree = Long.bitCount(from) == 1;
        if (path.isEmpty() && !fromIsSubtree) {
            return false;
        }
        return foldConsistency(from, fromRoot, to, toRoot, path, fromIsSubtree);
    }

    private static boolean foldConsistency(
            long from, Hash fromRoot, long to, Hash toRoot, List<Hash> path, boolean fromIsSubtree) {
        TreeHasher hasher = new TreeHasher();
        int up = Long.numberOfTrailingZeros(from);
        long node = from - 1 >> up;
        long last = to - 1 >> up;
        Hash old = fromIsSubtree ? fromRoot : path.getFirst();
        Hash grown = old;
        for (Hash sibling : fromIsSubtree ? path : path.subList(1, path.size())) {
            if (last == 0) {
                return false;
            }
            if ((node & 1) == 1 || node == last) {
                old = hasher.node(sibling, old);
                grown = hasher.node(sibling, grown);
                while ((node & 1) == 0 && node != 0) {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                grown = hasher.node(grown, sibling);
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0 && old.equals(fromRoot) && grown.equals(toRoot);
    }

    /** The root over leaves {@code from} to {@code to - 1}, where {@code from} is a multiple of the next power of two. */
    private static Hash subtree(long from, long to, TreeNodes nodes) {
        long width = to - from;
        if (Long.bitCount(width) == 1) {
            int level = Long.numberOfTrailingZeros(width);
            return nodes.node(level, from >> level);
        }
        long middle = from + split(width);
        return new TreeHasher().node(subtree(from, middle, nodes), subtree(middle, to, nodes));
    }

    /** The largest power of two smaller than {@code width} (RFC 6962 2.1). */
    private static long split(long width) {
        return Long.highestOneBit(width - 1);
    }
}
