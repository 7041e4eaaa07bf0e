package io.bloodnet.audit.verify;

import io.bloodnet.audit.ledger.Hash;
import java.util.ArrayList;
import java.util.List;

/** Collects what does not hold and what is only worth saying. Used by one thread. */
final class Findings {

    /** More findings are counted, not listed: a log that is wrong everywhere need not fill a disk. */
    static final int LISTED_MAX = 200;

    private final List<String> findings = new ArrayList<>();
    private final List<String> remarks = new ArrayList<>();
    private long count;
    private long first = Long.MAX_VALUE;
    private long last = Long.MAX_VALUE;

    /** This very entry is bad. */
    void entry(long seq, String what) {
        range(seq, seq, "entry " + seq + ": " + what);
    }

    /** One of these entries, at least, is bad. */
    void entries(long from, long to, String what) {
        range(from, to, "entries " + from + " to " + to + ": " + what);
    }

    private void range(long from, long to, String line) {
        count++;
        if (findings.size() < LISTED_MAX) {
            findings.add(line);
        }
        // The tightest claim about the first bad entry: the range that ends first; of two that end together, the one
        // that starts later.
        if (to < last || to == last && from > first) {
            first = from;
            last = to;
        }
    }

    void remark(String line) {
        remarks.add(line);
    }

    boolean any() {
        return count > 0;
    }

    Verification verdict(long entries, Hash root) {
        if (!any()) {
            return new Verification.Verified(entries, root, remarks);
        }
        List<String> lines = new ArrayList<>(findings);
        if (count > findings.size()) {
            lines.add("and " + (count - findings.size()) + " more findings");
        }
        lines.addAll(remarks);
        return new Verification.Changed(first, last, lines);
    }
}
