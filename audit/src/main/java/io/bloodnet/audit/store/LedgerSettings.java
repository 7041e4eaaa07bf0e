package io.bloodnet.audit.store;

import io.bloodnet.audit.anchor.Anchor;
import io.bloodnet.audit.anchor.FileAnchor;
import io.bloodnet.audit.ledger.KeyFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * How one server writes the log.
 *
 * @param node this server's name, which stands in every line that it writes
 * @param keyFile where the signing key is; made on the first start
 * @param anchors where copies of checkpoints go outside the database
 * @param requireAppendOnly refuse to start when the database user could change or delete entries (PostgreSQL)
 */
public record LedgerSettings(String node, KeyFile keyFile, List<Anchor> anchors, boolean requireAppendOnly) {

    /** Entries are under a signed checkpoint after at most a second: this, a poll and a commit. */
    static final Duration CHECKPOINT_INTERVAL = Duration.ofMillis(750);
    /** ... or after this many entries, whichever is first. */
    static final int CHECKPOINT_ENTRIES = 1_000;
    /** How often the database is asked for events that callers committed. */
    static final Duration POLL_INTERVAL = Duration.ofMillis(100);
    /** A commit of many waits no longer than this for those that it expects, nor longer than a quarter of the last commit's time. */
    static final Duration COMPANY_WAIT_MAX = Duration.ofMillis(2);
    /** Entries that one transaction takes. */
    static final int BATCH_MAX = 1_000;
    /** Events that wait in memory; more are refused. */
    static final int QUEUE_MAX = 10_000;
    /** A caller waits no longer for its event to be durable. */
    static final Duration RECORD_TIMEOUT = Duration.ofSeconds(10);
    /** When entries could not be sequenced and signed for this long, nothing more is taken. */
    static final Duration STALL_MAX = Duration.ofSeconds(10);

    public LedgerSettings {
        Objects.requireNonNull(keyFile, "keyFile");
        if (node.isEmpty() || node.length() > 100) {
            throw new IllegalArgumentException("node must have 1 to 100 characters, has " + node.length());
        }
        anchors = List.copyOf(anchors);
    }

    /** The usual: the anchor is the file {@code KEYFILE.checkpoint} beside the key. */
    public static LedgerSettings of(String node, Path keyFile) {
        Path anchor = keyFile.resolveSibling(keyFile.getFileName() + ".checkpoint");
        return new LedgerSettings(node, new KeyFile(keyFile), List.of(new FileAnchor(anchor)), false);
    }

    public LedgerSettings withAnchors(List<Anchor> value) {
        return new LedgerSettings(node, keyFile, value, requireAppendOnly);
    }

    public LedgerSettings withRequireAppendOnly(boolean value) {
        return new LedgerSettings(node, keyFile, anchors, value);
    }
}
