package io.bloodnet.audit.store;

import io.bloodnet.audit.AuditFault;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the log is, for health checks and the integrity page.
 *
 * @param origin the log's name in its checkpoints
 * @param size entries with a place, as this server knows it
 * @param signedSize entries under the newest checkpoint that this server knows
 * @param signedAt when this server last signed; absent before
 * @param fault what keeps the log from being written now; absent when all is well
 * @param anchors what each place outside the database last said
 * @param unsigned how long the oldest entry or event that is not under a checkpoint has waited, as this server knows it
 */
public record LedgerStatus(
        String origin,
        long size,
        long signedSize,
        @Nullable Instant signedAt,
        @Nullable AuditFault fault,
        List<AnchorStatus> anchors,
        Duration unsigned) {

    public LedgerStatus {
        anchors = List.copyOf(anchors);
    }

    public boolean isWritable() {
        return fault == null;
    }

    /** The state of one anchor; {@code keptSize} is 0 before the first checkpoint was kept, {@code problem} is absent when all is well. */
    public record AnchorStatus(
            String name, long keptSize, @Nullable String problem) {}
}
