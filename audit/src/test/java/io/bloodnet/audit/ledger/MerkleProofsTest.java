package io.bloodnet.audit.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class MerkleProofsTest {

    /** The inputs and roots that RFC 6962's reference implementation is tested with. */
    private static final List<String> VECTOR_LEAVES =
            List.of("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f");

    private static final List<String> VECTOR_ROOTS = List.of(
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");

    private static final int LEAVES = 300;
    private static final boolean LONG = Boolean.getBoolean("bloodnet.long");

    private final TreeHasher hasher = new TreeHasher();
    private final List<Hash> leaves = LongStream.range(0, LEAVES)
            .mapToObj(i -> hasher.leaf(("leaf " + i).getBytes(StandardCharsets.UTF_8)))
            .toList();

    @Test
    void computes_the_roots_of_the_rfc_6962_vectors() {
        assertThat(Frontier.empty().root().hex())
                .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        Frontier frontier = Frontier.empty();
        for (int i = 0; i < VECTOR_LEAVES.size(); i++) {
            frontier.append(hasher.leaf(HexFormat.of().parseHex(VECTOR_LEAVES.get(i))), Frontier.NodeListener.NONE);
            assertThat(frontier.root().hex()).as("root of " + (i + 1)).isEqualTo(VECTOR_ROOTS.get(i));
        }
    }

    @Test
    void frontier_has_the_root_of_the_definition_at_every_size_and_tells_the_kept_subtrees() {
        Frontier frontier = Frontier.empty();
        List<String> kept = new ArrayList<>();
        for (int i = 0; i < LEAVES; i++) {
            frontier.append(leaves.get(i), (level, index, hash) -> kept.add(level + "/" + index + "/" + hash));
            assertThat(frontier.root()).isEqualTo(naive(0, i + 1));
            assertThat(Frontier.of(i + 1, this::node).root()).isEqualTo(naive(0, i + 1));
        }
        assertThat(kept).containsExactly("8/0/" + naive(0, 256));
    }

    @Test
    void every_inclusion_proof_holds_and_only_for_its_leaf() {
        for (int size : List.of(1, 2, 3, 4, 5, 7, 8, 13, 64, 100, 255, 256, 257)) {
            for (int index = 0; index < size; index++) {
                List<Hash> path = MerkleProofs.inclusion(index, size, this::node);
                assertThat(MerkleProofs.includes(leaves.get(index), index, size, path, naive(0, size)))
                        .isTrue();
                assertThat(MerkleProofs.includes(leaves.get((index + 1) % LEAVES), index, size, path, naive(0, size)))
                        .isFalse();
            }
        }
    }

    @Test
    void every_consistency_proof_holds() {
        for (int to = 0; to <= 70; to++) {
            for (int from = 0; from <= to; from++) {
                List<Hash> path = MerkleProofs.consistency(from, to, this::node);
                assertThat(MerkleProofs.consistent(from, naive(0, from), to, naive(0, to), path))
                        .as(from + " to " + to)
                        .isTrue();
            }
        }
    }

    @Test
    void no_mutated_proof_is_accepted() {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        int mutations = LONG ? 1_000_000 : 20_000;
        for (int i = 0; i < mutations; i++) {
            int size = 1 + random.nextInt(LEAVES);
            boolean accepted = random.nextBoolean() ? acceptsInclusion(random, size) : acceptsConsistency(random, size);
            assertThat(accepted).as("mutation " + i + " of seed " + seed).isFalse();
        }
    }

    private boolean acceptsInclusion(Random random, int size) {
        int index = random.nextInt(size);
        Hash leaf = leaves.get(index);
        List<Hash> path = new ArrayList<>(MerkleProofs.inclusion(index, size, this::node));
        switch (random.nextInt(path.isEmpty() ? 2 : 3)) {
            case 0 -> leaf = flipped(random, leaf);
            case 1 -> index = otherThan(index, random, size);
            default -> mutate(random, path);
        }
        return MerkleProofs.includes(leaf, index, size, path, naive(0, size));
    }

    private boolean acceptsConsistency(Random random, int size) {
        int from = 1 + random.nextInt(size);
        Hash fromRoot = naive(0, from);
        Hash toRoot = naive(0, size);
        List<Hash> path = new ArrayList<>(MerkleProofs.consistency(from, size, this::node));
        switch (random.nextInt(path.isEmpty() ? 2 : 3)) {
            case 0 -> fromRoot = flipped(random, fromRoot);
            case 1 -> toRoot = flipped(random, toRoot);
            default -> mutate(random, path);
        }
        return MerkleProofs.consistent(from, fromRoot, size, toRoot, path);
    }

    private void mutate(Random random, List<Hash> path) {
        int at = random.nextInt(path.size());
        switch (random.nextInt(4)) {
            case 0 -> path.set(at, flipped(random, path.get(at)));
            case 1 -> path.remove(at);
            case 2 -> path.add(at, leaves.get(random.nextInt(LEAVES)));
            default -> {
                if (path.size() == 1) {
                    path.clear();
                } else {
                    path.add((at + 1) % path.size(), path.remove(at));
                }
            }
        }
    }

    /** Another place; one past the end when there is no other. */
    private static int otherThan(int index, Random random, int size) {
        return size == 1 ? 1 : (index + 1 + random.nextInt(size - 1)) % size;
    }

    private static Hash flipped(Random random, Hash hash) {
        byte[] bytes = hash.bytes();
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        return Hash.of(bytes);
    }

    private Hash node(int level, long index) {
        return naive((int) (index << level), (int) (index + 1 << level));
    }

    private final java.util.Map<Long, Hash> computed = new java.util.HashMap<>();

    /** The definition of RFC 6962 2.1, word by word. */
    private Hash naive(int from, int to) {
        if (from == to) {
            return TreeHasher.emptyRoot();
        }
        if (to - from == 1) {
            return leaves.get(from);
        }
        Hash known = computed.get((long) from << 32 | to);
        if (known != null) {
            return known;
        }
        int split = 1;
        while (split * 2 < to - from) {
            split *= 2;
        }
        Hash root = hasher.node(naive(from, from + split), naive(from + split, to));
        computed.put((long) from << 32 | to, root);
        return root;
    }
}
