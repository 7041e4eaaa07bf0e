package io.bloodnet.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.bloodnet.imaging.finding.ModelId;
import io.bloodnet.imaging.order.AccessionNumber;
import io.bloodnet.imaging.order.EhrReferences;
import io.bloodnet.imaging.order.ImagingOrder;
import io.bloodnet.imaging.order.OrderKey;
import io.bloodnet.imaging.order.Origin;
import io.bloodnet.imaging.order.Patient;
import io.bloodnet.imaging.order.PatientId;
import io.bloodnet.imaging.order.Priority;
import io.bloodnet.imaging.order.Procedure;
import io.bloodnet.server.cdshooks.EhrPatient;
import io.bloodnet.server.cdshooks.FlagReads;
import io.bloodnet.server.pipeline.JobState;
import io.bloodnet.server.pipeline.JobStore;
import io.bloodnet.server.store.Database;
import io.bloodnet.server.store.Json;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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

    @ParameterizedTest
    @EnumSource(value = JobState.class, names = "CANCELLED", mode = EnumSource.Mode.EXCLUDE)
    void what_was_filed_is_shown_in_whatever_state_the_study_is_looked_at_again(JobState state, @TempDir Path folder) {
        try (Database database = Database.open("jdbc:h2:file:" + folder.resolve("shown"), "sa", null)) {
            filed(database, state);
            FindingsByPatient findings =
                    new FindingsByPatient(database, new JobStore(), new ModelId("m", "1", "0".repeat(64)));
            EhrPatient patient = new EhrPatient("p1", List.of());
            assertThat(findings.forPatient(patient)).hasSize(1);
            database.inTransaction(handle -> handle.execute("update job set in_doubt = true"));
            assertThat(findings.forPatient(patient))
                    .as("whose it is is in doubt")
                    .isEmpty();
        }
    }

    private static void filed(Database database, JobState state) {
        job(database, "a", state.name(), null, null);
        ImagingOrder order = new ImagingOrder(
                new OrderKey(null, new AccessionNumber("A1"), null, null),
                Patient.known(new PatientId("MRN1", null)),
                null,
                null,
                Procedure.unknown(),
                Priority.STAT,
                null,
                NOW,
                true,
                EhrReferences.none(),
                new Origin(Origin.Channel.HL7, "RIS", "1"));
        String finding =
                "{\"value\":{\"kind\":\"not-analyzed\",\"studyUid\":{\"value\":\"1.2\"},\"reason\":\"NOT_A_HEAD\",\"detail\":\"d\"}}";
        database.inTransaction(handle -> handle.execute(
                "update job set ehr_patient = 'Patient/p1', order_json = ?, finding_json = ?",
                Json.write(order),
                finding));
    }

    private static void job(
            Database database, String id, String state, @Nullable Instant readAt, @Nullable Boolean says) {
        String sql =
                "insert into job (id, state, result, priority, patient_id, order_json, images_complete, instances_seen, overdue, run,"
                        + " attempts, ordered_at, accepted_at, human_read_at, human_says, updated_at)"
                        + " values (:id, :state, :result, 0, 'p', '{}', true, 1, false, 1, 1, :now, :now, :readAt, :says, :now)";
        database.inTransaction(handle -> handle.createUpdate(sql)
                .bind("id", id)
                .bind("state", state)
                .bind("result", state.equals("REPORTED_NEGATIVE") ? "negative" : "positive")
                .bind("now", NOW.atOffset(ZoneOffset.UTC))
                .bind("readAt", readAt == null ? null : readAt.atOffset(ZoneOffset.UTC))
                .bind("says", says)
                .execute());
    }
}
