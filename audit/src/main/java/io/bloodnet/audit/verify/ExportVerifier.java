package io.bloodnet.audit.verify;

import io.bloodnet.audit.ledger.Checkpoint;
import io.bloodnet.audit.ledger.EntryLine;
import io.bloodnet.audit.ledger.Frontier;
import io.bloodnet.audit.ledger.Hash;
import io.bloodnet.audit.ledger.MalformedNoteException;
import io.bloodnet.audit.ledger.PublicKeys;
import io.bloodnet.audit.ledger.SignedNote;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One check of an export. Used once, by one thread. */
final class ExportVerifier {

    /** Read at once: enough for all cores to be busy with. */
    private static final int BUFFER_BYTES = 1 << 22;
    /** Four bytes for each character of the longest line. */
    private static final int LINE_BYTES_MAX = 4 * EntryLine.CHARS_MAX;

    private final ExportFiles files;
    private final PublicKeys trusted;
    private final Map<String, PublicKeys> witnesses;
    private final boolean locating;
    private final Findings findings = new Findings();
    private final Frontier tree = Frontier.empty();

    private long lines;

    /** @param locating whether to tell which lines were changed, where the leaf hashes allow it; takes longer */
    ExportVerifier(Path file, PublicKeys trusted, Map<String, PublicKeys> witnesses, boolean locating) {
        this.witnesses = witnesses;
        this.files = ExportFiles.of(file);
        this.trusted = trusted;
        this.locating = locating;
    }

    Verification run() throws IOException {
        SignedNote note = readCheckpoint();
        Checkpoint checkpoint = Checkpoint.parse(note.text());
        if (!trusted.signed(note, checkpoint.origin())) {
            findings.entries(0, Math.max(0, checkpoint.size() - 1), "the checkpoint is not signed by a trusted key");
        }
        witnesses.forEach((name, keys) -> {
            if (!keys.cosigned(note, name)) {
                findings.entries(
                        0, Math.max(0, checkpoint.size() - 1), "the checkpoint is not cosigned by witness " + name);
            }
        });
        try (InputStream hints = openLeaves(checkpoint);
                InputStream in = Files.newInputStream(files.entries())) {
            readLines(in, hints);
        }
        if (lines < checkpoint.size()) {
            findings.entries(lines, checkpoint.size() - 1, "missing at the end");
        } else if (lines > checkpoint.size()) {
            findings.entries(checkpoint.size(), lines - 1, "not covered by the checkpoint");
        } else if (!tree.root().equals(checkpoint.root())) {
            findings.entries(0, Math.max(0, lines - 1), "they do not add up to the checkpoint");
        }
        return findings.verdict(checkpoint.size(), checkpoint.root());
    }

    private SignedNote readCheckpoint() throws IOException {
        if (Files.size(files.checkpoint()) > SignedNote.CHARS_MAX) {
            throw new MalformedNoteException("the checkpoint file is too long");
        }
        return SignedNote.parse(Files.readString(files.checkpoint()));
    }

    /** The leaf hashes, when they are there and add up to the signed root themselves: only then do they say which line was changed. */
    private @Nullable InputStream openLeaves(Checkpoint checkpoint) throws IOException {
        if (!locating
                || !Files.exists(files.leaves())
                || Files.size(files.leaves()) != checkpoint.size() * Hash.BYTES) {
            return null;
        }
        Frontier claimed = Frontier.empty();
        try (InputStream in = leaves()) {
            for (long i = 0; i < checkpoint.size(); i++) {
                claimed.append(Hash.of(in.readNBytes(Hash.BYTES)), Frontier.NodeListener.NONE);
            }
        }
        return claimed.root().equals(checkpoint.root()) ? leaves() : null;
    }

    private InputStream leaves() throws IOException {
        return new BufferedInputStream(Files.newInputStream(files.leaves()), BUFFER_BYTES);
    }

    private void readLines(InputStream in, @Nullable InputStream hints) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        int filled = 0;
        for (int read = in.readNBytes(buffer, 0, buffer.length);
                read > 0;
                read = in.readNBytes(buffer, filled, buffer.length - filled)) {
            filled += read;
            int[] ends = lineFeeds(buffer, filled);
            check(LeafGroup.all(lines, buffer, ends), hints);
            int start = ends.length == 0 ? 0 : ends[ends.length - 1] + 1;
            System.arraycopy(buffer, start, buffer, 0, filled - start);
            filled -= start;
            if (filled > LINE_BYTES_MAX) {
                throw new MalformedNoteException("line " + lines + " is longer than " + LINE_BYTES_MAX + " bytes");
            }
        }
        if (filled > 0) {
            findings.entry(lines, "the last line does not end with a line feed");
        }
    }

    private static int[] lineFeeds(byte[] buffer, int filled) {
        int[] ends = new int[1_024];
        int count = 0;
        for (int i = 0; i < filled; i++) {
            if (buffer[i] == '\n') {
                if (count == ends.length) {
                    ends = Arrays.copyOf(ends, 2 * count);
                }
                ends[count++] = i;
            }
        }
        return Arrays.copyOf(ends, count);
    }

    private void check(List<LeafGroup> groups, @Nullable InputStream hints) throws IOException {
        for (LeafGroup group : groups) {
            for (long seq : group.misplaced()) {
                findings.entry(seq, "the line is not the one of this entry");
            }
            if (hints != null) {
                compare(group, hints);
            }
            group.appendTo(tree);
            lines += group.leaves().size();
        }
    }

    private void compare(LeafGroup group, InputStream hints) throws IOException {
        for (int i = 0; i < group.leaves().size(); i++) {
            byte[] hint = hints.readNBytes(Hash.BYTES);
            if (hint.length == Hash.BYTES
                    && !Arrays.equals(hint, group.leaves().get(i).bytes())) {
                findings.entry(group.first() + i, "the line was changed");
            }
        }
    }
}
