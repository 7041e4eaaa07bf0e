package io.bloodnet.audit.verify;

import io.bloodnet.audit.ledger.Checkpoint;
import io.bloodnet.audit.ledger.Frontier;
import io.bloodnet.audit.ledger.Hash;
import io.bloodnet.audit.ledger.MalformedNoteException;
import io.bloodnet.audit.ledger.PublicKeys;
import io.bloodnet.audit.ledger.SignedNote;
import io.bloodnet.audit.ledger.TreeHasher;
import io.bloodnet.audit.verify.VerifierTables.Page;
import io.bloodnet.audit.verify.VerifierTables.StoredCosignature;
import io.bloodnet.audit.verify.VerifierTables.StoredNote;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One check of the log in a database, from the first entry to the last. Everything is computed again from the lines; what the database
 * says beside them (hashes, subtrees, search columns) is compared, and serves to tell where a change is. Used once, by one thread.
 */
final class DatabaseVerifier {

    /** A log that is written is never more than this behind with signing: a batch after a checkpoint's worth. */
    private static final long UNSIGNED_MAX = 3_000;

    private static final int TOP_KEPT_LEVEL = 56;

    private final VerifierTables tables;
    private final PublicKeys trusted;
    private final Map<String, PublicKeys> witnesses;
    private final Findings findings = new Findings();
    private final Frontier tree = Frontier.empty();
    /** Checkpoints that the anchors remember, smallest first. */
    private final Deque<Claim> anchored;

    /** What was read and not yet checked, and the stored subtrees that end among it. */
    private final Deque<Examined> examined = new ArrayDeque<>();

    private Page page = new Page(List.of(), Map.of());
    private @Nullable Ahead ahead;

    private @Nullable String origin;
    /** The entry that is checked next. */
    private long next;

    private long size;
    private long signedSize;
    private Hash signedRoot = TreeHasher.emptyRoot();
    /** The largest size up to which everything added up to a signed root. */
    private long soundUpTo;
    /** False once the tree cannot be right any more: then comparing roots says nothing new. */
    private boolean comparable = true;

    private long anchoredUpTo;
    /** Entries before this one are in an archive. */
    private long closedUpTo;

    private enum Where {
        DATABASE("the checkpoint"),
        ANCHOR("the anchored checkpoint");

        private final String words;

        Where(String words) {
            this.words = words;
        }
    }

    private record Claim(Where where, SignedNote note, Checkpoint checkpoint) {}

    DatabaseVerifier(
            VerifierTables tables, PublicKeys trusted, List<SignedNote> anchors, Map<String, PublicKeys> witnesses) {
        this.tables = tables;
        this.trusted = trusted;
        this.witnesses = witnesses;
        anchored = new ArrayDeque<>(anchors.stream()
                .map(note -> new Claim(Where.ANCHOR, note, Checkpoint.parse(note.text())))
                .sorted((a, b) ->
                        Long.compare(a.checkpoint().size(), b.checkpoint().size()))
                .toList());
    }

    Verification run() throws SQLException {
        origin = tables.origin().orElse(null);
        size = tables.size();
        skipClosed();
        long read = -1;
        for (List<StoredNote> page = tables.checkpointsAfter(read);
                !page.isEmpty();
                page = tables.checkpointsAfter(read)) {
            for (StoredNote stored : page) {
                read = stored.size();
                checkStored(stored);
            }
        }
        advanceTo(size);
        checkAnchorsUpTo(Long.MAX_VALUE);
        for (Map.Entry<String, PublicKeys> witness : witnesses.entrySet()) {
            checkWitness(witness.getKey(), witness.getValue());
        }
        return verdict();
    }

    /** Entries that were moved to an archive are stood for by the roots of their subtrees, when an entry of the log says so. */
    private void skipClosed() throws SQLException {
        long first = tables.firstSeq();
        if (first == 0 || first % (1L << Frontier.KEPT_LEVELS) != 0 || !tables.isClosedBefore(first)) {
            return;
        }
        for (int level = TOP_KEPT_LEVEL; level > 0; level -= Frontier.KEPT_LEVELS) {
            while (first - tree.size() >= 1L << level) {
                String root = tables.readNode(level, tree.size() >> level);
                if (root == null) {
                    return;
                }
                tree.appendSubtree(level, Hash.ofHex(root));
            }
        }
        next = first;
        closedUpTo = first;
        findings.remark("entries 0 to " + (first - 1) + " were moved to an archive: only their hashes were checked");
    }

    private void checkStored(StoredNote stored) throws SQLException {
        signedSize = stored.size();
        advanceTo(stored.size());
        try {
            SignedNote note = SignedNote.parse(stored.note());
            Checkpoint checkpoint = Checkpoint.parse(note.text());
            if (checkpoint.size() == stored.size() && note.format().equals(stored.note())) {
                signedRoot = checkpoint.root();
                check(new Claim(Where.DATABASE, note, checkpoint));
                return;
            }
        } catch (MalformedNoteException e) {
            // Reported below, like a note that stands at a wrong size.
        }
        long end = Math.max(0, stored.size() - 1);
        findings.entries(Math.min(soundUpTo, end), end, "the checkpoint over " + stored.size() + " was changed");
    }

    /** A witness cosigns only what follows from all that it saw: its newest signature speaks for the whole log up to there. */
    private void checkWitness(String name, PublicKeys keys) throws SQLException {
        StoredCosignature newest = tables.newestCosignature(name).orElse(null);
        if (newest == null) {
            findings.entries(0, Math.max(0, size - 1), "witness " + name + " cosigned no checkpoint");
            return;
        }
        if (!isCosigned(newest, name, keys)) {
            findings.entries(
                    0,
                    Math.max(0, newest.size() - 1),
                    "the cosignature of witness " + name + " under the checkpoint over " + newest.size()
                            + " does not hold");
            return;
        }
        findings.remark("witness " + name + " cosigned " + newest.size() + " of " + signedSize + " signed entries");
    }

    private static boolean isCosigned(StoredCosignature stored, String name, PublicKeys keys) {
        try {
            SignedNote note = SignedNote.parse(stored.note());
            return keys.cosigned(note.with(SignedNote.Signature.parse(stored.line())), name);
        } catch (MalformedNoteException e) {
            return false;
        }
    }

    private Verification verdict() throws SQLException {
        long unsigned = size - signedSize;
        if (size > 0 && signedSize == 0 || unsigned > UNSIGNED_MAX) {
            findings.entries(signedSize, size - 1, "no signed checkpoint covers them");
        } else if (unsigned > 0) {
            findings.remark(unsigned + " entries after these are not yet under a signed checkpoint");
        }
        if (!findings.any() && tables.nodes() != expectedNodes()) {
            findings.entries(soundUpTo, Math.max(soundUpTo, size - 1), "the stored subtrees are not those of this log");
        }
        long pending = tables.pending();
        if (pending > 0) {
            findings.remark(pending + " events have no place in the log yet");
        }
        return findings.verdict(signedSize, signedRoot);
    }

    private long expectedNodes() {
        long nodes = 0;
        for (int level = Frontier.KEPT_LEVELS; level < Long.SIZE - 1; level += Frontier.KEPT_LEVELS) {
            nodes += size >> level;
        }
        return nodes;
    }

    /** Reads and checks entries until the tree has this size, comparing anchors on the way. */
    private void advanceTo(long target) throws SQLException {
        while (next < Math.min(target, size)) {
            checkAnchorsUpTo(next);
            Examined entry = peek();
            missing(next, entry.seq() - 1);
            check(entry);
            next = entry.seq() + 1;
            examined.remove();
        }
        checkAnchorsUpTo(Math.min(next, target));
    }

    /** The next entry that is there. There is one, since the size is one more than the last. */
    private Examined peek() throws SQLException {
        while (examined.isEmpty()) {
            turnPage();
        }
        return examined.element();
    }

    /** While other threads examine one page, this one reads the next. */
    private void turnPage() throws SQLException {
        Ahead current = ahead == null ? readAhead(next) : ahead;
        ahead = current.end() < size ? readAhead(current.end()) : null;
        page = current.page();
        examined.addAll(current.examined().join());
    }

    private Ahead readAhead(long from) throws SQLException {
        long end = from + VerifierTables.PAGE;
        Page read = tables.page(from, end);
        return new Ahead(end, read, CompletableFuture.supplyAsync(() -> Examined.all(read.entries())));
    }

    /** A page that was read up to {@code end}, and what becomes known of its entries. */
    private record Ahead(long end, Page page, CompletableFuture<List<Examined>> examined) {}

    private void missing(long from, long to) {
        if (from == to) {
            findings.entry(from, "missing");
        } else if (from < to) {
            findings.entries(from, to, "missing");
        }
        if (from <= to) {
            comparable = false;
        }
    }

    private void check(Examined entry) {
        if (!entry.hashed()) {
            findings.entry(entry.seq(), "the line is not the one that was hashed");
        }
        if (entry.fault() != null) {
            findings.entry(entry.seq(), entry.fault());
        }
        if (comparable) {
            // With the stored hash the roots may still add up, which shows that this line alone was changed.
            tree.append(entry.claimed(), this::checkNode);
        }
    }

    private void checkNode(int level, long index, Hash computed) {
        long first = index << level;
        long last = (index + 1 << level) - 1;
        String stored = page.node(level, index);
        if (!computed.hex().equals(stored)) {
            findings.entries(
                    Math.max(first, soundUpTo),
                    Math.max(last, soundUpTo),
                    "they do not add up to the stored hash of their subtree");
        }
    }

    private void checkAnchorsUpTo(long upTo) {
        while (!anchored.isEmpty() && anchored.getFirst().checkpoint().size() <= upTo) {
            check(anchored.remove());
        }
    }

    private void check(Claim claim) {
        Checkpoint checkpoint = claim.checkpoint();
        String what = claim.where().words + " over " + checkpoint.size() + " entries";
        // Whoever has the key signs other checkpoints in the database: then only anchors that hold show up to where all
        // is sound.
        long end = Math.max(0, checkpoint.size() - 1);
        long sound = Math.min(claim.where() == Where.ANCHOR ? anchoredUpTo : soundUpTo, end);
        if (!checkpoint.origin().equals(origin)) {
            findings.entries(sound, end, what + " is of another log");
        } else if (!trusted.signed(claim.note(), checkpoint.origin())) {
            findings.entries(sound, end, what + " is not signed by a trusted key");
        } else if (checkpoint.size() > size) {
            findings.entries(size, checkpoint.size() - 1, "missing at the end: " + what + " was signed");
        } else if (checkpoint.size() < closedUpTo) {
            return;
        } else if (comparable && !tree.root().equals(checkpoint.root())) {
            findings.entries(sound, end, "they do not add up to " + what);
            comparable = false;
        } else if (comparable) {
            soundUpTo = checkpoint.size();
            anchoredUpTo = claim.where() == Where.ANCHOR ? checkpoint.size() : anchoredUpTo;
        }
    }
}
