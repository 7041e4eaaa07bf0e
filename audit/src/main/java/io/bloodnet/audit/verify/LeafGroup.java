package io.bloodnet.audit.verify;

import io.bloodnet.audit.ledger.EntryLine;
import io.bloodnet.audit.ledger.Frontier;
import io.bloodnet.audit.ledger.Hash;
import io.bloodnet.audit.ledger.TreeHasher;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Some lines of an export, hashed by one thread.
 *
 * @param first the place of the first
 * @param leaves their leaf hashes
 * @param misplaced the places at which a line of another entry stands
 * @param root the root over the leaves when they are a subtree of the log's tree; absent when not
 */
record LeafGroup(
        long first,
        List<Hash> leaves,
        List<Long> misplaced,
        @Nullable Hash root) {

    private static final int LEVEL = Frontier.KEPT_LEVELS;
    private static final int SIZE = 1 << LEVEL;

    /**
     * Hashes lines on all cores, in groups that end where subtrees of {@value #LEVEL} levels do.
     *
     * @param first the place of the first line, which begins where the buffer does
     * @param ends where in the buffer the lines' line feeds are
     */
    static List<LeafGroup> all(long first, byte[] buffer, int[] ends) {
        // The first group may be short: then the others begin where subtrees begin.
        int lead = (int) (first & SIZE - 1);
        int groups = (lead + ends.length + SIZE - 1) / SIZE;
        return IntStream.range(0, groups)
                .parallel()
                .mapToObj(group -> of(
                        first,
                        buffer,
                        ends,
                        Math.max(0, group * SIZE - lead),
                        Math.min(ends.length, (group + 1) * SIZE - lead)))
                .toList();
    }

    private static LeafGroup of(long first, byte[] buffer, int[] ends, int from, int to) {
        TreeHasher hasher = new TreeHasher();
        List<Hash> leaves = new ArrayList<>(to - from);
        List<Long> misplaced = new ArrayList<>();
        for (int i = from; i < to; i++) {
            int start = i == 0 ? 0 : ends[i - 1] + 1;
            leaves.add(hasher.leaf(buffer, start, ends[i] - start));
            if (!EntryLine.hasSeq(buffer, start, ends[i] - start, first + i)) {
                misplaced.add(first + i);
            }
        }
        return new LeafGroup(first + from, leaves, misplaced, to - from == SIZE ? root(leaves) : null);
    }

    private static Hash root(List<Hash> leaves) {
        Frontier subtree = Frontier.empty();
        leaves.forEach(leaf -> subtree.append(leaf, Frontier.NodeListener.NONE));
        return subtree.root();
    }

    void appendTo(Frontier tree) {
        if (root != null) {
            tree.appendSubtree(LEVEL, root);
        } else {
            leaves.forEach(leaf -> tree.append(leaf, Frontier.NodeListener.NONE));
        }
    }
}
