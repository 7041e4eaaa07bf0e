package io.bloodnet.audit.verify;

import io.bloodnet.audit.ledger.Hash;
import io.bloodnet.audit.ledger.LineFields;
import io.bloodnet.audit.ledger.MalformedNoteException;
import io.bloodnet.audit.ledger.TreeHasher;
import io.bloodnet.audit.verify.VerifierTables.Entry;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What an entry in the database says of itself, without its neighbours: so that many threads can find it out.
 *
 * @param seq its place
 * @param computed the leaf hash of its line
 * @param claimed the leaf hash that the database has; {@code computed} where that is no hash
 * @param hashed whether the database has the line's hash
 * @param fault what else does not hold; absent when all does
 */
record Examined(
        long seq,
        Hash computed,
        Hash claimed,
        boolean hashed,
        @Nullable String fault) {

    /** Entries that one thread looks at, one after another. */
    private static final int SLICE = 256;

    /** Examines entries on all cores, keeping their order. */
    static List<Examined> all(List<Entry> entries) {
        int slices = (entries.size() + SLICE - 1) / SLICE;
        return IntStream.range(0, slices)
                .parallel()
                .mapToObj(slice -> entries.subList(slice * SLICE, Math.min(entries.size(), (slice + 1) * SLICE)))
                .flatMap(Examined::slice)
                .toList();
    }

    private static Stream<Examined> slice(List<Entry> entries) {
        TreeHasher hasher = new TreeHasher();
        return entries.stream().map(entry -> of(entry, hasher));
    }

    private static Examined of(Entry entry, TreeHasher hasher) {
        Hash computed = hasher.leaf(entry.line());
        boolean hashed = computed.hex().equals(entry.leafHash());
        Hash claimed = hashed ? computed : claimed(entry, computed);
        return new Examined(entry.seq(), computed, claimed, hashed, fault(entry));
    }

    private static Hash claimed(Entry entry, Hash computed) {
        try {
            return Hash.ofHex(entry.leafHash());
        } catch (IllegalArgumentException e) {
            return computed;
        }
    }

    private static @Nullable String fault(Entry entry) {
        try {
            LineFields fields = LineFields.of(entry.line());
            if (fields.seq() != entry.seq()) {
                return "the line says it is entry " + fields.seq();
            }
            return fields.equals(entry.columns()) ? null : "the columns for searching do not say what the line says";
        } catch (MalformedNoteException e) {
            return "the line is not an entry";
        }
    }
}
