package io.bloodnet.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.imaging.finding.ModelId;
import io.bloodnet.server.cdshooks.FlagReads;
import io.bloodnet.server.pipeline.JobStore;
import io.bloodnet.server.store.Database;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FindingsByPatientTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    @Test
    void counts_final_reports_on_positive_findings_since_a_day(@TempDir Path folder) {
        try (Database database = Database.open("jdbc:h2:file:" + folder.resolve("reads"), "sa", null)) {
            job(database, "a", "REPORTED_POSITIVE", NOW, true);
            job(database, "b", "REPORTED_POSITIVE", NOW, false);
            job(database, "c", "REPORTED_POSITIVE", NOW, true);
            job(database, "we-cannot-tell", "REPORTED_POSITIVE", NOW, null);
            job(database, "too-old", "REPORTED_POSITIVE", NOW.minusSeconds(1), false);
            job(database, "not-read", "REPORTED_POSITIVE", null, null);
            job(database, "negative", "REPORTED_NEGATIVE", NOW, true);
            FlagReads reads = new FindingsByPatient(database, new JobStore(), new ModelId("m", "1", "0".repeat(64)));
            assertThat(reads.since(NOW)).isEqualTo(new FlagReads.Reads(2, 1));
            assertThat(reads.since(NOW.plusSeconds(1))).isEqualTo(new FlagReads.Reads(0, 0));
        }
    }

    private static void job(
            Database database, String id, String state, @Nullable Instant readAt, @Nullable Boolean says) {
        String sql =
                "insert into job (id, state, priority, patient_id, order_json, images_complete, instances_seen, overdue, run,"
                        + " attempts, ordered_at, accepted_at, human_read_at, human_says, updated_at)"
                        + " values (:id, :state, 0, 'p', '{}', true, 1, false, 1, 1, :now, :now, :readAt, :says, :now)";
        database.inTransaction(handle -> handle.createUpdate(sql)
                .bind("id", id)
                .bind("state", state)
                .bind("now", NOW.atOffset(ZoneOffset.UTC))
                .bind("readAt", readAt == null ? null : readAt.atOffset(ZoneOffset.UTC))
                .bind("says", says)
                .execute());
    }
}
