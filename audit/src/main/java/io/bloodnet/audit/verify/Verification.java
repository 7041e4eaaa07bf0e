package io.bloodnet.audit.verify;

import io.bloodnet.audit.ledger.Hash;
import java.util.ArrayList;
import java.util.List;

/** What a check of a log came to. */
public sealed interface Verification {

    /** What to print, one line for each finding, the verdict last. No line holds patient data. */
    List<String> lines();

    /**
     * Every entry is as it was signed.
     *
     * @param entries how many entries the newest checkpoint covers
     * @param root the root over them
     * @param remarks what is not covered by a signature yet
     */
    record Verified(long entries, Hash root, List<String> remarks) implements Verification {
        public Verified {
            remarks = List.copyOf(remarks);
        }

        @Override
        public List<String> lines() {
            List<String> lines = new ArrayList<>(remarks);
            lines.add("entries " + entries + " root " + root.hex() + " verified");
            return List.copyOf(lines);
        }
    }

    /**
     * Something was changed, removed or added.
     *
     * @param firstBad the first entry that cannot be trusted
     * @param lastBad equal to {@code firstBad} when that entry is known exactly, else the end of the range that it lies in
     * @param findings one line each, at least one
     */
    record Changed(long firstBad, long lastBad, List<String> findings) implements Verification {
        public Changed {
            findings = List.copyOf(findings);
        }

        @Override
        public List<String> lines() {
            List<String> lines = new ArrayList<>(findings);
            lines.add("NOT verified, first bad entry: "
                    + (firstBad == lastBad ? "" + firstBad : firstBad + " to " + lastBad));
            return List.copyOf(lines);
        }
    }

    /** It could not be read to the end: nothing is known. */
    record Unreadable(String reason) implements Verification {
        @Override
        public List<String> lines() {
            return List.of("cannot read the log: " + reason);
        }
    }
}
