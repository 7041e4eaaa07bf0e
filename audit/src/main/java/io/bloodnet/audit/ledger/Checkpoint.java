package io.bloodnet.audit.ledger;

import java.util.List;

/**
 * What the log claims to be: this many entries with this root (C2SP tlog-checkpoint).
 *
 * @param origin the log's name, unique in the world
 * @param size how many entries
 * @param root the RFC 6962 root over them
 */
public record Checkpoint(String origin, long size, Hash root) {

    public Checkpoint {
        SignedNote.requireName(origin);
        if (size < 0) {
            throw new IllegalArgumentException("a log's size is not negative");
        }
    }

    /** The text that is signed: three lines, each ended by a line feed. */
    public String text() {
        return origin + "\n" + size + "\n" + root.base64() + "\n";
    }

    /** @throws MalformedNoteException when it is not the text of a checkpoint */
    public static Checkpoint parse(String text) {
        List<String> lines = text.lines().toList();
        if (lines.size() < 3 || !text.endsWith("\n")) {
            throw new MalformedNoteException("a checkpoint has at least three lines");
        }
        if (!lines.get(1).matches("0|[1-9][0-9]{0,17}")) {
            throw new MalformedNoteException("the checkpoint's second line is not a size");
        }
        try {
            return new Checkpoint(lines.getFirst(), Long.parseLong(lines.get(1)), Hash.ofBase64(lines.get(2)));
        } catch (IllegalArgumentException e) {
            throw new MalformedNoteException("the checkpoint is malformed: " + e.getMessage());
        }
    }
}
